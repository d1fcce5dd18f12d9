"""Tables to be read: a contest's for the screen and for Markdown, and any found rows for a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler
from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable

from mlscore.scoring.comparison import Interval
from training.evaluate import Figures

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_COLUMNS = (
    ("auc", "AUC", ".3f"),
    ("log_loss", "log loss", ".3f"),
    ("brier", "Brier", ".3f"),
    ("average_precision", "avg. precision", ".3f"),
    ("ece", "ECE", ".3f"),
    ("slope", "slope", ".2f"),
    ("intercept", "intercept", "+.2f"),
    ("profit_captured", "profit captured", ",.0f"),
)
_ON_SCREEN = ("auc", "log_loss", "brier", "ece", "slope", "profit_captured")
NOTHING = "—"

BY_WHAT_RANKED = (
    "Profit captured is that of the deals ranked highest, as many as the team can work, half where it could work all: "
    "the service ranks by expected profit and last what it abstains on, which the gates alone rank with the rest; the "
    "rules rank in their own order, everybody else by probability."
)

_LARGE = 100.0
"""From here on decimals only hide the number."""


def markdown_table(figures: Sequence[Figures], *, columns: Sequence[str] | None = None) -> str:
    """Return the figures as a Markdown table; `columns` names some of them."""
    chosen = _chosen(figures, columns)
    return markdown(
        ["", *(title for _, title, _ in chosen)], [[in_words(f.scorer), *_cells(f, chosen)] for f in figures]
    )


def notes_on(figures: Sequence[Figures], *, repeats: int) -> str:
    """Return what a reader of the figures must know to compare their rows; empty where there is nothing to say."""
    notes = []
    if any(f.profit_captured is not None for f in figures):
        notes.append(BY_WHAT_RANKED)
    if repeats > 1:
        notes.append(
            f"Each figure is the mean of {repeats} repeats; whatever else is told of the judged deals, gates included, "
            "is of the first."
        )
    return " ".join(notes)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: words in the first column, numbers in the rest."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---|" + "---:|" * (len(head) - 1), *lines[1:]])


def cell(value: float | None, form: str) -> str:
    """Return a number in its form, a dash where it cannot be told."""
    return NOTHING if known_or_none(value) is None else format(value, form)


def known_or_none(value: object) -> object:
    """Return a figure as JSON can hold it: None for NaN and the infinities."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def in_words(name: str) -> str:
    """Return a name as it is read: `rule_rates` as "rule rates"."""
    return name.replace("_", " ")


def narrow_table(title: str) -> RichTable:
    """Return an empty table without lines between its columns: a screen of 80 shows all of it."""
    return RichTable(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def rich_table(figures: Sequence[Figures], *, title: str) -> RichTable:
    """Return the figures as a table for the screen."""
    chosen = _chosen(figures, _ON_SCREEN)
    table = narrow_table(title)
    table.add_column("", no_wrap=True)
    for _, heading, _ in chosen:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in figures:
        table.add_row(in_words(one.scorer), *_cells(one, chosen))
    return table


def _chosen(figures: Sequence[Figures], columns: Sequence[str] | None) -> list[tuple[str, str, str]]:
    def is_told(name: str) -> bool:
        return any(getattr(f, name) is not None for f in figures)

    return [c for c in _COLUMNS if (columns is None or c[0] in columns) and is_told(c[0])]


def _cells(figures: Figures, columns: Sequence[tuple[str, str, str]]) -> list[str]:
    values = [(getattr(figures, name), form) for name, _, form in columns]
    return [cell(value, form) for value, form in values]


def to_read(rows: Sequence[DataclassInstance] | DataclassInstance) -> Styler:
    """Return found rows as a table a notebook shows: words for names, thousands apart, an interval as its bounds."""
    several = rows if isinstance(rows, Sequence) else [rows]
    frame = pd.DataFrame([dict(_columns_of(row)) for row in several])
    return frame.style.format(_readable, na_rep=NOTHING).hide(axis="index")


def _columns_of(row: DataclassInstance) -> Iterator[tuple[str, Any]]:
    for field in fields(row):
        name, value = field.name.replace("_", " "), getattr(row, field.name)
        if isinstance(value, Interval):
            yield from ((name, value.value), (f"{name}, low", value.low), (f"{name}, high", value.high))
        elif is_dataclass(value) and not isinstance(value, type):
            yield from ((f"{name}: {inner}", part) for inner, part in _columns_of(value))
        else:
            yield name, value


def _readable(value: object) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    match plain:
        case bool():
            return "yes" if plain else "no"
        case int():
            return f"{plain:,}"
        case float():
            return f"{plain:,.0f}" if abs(plain) >= _LARGE else f"{plain:,.3g}"
    return str(plain).replace("_", " ")
