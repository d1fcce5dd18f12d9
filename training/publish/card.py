"""The model card: what was learned from what, how good it is, and what it may not be used for; Markdown and HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.model import Calibration, Knots, Sigmoid
from mlscore.scoring.policy import fingerprint
from training.evaluate import influences, share_within
from training.publish.findings import Findings
from training.publish.plots import Plot
from training.publish.plots.canvas import name_of
from training.tables import NOTHING, markdown_table, notes_on

_LEANED_ON = 6
_FIGURES_SHOWN = 4
"""Digits of a number in a table under a plot."""


def model_card(findings: Findings) -> str:
    """Return the card in Markdown, without plots."""
    return _markdown(findings, ())


def card_page(findings: Findings, plots: Sequence[Plot]) -> str:
    """Return the card as one HTML page with its plots inside: nothing is fetched from anywhere."""
    by_name = {plot.name: plot for plot in plots}
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")

    def figure(_: RendererHTML, tokens: Sequence[Token], place: int, *_more: object) -> str:
        return _figure(by_name[tokens[place].content.strip()])

    renderer.add_render_rule("fence", figure)
    body = renderer.render(_markdown(findings, tuple(by_name)))
    return (
        _environment(autoescape=True)
        .get_template("card.html.jinja")
        .render(
            title=f"Model of {findings.firm}",
            body=body,
        )
    )


def _markdown(findings: Findings, drawn: Sequence[str]) -> str:
    table = findings.table
    return (
        _environment(autoescape=False)
        .get_template("card.md.jinja")
        .render(
            findings=findings,
            table=table,
            drawn=drawn,
            at=f"{findings.at.astimezone(UTC):%Y-%m-%d %H:%M}",
            until=None if table.history_until is None else f"{_utc(table.history_until):%Y-%m-%d %H:%M}",
            judged_when=_when(findings),
            vouched=findings.terms.get("vouched", ()),
            policy=fingerprint(table.policy),
            currency=table.policy.currency,
            cost=table.policy.economics.cost_per_worked_deal / MINOR_UNITS,
            calibration=_calibrated(findings.model.calibration),
            influences=_leaned_on(findings),
            figures=markdown_table(findings.figures),
            notes=notes_on(findings.figures, repeats=len(findings.rounds)),
            quarters=findings.quarters(),
            worth=findings.worth,
            captured=findings.captured,
            held=share_within(findings.intervals),
            abstaining=findings.abstaining,
        )
    )


def _when(findings: Findings) -> str:
    """Return from when to when the judged deals were scored; nothing where none is dated."""
    as_of = findings.table.as_of[findings.rows]
    if not len(as_of) or np.isnan(as_of).any():
        return ""
    first, last = (f"{_utc(float(moment)):%Y-%m-%d}" for moment in (as_of.min(), as_of.max()))
    return f", scored from {first} to {last}"


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _environment(*, autoescape: bool) -> Environment:
    made = Environment(  # nosec B701 # Markdown is escaped when it becomes HTML
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 - as above
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "words": lambda name: str(name).replace("_", " "),
        "percent": lambda share: f"{share:.0%}",
        "points": lambda share: f"{share * 100:.1f}",
        "figure": lambda value: f"{value:.3f}" if np.isfinite(value) else NOTHING,
        "whole": lambda money: f"{money:,.0f}",
        "signed": lambda money: f"{money:+,.0f}",
    }
    return made


def _calibrated(calibration: Calibration) -> str:
    match calibration:
        case Sigmoid(slope=1.0, intercept=0.0):
            return "taken as they are: no calibration did better on what came after"
        case Sigmoid(slope=slope, intercept=intercept):
            return f"calibrated by a sigmoid (slope {slope:.2f}, intercept {intercept:+.2f})"
        case Knots(at=at):
            return f"calibrated by an isotonic map of {len(at)} steps"
    return "calibrated"


def _leaned_on(findings: Findings) -> list[Mapping[str, Any]]:
    return [
        {"name": name_of(findings, one.fact), "points": one.points} for one in influences(findings.moves)[:_LEANED_ON]
    ]


def _figure(plot: Plot) -> str:
    picture = b64encode(plot.svg.encode()).decode()
    heading = "".join(f"<th>{escapeHtml(name.replace('_', ' '))}</th>" for name in plot.numbers[0])
    rows = "".join(
        "<tr>" + "".join(f"<td>{escapeHtml(_written(value))}</td>" for value in row.values()) + "</tr>"
        for row in plot.numbers
    )
    told = escapeHtml(plot.told)
    return (
        f'<figure id="{plot.name}"><img alt="{told}" src="data:image/svg+xml;base64,{picture}">'
        f"<figcaption>{told}</figcaption><details><summary>The numbers</summary>"
        f"<table><tr>{heading}</tr>{rows}</table></details></figure>\n"
    )


def _written(value: object) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return f"{value:,.{_FIGURES_SHOWN}g}" if abs(value) < 10**_FIGURES_SHOWN else f"{value:,.0f}"
    return str(value)
