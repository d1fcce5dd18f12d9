"""Lift and profit: what is found when the deals ranked highest are worked first, by rules, model, oracle and chance."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from mlscore.scoring.comparison import profit_curve
from mlscore.scoring.deal import MINOR_UNITS, Floats
from training.evaluate import is_all_workable, money_rank, worked_of
from training.publish.findings import Findings
from training.publish.plots.canvas import APART, MODEL, RULES, in_money, in_percent, page
from training.publish.plots.plot import Drawing, Number

_POINTS = 101
_WORKED = "share of deals worked"


def draw_lift(findings: Findings) -> Drawing | None:
    """Draw the share of positives found against the share of deals worked."""
    positives = findings.table.y[findings.rows].astype(np.float64)
    if not positives.any():
        return None
    figure, axes = page(findings, "Good deals found", _WORKED, "share of the good deals found")
    numbers = _curves(findings, axes, positives / positives.sum())
    in_percent(axes, x=True, y=True)
    return Drawing(figure, numbers)


def draw_profit(findings: Findings) -> Drawing | None:
    """Draw the money of the deals worked."""
    table, rows = findings.table, findings.rows
    if not len(rows) or not table.has_profit:
        return None
    figure, axes = page(findings, "Profit", _WORKED, f"profit of the deals worked, {table.policy.currency}")
    numbers = _curves(findings, axes, table.profit[rows] / MINOR_UNITS)
    in_percent(axes, x=True)
    in_money(axes)
    return Drawing(figure, numbers)


def _curves(findings: Findings, axes: Axes, worth: Floats) -> list[dict[str, Number]]:
    """Draw every ranking's curve and the line of what the team can work; return the numbers at each percent."""
    table, rows = findings.table, findings.rows
    ranks = {
        "oracle": (worth, APART),
        "model": (money_rank(table, findings.rounds[0])[rows], MODEL),
        "rules": (table.judged.rank[rows], RULES),
    }
    worked = np.unique(np.round(np.linspace(0, len(rows), _POINTS))).astype(np.intp)
    share = worked / len(rows)
    curves = {name: profit_curve(rank, worth)[worked] for name, (rank, _) in ranks.items()}
    for name, curve in curves.items():
        axes.plot(share, curve, color=ranks[name][1], label=name)
    chance = share * worth.sum()
    axes.plot(share, chance, color=APART, linestyle="--", label="chance")
    capacity = "half: the team can work all" if is_all_workable(table, rows) else "what the team can work"
    axes.axvline(worked_of(table, rows) / len(rows), color=APART, linestyle=":", label=capacity)
    axes.legend(loc="lower right")
    columns = {"deals_worked": worked, "share_worked": share, **curves, "chance": chance}
    return [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]
