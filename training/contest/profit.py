"""Expected profit: what deals that paid brought, and those that did not, as a multiple of what was to be expected."""

from __future__ import annotations

import lightgbm
import numpy as np

from mlscore.registry import BoosterRatio
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import PartedProfit, Profit, Ratio, SameRatio, stated_profit
from mlscore.scoring.model.profit import reference_of
from training.contest.setting import Setting
from training.dataset import Rows, Table
from training.estimators.columns import Columns
from training.estimators.trees import Growth

BOOSTED_ROWS_MIN = 300
"""With fewer deals of a kind, one ratio serves them all."""

_PRIOR_DEALS = 5.0
_TAIL = 0.99
_GROWTH = Growth(trees=40, hessian_min=20.0, columns_share=0.7)


def fit_profit(table: Table, rows: Rows, setting: Setting) -> Profit:
    """Learn what a deal brings if it pays and if it does not; where no profit is recorded, trust the seller's figure.

    The few are drawn to what a seller says: a deal that pays brings what he said, one that does not brings nothing.
    """
    if not table.has_profit or not len(rows):
        return stated_profit()
    margin, typical = _usual(table, rows)
    reference = reference_of(table.judged, margin=margin, typical=typical)
    is_sound = reference[rows] > 0
    good, bad = (rows[is_sound & (table.y[rows] == paid)] for paid in (True, False))
    return PartedProfit(
        good=_ratio(table, good, reference, setting, prior=1.0),
        bad=_ratio(table, bad, reference, setting, prior=0.0),
        margin=margin,
        typical=typical,
    )


def _usual(table: Table, rows: Rows) -> tuple[float, float]:
    """Return profit / amount of the deals that paid, and their mean profit: references where nothing was stated."""
    paid = rows[table.y[rows]]
    amount, profit = table.judged.economy.amount[paid], table.profit[paid]
    known = amount > 0
    margin = float(profit[known].sum() / amount[known].sum()) if known.any() else np.nan
    return margin, float(profit.mean()) if len(paid) else np.nan


def _ratio(table: Table, rows: Rows, reference: Floats, setting: Setting, *, prior: float) -> Ratio:
    profit, against = table.profit[rows], reference[rows]
    if not len(rows):
        return SameRatio(prior)
    worth = _PRIOR_DEALS * float(against.mean())
    same = SameRatio(float((profit.sum() + prior * worth) / (against.sum() + worth)))
    if len(rows) < BOOSTED_ROWS_MIN or np.ptp(profit / against) == 0:
        return same
    columns = Columns.learn(table, rows, is_tracked=setting.is_tracked)
    matrix = columns.design(table.inputs.matrix[rows])
    return _boosted(matrix, columns, profit, against, setting) if columns.directions else same


def _boosted(matrix: Floats, columns: Columns, profit: Floats, against: Floats, setting: Setting) -> Ratio:
    """Boost the ratio, large deals counting more; its level is set so that the money predicted is the money brought."""
    ratio = profit / against
    low, high = np.quantile(ratio, [1.0 - _TAIL, _TAIL])
    weight = np.minimum(against, np.quantile(against, 0.95))
    data = lightgbm.Dataset(
        matrix, label=np.clip(ratio, low, high), weight=weight / weight.mean(), params={"verbosity": -1}
    )
    settings = {"objective": "regression", **_GROWTH.settings(columns, seed=setting.seed, threads=setting.threads)}
    settings["monotone_constraints"] = [0] * len(columns.directions)
    booster = lightgbm.train(settings, data, num_boost_round=_GROWTH.trees)
    said = float((against * np.asarray(booster.predict(matrix, num_threads=1))).sum())
    brought = float(profit.sum())
    if said * brought <= 0:
        return SameRatio(brought / float(against.sum()))
    return BoosterRatio(booster, columns.design, scale=brought / said)
