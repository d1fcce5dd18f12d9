"""Tells what a bench found: a table of figures, a table of learning curves, and what was to be reached."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from training.bench.measuring import Measured
from training.bench.sets import Target
from training.evaluate import SERVICE
from training.tables import cell, in_words, known_or_none, markdown

BY_WHAT_RANKED = (
    "At capacity and at half, profit is of the deals ranked highest: the classics rank by probability, the service by "
    "expected profit. Capacity is what the team can work, half where it could work all."
)

_COLUMNS: Mapping[str, tuple[str, str]] = {
    "log_loss": ("log loss", ".4f"),
    "auc": ("AUC", ".4f"),
    "brier": ("Brier", ".4f"),
    "ece": ("ECE", ".3f"),
    "captured": ("profit at capacity", ",.0f"),
    "captured_half": ("profit, half worked", ",.0f"),
    "gap": ("gap to the oracle", ".4f"),
    "accepted": ("profit accepted", ",.0f"),
    "abstained": ("abstained", ".1%"),
    "expected": ("expected", ",.0f"),
    "realised": ("realised", ",.0f"),
    "covered": ("interval covers", ".1%"),
}


def markdown_of(title: str, measured: Sequence[Measured], *, command: str) -> str:
    """Return both tables in Markdown: everything at the largest size, and log loss at every size.

    `command` is what prints them.
    """
    sizes = list(dict.fromkeys(one.size for one in measured))
    last = [one for one in measured if one.size == sizes[-1]]
    learned = "all there were" if sizes[-1] is None else f"{sizes[-1]:,}"
    answered = f"{last[0].deals:,} deals answered, none seen before; learned from: {learned}."
    parts = [f"### {title}", f"{answered} Printed by `{command}`.{_of_profits(last)}", _table(last)]
    if len(sizes) > 1:
        parts += [
            "Log loss, and how often the interval holds, by the number of deals learned:",
            _curves(measured, sizes),
        ]
    return "\n\n".join(parts)


def _of_profits(measured: Sequence[Measured]) -> str:
    return f" {BY_WHAT_RANKED}" if any(one.captured is not None for one in measured) else ""


def verdicts(targets: Sequence[Target]) -> str:
    """Return one line a target."""
    return "\n".join(f"- {'reached' if t.reached else '**not reached**'}: {t.words}: {t.figure}" for t in targets)


def as_json(found: Mapping[str, Sequence[Measured]]) -> str:
    """Return everything measured, data set by data set; what cannot be told is null."""
    plain = {
        name: [{figure: known_or_none(value) for figure, value in asdict(one).items()} for one in measured]
        for name, measured in found.items()
    }
    return json.dumps(plain, indent=1, allow_nan=False) + "\n"


def _table(measured: Sequence[Measured]) -> str:
    told = [name for name in _COLUMNS if any(getattr(one, name) is not None for one in measured)]
    return markdown(
        ["", *(_COLUMNS[name][0] for name in told)],
        [[in_words(one.scorer), *(cell(getattr(one, name), _COLUMNS[name][1]) for name in told)] for one in measured],
    )


def _curves(measured: Sequence[Measured], sizes: Sequence[int | None]) -> str:
    by = {(one.scorer, one.size): one for one in measured}
    lost = {key: one.log_loss for key, one in by.items()}
    scorers = list(dict.fromkeys(one.scorer for one in measured))
    best = {size: min(lost[name, size] for name in scorers if name != SERVICE) for size in sizes}
    rows = [[in_words(name), *(cell(lost[name, size], ".4f") for size in sizes)] for name in scorers]
    rows.append(["service / best classic", *(cell(lost[SERVICE, size] / best[size], ".3f") for size in sizes)])
    covered = [by[SERVICE, size].covered for size in sizes]
    if any(share is not None for share in covered):
        rows.append(["the service's interval covers", *(cell(share, ".1%") for share in covered)])
    return markdown(["", *("all" if size is None else f"{size:,}" for size in sizes)], rows)
