"""What the pure profit predictors say."""

import numpy as np

from mlscore.scoring.deal import Deals
from mlscore.scoring.model import prior_model
from mlscore.scoring.model.fitted import MeanProfit
from mlscore.scoring.policy import default_policy
from mlscore.scoring.verdict import judge


def test_a_mean_profit_weighs_both_outcomes_by_the_chance() -> None:
    judged = judge(Deals(()), default_policy())
    predicts = MeanProfit(if_positive=1_000_000.0, if_negative=-50_000.0)
    chances = np.array([0.0, 0.25, 1.0])
    money = predicts(prior_model(default_policy()).inputs(judged), judged, chances)
    assert money.tolist() == [-50_000.0, 212_500.0, 1_000_000.0]
