"""The plots of a run, and where each is drawn: one row a plot, in the order a reader should meet them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from training.publish.findings import Findings
from training.publish.plots.calibration import draw_calibration, draw_intervals
from training.publish.plots.influence import draw_influence, draw_insight
from training.publish.plots.learning import draw_learning
from training.publish.plots.matrix import draw_matrix
from training.publish.plots.money import draw_deal_sizes, draw_quarters
from training.publish.plots.plot import Drawing, Plot, write_plots
from training.publish.plots.ranking import draw_lift, draw_profit

__all__ = ["PLOTS", "Plot", "draw", "draw_one", "write_plots"]


class Kind(NamedTuple):
    """One kind of plot: who draws it (None where there is nothing to draw), and how to read it, in a sentence."""

    drawn_by: Callable[[Findings], Drawing | None]
    told: str


PLOTS: Mapping[str, Kind] = {
    "calibration": Kind(
        draw_calibration,
        "Of the deals given 30 %, three in ten should turn out well: points on the broken line. Inside the band chance "
        "alone explains the rest.",
    ),
    "intervals": Kind(
        draw_intervals,
        "Groups of 100 deals of like probability: nine shares in ten should lie within the interval given for them.",
    ),
    "lift": Kind(
        draw_lift, "How many of the good deals are found by working those ranked highest first: the higher, the better."
    ),
    "profit": Kind(
        draw_profit,
        "The money of the deals worked, best first. What counts is how high a curve stands where it meets the dotted "
        "line: as many deals as the team can work, half where it could work all.",
    ),
    "matrix": Kind(
        draw_matrix,
        "Deals by what each would do. Where rules and model disagree, the share of good ones and the money tell who "
        "was right.",
    ),
    "quarters": Kind(
        draw_quarters,
        "What the model expected of each quarter's deals beside what they brought: like heights, honest money.",
    ),
    "deal_sizes": Kind(
        draw_deal_sizes,
        "How often deals of each size are won, and how often they are won and pay; the figure above is the profit of a "
        "worked deal. Where many are won and little comes in, winning is the wrong goal.",
    ),
    "learning": Kind(
        draw_learning,
        "Whether more history would help: a line that still falls says yes. It is drawn from small refits, not from "
        "the service itself.",
    ),
    "influence": Kind(draw_influence, "How far each fact moves the probability of a deal, up or down, on average."),
    "insight": Kind(
        draw_insight,
        "The facts that move most, value by value: right of the middle raises the probability. Deals in brackets.",
    ),
}


def draw(findings: Findings) -> tuple[Plot, ...]:
    """Draw every plot there is something to draw of."""
    return tuple(plot for name in PLOTS if (plot := draw_one(findings, name)) is not None)


def draw_one(findings: Findings, name: str) -> Plot | None:
    """Draw the plot of this name; None where there is nothing to draw."""
    kind = PLOTS[name]
    drawing = kind.drawn_by(findings)
    return None if drawing is None else Plot.of(drawing, name=name, told=kind.told)
