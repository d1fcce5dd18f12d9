"""What moves the model's answers: each business fact on the whole, and the strongest value by value."""

from __future__ import annotations

from dataclasses import asdict

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from training.evaluate import Insight, influences, insights
from training.publish.findings import Findings
from training.publish.plots.canvas import APART, MODEL, name_of, page, titled
from training.publish.plots.plot import Drawing

SHOWN = 12
_COLUMNS = 3
_PANEL = (3.4, 2.4)
_IN_POINTS = FuncFormatter(lambda share, _: f"{share * 100:+.0f}" if share else "0")


def draw_influence(findings: Findings) -> Drawing | None:
    """Draw how far each fact moves the probability of a deal, on average."""
    found = influences(findings.moves)
    if not found:
        return None
    figure, axes = page(findings, "What moves the answers", "probability points a deal, up or down, on average")
    shown = found[:SHOWN][::-1]
    axes.barh([name_of(findings, one.fact) for one in shown], [one.points * 100 for one in shown], color=MODEL)
    return Drawing(figure, [asdict(one) for one in found])


def draw_insight(findings: Findings) -> Drawing | None:
    """Draw what each value of the strongest facts does to the probability, on average."""
    found = insights(findings.moves)
    if not found:
        return None
    facts = list(dict.fromkeys(one.fact for one in found))
    rows = -(-len(facts) // _COLUMNS)
    figure = Figure(figsize=(_PANEL[0] * _COLUMNS, _PANEL[1] * rows), layout="constrained")
    figure.suptitle(titled(findings, "What each value does, in probability points"))
    panels = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True).ravel().tolist()
    for fact, axes in zip(facts, panels, strict=False):
        _panel(axes, name_of(findings, fact), [one for one in found if one.fact == fact])
    for axes in panels[len(facts) :]:
        axes.set_visible(False)
    return Drawing(figure, [asdict(one) for one in found])


def _panel(axes: Axes, title: str, values: list[Insight]) -> None:
    upwards = values[::-1]
    labels = [f"{one.value.replace('_', ' ')} ({one.deals:,})" for one in upwards]
    axes.barh(range(len(labels)), [one.points for one in upwards], color=MODEL)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.axvline(0, color=APART, linewidth=0.8)
    axes.xaxis.set_major_formatter(_IN_POINTS)
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
