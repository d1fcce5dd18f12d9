"""Money: expected against realised, quarter by quarter, and what deals of each size bring."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from training.hindsight import size_bands
from training.publish.findings import Findings
from training.publish.plots.canvas import APART, MODEL, SEEN, in_money, in_percent, page
from training.publish.plots.plot import Drawing

_BAR = 0.38


def draw_quarters(findings: Findings) -> Drawing | None:
    """Draw what the judged deals of each quarter were expected to bring, and brought."""
    told = [one for one in findings.quarters() if one.expected is not None]
    if not told:
        return None
    currency = findings.table.policy.currency
    figure, axes = page(findings, "Expected and realised", "quarter the deals were scored in", f"profit, {currency}")
    places = np.arange(len(told))
    axes.bar(places - _BAR / 2, [one.expected or 0.0 for one in told], _BAR, color=MODEL, label="expected")
    axes.bar(places + _BAR / 2, [one.realised or 0.0 for one in told], _BAR, color=SEEN, label="realised")
    axes.set_xticks(places, [one.quarter for one in told])
    in_money(axes)
    axes.legend()
    return Drawing(figure, [asdict(one) for one in told])


def draw_deal_sizes(findings: Findings) -> Drawing | None:
    """Draw how often deals of each size are won and pay, over what working one brings."""
    bands = size_bands(findings.table)[:-1]
    if not bands:
        return None
    figure, axes = page(findings, "Won, and worth it", "deal amount", "share of deals")
    places = np.arange(len(bands))
    axes.bar(places - _BAR / 2, [band.won for band in bands], _BAR, color=APART, label="won")
    axes.bar(places + _BAR / 2, [band.profitable for band in bands], _BAR, color=SEEN, label="won and profitable")
    axes.set_xticks(places, ["\n".join(band.amount.rsplit(" ", 1)) for band in bands])
    axes.set_ylim(0, 1)
    in_percent(axes, y=True)
    for place, band in zip(places.tolist(), bands, strict=True):
        height = max(band.won, band.profitable)
        axes.annotate(f"{band.profit_a_deal:,.0f}\na deal", (place, height), ha="center", va="bottom", fontsize=8)
    axes.legend(loc="upper right")
    return Drawing(figure, [asdict(band) for band in bands])
