"""A plot with the numbers it shows: drawn once, kept as SVG and CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Self

from matplotlib import rc_context
from matplotlib.figure import Figure

Number = float | int | str | bool | None
Numbers = Sequence[Mapping[str, Number]]
"""The table beside a plot, row by row; every row has the same columns."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a plot's function draws, and the numbers it drew: at least one row."""

    figure: Figure
    numbers: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawn plot: its picture as SVG, and the numbers it shows; `told` says in a sentence how to read it."""

    name: str
    told: str
    svg: str = field(repr=False)
    numbers: Numbers = field(repr=False)

    @classmethod
    def of(cls, drawing: Drawing, *, name: str, told: str) -> Self:
        """Render a drawing: the same numbers give the same text."""
        picture = StringIO()
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
            drawing.figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
        return cls(name=name, told=told, svg=picture.getvalue(), numbers=drawing.numbers)

    @property
    def csv(self) -> str:
        """The numbers as CSV, with a heading."""
        page = StringIO()
        writer = csv.DictWriter(page, fieldnames=list(self.numbers[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.numbers)
        return page.getvalue()

    def _repr_svg_(self) -> str:
        """Show itself in a notebook."""
        return self.svg


def write_plots(plots: Sequence[Plot], folder: Path) -> None:
    """Write every picture, with the table of its numbers beside it."""
    for plot in plots:
        (folder / f"{plot.name}.svg").write_text(plot.svg, encoding="utf-8")
        (folder / f"{plot.name}.csv").write_text(plot.csv, encoding="utf-8")
