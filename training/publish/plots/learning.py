"""The learning curve: whether more history would help."""

from __future__ import annotations

from dataclasses import asdict

from matplotlib.ticker import NullFormatter, StrMethodFormatter

from training.evaluate import SERVICE
from training.evaluate.learning_curve import WHAT_IT_IS
from training.publish.findings import Findings
from training.publish.plots.canvas import APART, MODEL, RULES, page
from training.publish.plots.plot import Drawing

_LINES = (
    ("prior_rate", "prior rate", APART, "--"),
    ("rule_rates", "rule rates", RULES, "-"),
    (SERVICE, "service", MODEL, ":"),
)


def draw_learning(findings: Findings) -> Drawing | None:
    """Draw the log loss of small refits on ever more deals, and where the prior, the rules and the service stand."""
    points = findings.learning
    if not points:
        return None
    figure, axes = page(findings, "What more history brings", "deals learned from", "log loss on the judged deals")
    axes.plot([p.learned for p in points], [p.log_loss for p in points], color=MODEL, marker="o", label="refits")
    reached = {figures.scorer: figures.log_loss for figures in findings.figures}
    for scorer, label, colour, style in _LINES:
        if (level := reached.get(scorer)) is not None:
            axes.axhline(level, color=colour, linestyle=style, label=label)
    axes.set_xscale("log")
    axes.set_xticks([p.learned for p in points])
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.legend(title=f"refits: {WHAT_IT_IS}", title_fontsize=7)
    return Drawing(figure, [asdict(point) for point in points])
