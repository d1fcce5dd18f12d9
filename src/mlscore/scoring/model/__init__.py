"""The fitted model as a scorer: columns in, probabilities with their doubts out; no library that fits models."""

from mlscore.scoring.model.calibration import Calibration, Knots, Sigmoid
from mlscore.scoring.model.fitted import Far, FittedModel, ModelAnswers
from mlscore.scoring.model.members import Inputs, Linear, Member, Rates
from mlscore.scoring.model.prior import prior_model

__all__ = [
    "Calibration",
    "Far",
    "FittedModel",
    "Inputs",
    "Knots",
    "Linear",
    "Member",
    "ModelAnswers",
    "Rates",
    "Sigmoid",
    "prior_model",
]
