"""The fitted model as a scorer: columns in, probabilities with their doubts out; no library that fits models."""

from mlscore.scoring.model.calibration import Calibration, Knots, Sigmoid
from mlscore.scoring.model.design import Design
from mlscore.scoring.model.far import Far
from mlscore.scoring.model.fitted import FittedModel, ModelAnswers
from mlscore.scoring.model.members import Inputs, Linear, Member, Rates
from mlscore.scoring.model.prior import prior_model
from mlscore.scoring.model.profit import PartedProfit, Profit, Ratio, SameRatio, stated_profit
from mlscore.scoring.model.stages import Boosted, Staged

__all__ = [
    "Boosted",
    "Calibration",
    "Design",
    "Far",
    "FittedModel",
    "Inputs",
    "Knots",
    "Linear",
    "Member",
    "ModelAnswers",
    "PartedProfit",
    "Profit",
    "Rates",
    "Ratio",
    "SameRatio",
    "Sigmoid",
    "Staged",
    "prior_model",
    "stated_profit",
]
