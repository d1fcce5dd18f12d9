"""One visual language for every plot: what each colour stands for, and the page they are drawn on."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from mlscore.texts import catalogue
from training.publish.findings import Findings

MODEL = "#0072b2"
RULES = "#d55e00"
SEEN = "#222222"
"""What came of the deals."""

APART = "#8c8c8c"
"""Whoever knows all (a whole line) and whoever knows nothing (a broken one)."""

BAND = 0.18
"""How strongly a band is filled."""

SIZE = (6.0, 4.5)


def page(
    findings: Findings, title: str, x: str = "", y: str = "", *, size: tuple[float, float] = SIZE
) -> tuple[Figure, Axes]:
    """Return an empty plot with its title, which says where the history is simulated."""
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=titled(findings, title), xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    return figure, axes


def titled(findings: Findings, title: str) -> str:
    """Return a title that says where the history is simulated."""
    return f"{title} (simulated)" if findings.model.simulated else title


def in_percent(axes: Axes, *, x: bool = False, y: bool = False) -> None:
    """Write shares 0-1 along an axis as whole percents."""
    for axis, is_meant in ((axes.xaxis, x), (axes.yaxis, y)):
        if is_meant:
            axis.set_major_formatter(PercentFormatter(xmax=1.0, decimals=0))


def in_money(axes: Axes) -> None:
    """Write money along the upright axis with thousands apart."""
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def name_of(findings: Findings, fact: str) -> str:
    """Name a fact in words."""
    own = {custom.name: custom.text_en for custom in findings.table.policy.custom_facts}
    return own.get(fact) or catalogue("en").get(f"fact.{fact}", fact.replace("_", " "))
