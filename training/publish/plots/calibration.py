"""Calibration and the interval: what was said of the judged deals against the share that turned out well."""

from __future__ import annotations

from dataclasses import asdict

from training.publish.findings import Findings
from training.publish.plots.canvas import APART, BAND, MODEL, SEEN, in_percent, page
from training.publish.plots.plot import Drawing

_SAID, _SEEN = "said: the chance given", "seen: share that turned out well"


def draw_calibration(findings: Findings) -> Drawing | None:
    """Draw said against seen in ten groups, with the band chance alone explains."""
    groups = findings.calibration
    if not groups:
        return None
    figure, axes = page(findings, "Said and seen", _SAID, _SEEN)
    said = [group.said for group in groups]
    axes.plot([0, 1], [0, 1], color=APART, linestyle="--", label="as said")
    axes.fill_between(
        said,
        [group.low for group in groups],
        [group.high for group in groups],
        color=MODEL,
        alpha=BAND,
        linewidth=0,
        label="9 in 10 by chance",
    )
    axes.plot(said, [group.seen for group in groups], color=MODEL, marker="o", label="model")
    in_percent(axes, x=True, y=True)
    axes.legend(loc="upper left")
    return Drawing(figure, [asdict(group) | {"is_within": group.is_within} for group in groups])


def draw_intervals(findings: Findings) -> Drawing | None:
    """Draw each group's interval and the share it was about."""
    groups = findings.intervals
    if not groups:
        return None
    held = sum(group.is_within for group in groups)
    figure, axes = page(findings, f"{held} of {len(groups)} intervals held", _SAID, _SEEN)
    low, high = [group.low for group in groups], [group.high for group in groups]
    said = [group.said for group in groups]
    axes.vlines(said, low, high, color=MODEL, linewidth=4, alpha=2 * BAND, label="interval, 90 %")
    for is_within, label, fill in ((True, "seen", SEEN), (False, "seen, outside", "white")):
        some = [(group.said, group.seen) for group in groups if group.is_within == is_within]
        if some:
            axes.plot(*zip(*some, strict=True), "o", color=SEEN, markerfacecolor=fill, label=label)
    in_percent(axes, x=True, y=True)
    axes.legend(loc="upper left")
    return Drawing(figure, [asdict(group) | {"is_within": group.is_within} for group in groups])
