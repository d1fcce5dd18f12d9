"""The model of a firm with no history: the policy's prior, which answers and abstains."""

from __future__ import annotations

import numpy as np

from mlscore.scoring.model.calibration import Sigmoid
from mlscore.scoring.model.far import Far
from mlscore.scoring.model.fitted import FittedModel
from mlscore.scoring.model.members import Rates
from mlscore.scoring.model.profit import stated_profit
from mlscore.scoring.policy import Policy
from mlscore.scoring.verdict import CELLS

PRIOR_VERSION = "prior"


def prior_model(policy: Policy) -> FittedModel:
    """Return the model before any deal has closed: the prior share everywhere, as wide as the prior is weak."""
    prior = policy.prior
    rates = Rates(
        deals=np.zeros(CELLS), positives=np.zeros(CELLS), base=prior.profitable_share, worth=prior.worth_deals
    )
    spread = 1.0 / np.sqrt(prior.worth_deals * prior.profitable_share * (1.0 - prior.profitable_share))
    return FittedModel(
        version=PRIOR_VERSION,
        policy=policy,
        vocabularies={},
        features=(),
        members=((1.0, rates),),
        calibration=Sigmoid(),
        spread_at=np.array([0.0]),
        spread_below=np.array([1.645 * spread]),
        spread_above=np.array([1.645 * spread]),
        profit=stated_profit(),
        rates=rates,
        far=Far(least=np.zeros(0), most=np.zeros(0)),
        label=policy.training.label,
        simulated=False,
        why_unapproved="abstain.prior_only",
    )
