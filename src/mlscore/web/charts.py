"""Charts: drawn on the server as SVG without a style of its own, each with the table of what it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from types import ModuleType
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, tostring  # nosec B405 # writes what the library drew, parses nothing

from markupsafe import Markup

Ink = Literal["rules", "model", "seen", "apart"]
"""What a line or a bar stands for: its colour is the same on every page, and in the plots of a training."""

_numbers = count(1)


class Size(NamedTuple):
    """How large a chart is drawn: once for a desk and once for a phone, the style shows the one that fits."""

    name: str
    width: int
    height: int
    labels: int
    margin_left: int
    margin_right: int


WIDE, NARROW = Size("wide", 720, 260, 6, 24, 52), Size("narrow", 330, 220, 2, 24, 52)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, or the bars of one colour; None where nothing is known."""

    name: str
    ink: Ink
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart shows: `says` is what a reader should see in it, `write` writes its values.

    `ends` are where the upright axis begins and ends.
    """

    title: str
    says: str
    along: str
    labels: Sequence[str]
    series: Sequence[Series]
    write: Callable[[float | None], str]
    kind: Literal["line", "bar"] = "line"
    ends: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as templates take it: the drawing, and its table."""

    title: str
    says: str
    wide: Markup
    narrow: Markup
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    keys: Sequence[tuple[Ink, str]]


def draw(chart: Chart) -> Drawn:
    """Draw a chart."""
    rows = [
        [label, *(chart.write(series.values[place]) for series in chart.series)]
        for place, label in enumerate(chart.labels)
    ]
    headings = [chart.along, *(series.name for series in chart.series)]
    keys = [(series.ink, series.name) for series in chart.series]
    return Drawn(chart.title, chart.says, _svg(chart, WIDE), _svg(chart, NARROW), headings, rows, keys)


def _svg(chart: Chart, size: Size) -> Markup:
    root = _plotted(chart, size)
    number = next(_numbers)
    for stray in [one for one in root if one.tag in {"defs", "title"} or callable(one.tag)]:
        root.remove(stray)  # a style and a script, which no page of ours may hold, and comments
    for element in root.iter():
        element.attrib.pop("style", None)
        element.set("class", _inked(element.get("class", ""), chart))
        if not element.get("class"):
            del element.attrib["class"]
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag in {"desc", "title"}:
                parent.remove(child)
    root.attrib.pop("id", None)
    # An image to who cannot see it: its name, what it says, and the table beside it.
    root.set("role", "img")
    root.set("aria-labelledby", f"chart-{number}-title chart-{number}-says")
    root.set("class", f"plot {size.name}")
    root.insert(0, _named("desc", f"chart-{number}-says", chart.says))
    root.insert(0, _named("title", f"chart-{number}-title", chart.title))
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704 # nosec B704 # the library's own, its texts escaped


def _plotted(chart: Chart, size: Size) -> Element:
    library = _library()
    made = (library.Line if chart.kind == "line" else library.Bar)(
        css=[],
        js=[],
        width=size.width,
        height=size.height,
        range=chart.ends,
        show_legend=False,
        dots_size=3.5,
        margin=8,
        margin_left=size.margin_left,
        margin_right=size.margin_right,
        spacing=6,
        max_scale=6,
        truncate_label=-1,
        x_labels_major_count=min(len(chart.labels), size.labels),
        show_minor_x_labels=False,
        value_formatter=chart.write,
        no_data_text="",
    )
    made.x_labels = list(chart.labels)
    for series in chart.series:
        made.add(series.name, list(series.values))
    drawn: Element = made.render_tree()
    return drawn


@cache
def _library() -> ModuleType:
    import pygal  # noqa: PLC0415 - loaded when a chart is first drawn

    # It puts a finder of its own maps before everybody's imports, of a kind that Python has given up.
    sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]
    return pygal


def _inked(classes: str, chart: Chart) -> str:
    """Give what belongs to a series its colour's name in place of its number."""
    inks = {f"color-{place}": f"ink-{series.ink}" for place, series in enumerate(chart.series)}
    return " ".join(inks.get(one, one) for one in classes.split())


def _named(tag: str, name: str, text: str) -> Element:
    element = Element(tag, {"id": name})
    element.text = text
    return element
