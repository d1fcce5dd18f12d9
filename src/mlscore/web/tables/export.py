"""Writes a table as a CSV file that a spreadsheet opens as it is, and runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from starlette.responses import Response, StreamingResponse

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.texts import Language
from mlscore.web.tables.column import Column
from mlscore.web.tables.table import Asked, Source, Table
from mlscore.web.visit import Visit

Row = TypeVar("Row")
ROWS_AT_ONCE = 5000
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By this spreadsheets know that the file is UTF-8."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(visit: Visit, table: Table[Row], source: Source[Row], asked: Asked) -> Response:
    """Return every row that was asked for, not only those of a page."""
    name = visit.request.url.path.strip("/").replace("/", "-") or "table"
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_lines(visit, table, source, asked), media_type="text/csv", headers=headers)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _lines(visit: Visit, table: Table[Row], source: Source[Row], asked: Asked) -> Iterator[str]:
    language = visit.words.language
    yield _MARK + _line([visit.words.say(column.heading) for column in table.columns], language)
    first = 0
    while rows := source.read(asked, first=first, at_most=ROWS_AT_ONCE):
        yield "".join(_line([_written(column, row, language) for column in table.columns], language) for row in rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        first += len(rows)


def _line(cells: list[str], language: Language) -> str:
    out = io.StringIO()
    # Where the decimal sign is a comma, spreadsheets expect semicolons between cells. Every cell is in quotes: a
    # spreadsheet of the other kind would part a text at the sign between its own, and take the rest for a formula.
    csv.writer(out, delimiter=";" if language == "ru" else ",", quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue()


def _written(column: Column[Row], row: Row, language: Language) -> str:
    value = column.value(row)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        number = f"{Decimal(round(value)) / MINOR_UNITS:.2f}" if column.is_money else f"{value:.6g}"
        return number.replace(".", ",") if language == "ru" else number
    if isinstance(value, datetime | date):
        return value.isoformat()
    return neutral(str(value))
