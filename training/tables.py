"""The table of a contest, for the screen and for Markdown: rules, every candidate, the service."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.table import Table as RichTable

from training.evaluate import Figures

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


def markdown_table(figures: Sequence[Figures], *, columns: Sequence[str] | None = None) -> str:
    """Return the figures as a Markdown table; `columns` names some of them."""
    chosen = _chosen(figures, columns)
    lines = [
        "| " + " | ".join(["", *(title for _, title, _ in chosen)]) + " |",
        "|---|" + "---:|" * len(chosen),
        *("| " + " | ".join([_name(f), *_cells(f, chosen)]) + " |" for f in figures),
    ]
    return "\n".join(lines)


def rich_table(figures: Sequence[Figures], *, title: str) -> RichTable:
    """Return the figures as a table for the screen."""
    chosen = _chosen(figures, _ON_SCREEN)
    table = RichTable(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for _, heading, _ in chosen:
        table.add_column(heading, justify="right", no_wrap=True)
    for one in figures:
        table.add_row(_name(one), *_cells(one, chosen))
    return table


def _chosen(figures: Sequence[Figures], columns: Sequence[str] | None) -> list[tuple[str, str, str]]:
    def is_told(name: str) -> bool:
        return any(getattr(f, name) is not None for f in figures)

    return [c for c in _COLUMNS if (columns is None or c[0] in columns) and is_told(c[0])]


def _cells(figures: Figures, columns: Sequence[tuple[str, str, str]]) -> list[str]:
    values = [(getattr(figures, name), form) for name, _, form in columns]
    return [NOTHING if value is None or not np.isfinite(value) else format(value, form) for value, form in values]


def _name(figures: Figures) -> str:
    return figures.scorer.replace("_", " ")
