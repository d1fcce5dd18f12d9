"""The plots of a run: calibration, lift and cumulative profit, of rules and model on the same deals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlscore.scoring.comparison import profit_curve
from mlscore.scoring.deal import MINOR_UNITS, Floats
from training.evaluate import money_rank
from training.publish.findings import Findings

_BINS = 10
_SIZE = (6.0, 4.5)


def plots(findings: Findings) -> Iterator[tuple[str, Figure]]:
    """Yield each plot with its file name; none where no deal was judged."""
    if not len(findings.rows):
        return
    yield "calibration.png", calibration(findings)
    yield "lift.png", lift(findings)
    if findings.table.has_profit:
        yield "profit.png", cumulative_profit(findings)


def calibration(findings: Findings) -> Figure:
    """Draw said against seen, in groups of equal size."""
    figure, axes = _page(findings, "Said and seen", "said: probability", "seen: share of positives")
    said, y = findings.probability[findings.rows], findings.table.y[findings.rows]
    groups = np.array_split(np.argsort(said, kind="stable"), min(_BINS, len(said)))
    axes.plot([0, 1], [0, 1], color="0.7", linestyle="--")
    axes.plot([said[g].mean() for g in groups], [y[g].mean() for g in groups], marker="o")
    return figure


def lift(findings: Findings) -> Figure:
    """Draw the share of positives found against the share of deals worked."""
    figure, axes = _page(findings, "Positives found", "share of deals worked", "share of positives found")
    table, rows = findings.table, findings.rows
    positives = table.y[rows].astype(np.float64)
    _curves(findings, axes, positives, unit=max(float(positives.sum()), 1.0), oracle=positives)
    return figure


def cumulative_profit(findings: Findings) -> Figure:
    """Draw the money of the deals worked, against an oracle and chance."""
    figure, axes = _page(findings, "Profit", "share of deals worked", f"profit, {findings.table.policy.currency}")
    profit = findings.table.profit[findings.rows]
    _curves(findings, axes, profit, unit=MINOR_UNITS, oracle=profit)
    return figure


def _curves(findings: Findings, axes: Axes, worth: Floats, *, unit: float, oracle: Floats) -> None:
    table, rows = findings.table, findings.rows
    share = np.linspace(0.0, 1.0, len(rows) + 1)
    ranks = {"oracle": oracle, "model": money_rank(table, findings.rounds[0])[rows], "rules": table.judged.rank[rows]}
    for name, rank in ranks.items():
        axes.plot(share, profit_curve(rank, worth) / unit, label=name, color="0.7" if name == "oracle" else None)
    axes.plot([0, 1], [0, worth.sum() / unit], color="0.7", linestyle="--", label="chance")
    axes.legend()


def _page(findings: Findings, title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=f"{title} (simulated)" if findings.model.simulated else title, xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    return figure, axes
