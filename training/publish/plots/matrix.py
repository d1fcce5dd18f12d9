"""Rules x model: what became of the deals both would work, one would, neither would."""

from __future__ import annotations

from dataclasses import asdict

from matplotlib.patches import Rectangle

from training.evaluate import Cell
from training.evaluate.matrix import MODEL, RULES
from training.publish.findings import Findings
from training.publish.plots.canvas import APART, BAND, page
from training.publish.plots.canvas import MODEL as OF_THE_MODEL
from training.publish.plots.canvas import RULES as OF_THE_RULES
from training.publish.plots.plot import Drawing

_COLOURS = {"both_yes": OF_THE_MODEL, "rule_only": OF_THE_RULES, "model_only": OF_THE_MODEL, "both_no": APART}
"""Where nobody or only one of them can be followed."""


def draw_matrix(findings: Findings) -> Drawing | None:
    """Draw every cell with its count, its hit rate and its money; None without profit, where a model says no yes."""
    cells = findings.matrix
    if not findings.table.has_profit or not any(cell.deals for cell in cells):
        return None
    figure, axes = page(findings, "Rules and model on the same deals")
    axes.grid(visible=False)
    for cell in cells:
        x, y = MODEL.index(cell.model), len(RULES) - 1 - RULES.index(cell.rules)
        colour = _COLOURS.get(cell.agreement, "white")
        axes.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, alpha=BAND, linewidth=0))
        axes.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=APART))
        axes.text(x + 0.5, y + 0.5, _said(cell, findings.table.policy.currency), ha="center", va="center")
    axes.set(xlim=(0, len(MODEL)), ylim=(0, len(RULES)))
    axes.set_xticks([0.5, 1.5, 2.5], [f"model: {answer}" for answer in MODEL])
    axes.set_yticks([2.5, 1.5, 0.5], [f"rules: {answer}" for answer in RULES])
    axes.tick_params(length=0)
    return Drawing(figure, [asdict(cell) | {"hit_rate": cell.hit_rate if cell.deals else None} for cell in cells])


def _said(cell: Cell, currency: str) -> str:
    if not cell.deals:
        return "none"
    return f"{cell.deals} deals\n{cell.hit_rate:.0%} good\n{cell.realised:,.0f} {currency}"
