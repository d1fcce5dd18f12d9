"""Expected profit: what a deal brings on average, a lost one counting nothing."""

from __future__ import annotations

import lightgbm
import numpy as np

from mlscore.registry import BoosterProfit
from mlscore.scoring.deal import Floats
from mlscore.scoring.model.fitted import Profit, StatedProfit
from training.dataset import Rows, Table
from training.estimators.trees import categories, tree_settings, trees_for

PROFIT_ROWS_MIN = 120
_TAIL = 0.99
_TWEEDIE_POWER = 1.5


def fit_profit(table: Table, rows: Rows, *, seed: int, threads: int) -> Profit:
    """Learn E[realised profit] in minor units.

    With 120 rows and recorded profits, small trees; their level is set so that the total they predict is the total
    realised. With fewer rows, the seller's figure x the share of such figures that came true. Where no profit is
    recorded, the seller's figure x the share of deals won.
    """
    if not table.has_profit:
        return StatedProfit(share=float(table.y[rows].mean()) if len(rows) else table.policy.prior.profitable_share)
    realised = table.profit[rows]
    if len(rows) < PROFIT_ROWS_MIN or np.ptp(realised) == 0:
        return StatedProfit(share=_share_come_true(table, rows))
    return _boosted(table, rows, realised, seed=seed, threads=threads)


def _share_come_true(table: Table, rows: Rows) -> float:
    stated = table.judged.economy.profit[rows]
    known = ~np.isnan(stated)
    total = float(stated[known].sum())
    if total <= 0:
        return table.policy.prior.profitable_share
    return float(np.clip(table.profit[rows][known].sum() / total, 0.0, 1.0))


def _boosted(table: Table, rows: Rows, realised: Floats, *, seed: int, threads: int) -> BoosterProfit:
    unit = float(np.abs(realised[realised != 0]).mean())
    is_never_a_loss = realised.min() >= 0
    settings = tree_settings(table, len(rows), seed=seed, threads=threads)
    if is_never_a_loss:
        settings |= {"objective": "tweedie", "tweedie_variance_power": _TWEEDIE_POWER}
    else:
        settings |= {"objective": "regression"}
    target = (realised if is_never_a_loss else _without_giants(realised)) / unit
    data = lightgbm.Dataset(
        table.inputs.matrix[rows], label=target, categorical_feature=categories(table), params={"verbosity": -1}
    )
    booster = lightgbm.train(settings, data, num_boost_round=trees_for(len(rows)))
    predicted = np.asarray(booster.predict(table.inputs.matrix[rows], num_threads=1), dtype=np.float64)
    if is_never_a_loss:
        return BoosterProfit(booster, scale=float(realised.sum() / predicted.sum()), offset=0.0)
    return BoosterProfit(booster, scale=unit, offset=float(realised.mean() - unit * predicted.mean()))


def _without_giants(realised: Floats) -> Floats:
    """Bound the few largest: squared errors would let them bend every tree."""
    bound = float(np.quantile(np.abs(realised), _TAIL))
    return np.clip(realised, -bound, bound) if bound else realised
