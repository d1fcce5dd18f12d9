"""Reads a column of a file as a fact, at a stroke: what is odd in it is left to be read cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.crm.csv_file.reading import values_of
from mlscore.crm.csv_file.streaming.slabs import Column, cells_of
from mlscore.crm.mapping import Cell, Read, Target
from mlscore.scoring.deal import MINOR_UNITS, Floats, Kind, Texts, Value, as_number
from mlscore.scoring.errors import FactError
from mlscore.scoring.policy.values import LARGEST

Odd = NDArray[np.bool_]

_EXACT_BELOW = 1e13
"""Money below it has at most fifteen digits with its two decimals, which a float holds without a doubt."""


def read_column(column: Column, read: Read, target: Target, *, is_plain: bool) -> tuple[Floats | Texts, Odd]:
    """Return the fact's column, and the rows whose cell was left unread; the others say just what `read` says.

    Numbers of a Parquet file that the mapping takes as they are (`is_plain`) are looked at all together; any other
    cell is read once for all the rows that hold it.
    """
    numbers = _numbers_of(column) if is_plain and target.kind in (Kind.NUMBER, Kind.MONEY) else None
    if numbers is not None:
        return _money(numbers, target) if target.kind is Kind.MONEY else _within(numbers, target)
    cells, codes = _distinct(column)
    values = [_read(read, cell) for cell in cells]
    odd = np.array([isinstance(value, _Unread) for value in values], dtype=np.bool_)
    is_text = target.kind is Kind.TEXT
    found = np.empty(len(values), dtype=object if is_text else np.float64)
    for at, value in enumerate(values):
        known = None if isinstance(value, _Unread) else value
        found[at] = known if is_text else as_number(known)
    return found[codes], odd[codes]


class _Unread:
    """A cell that is wrong."""


_UNREAD = _Unread()


def _read(read: Read, cell: Cell) -> Value | _Unread:
    try:
        return read(cell)
    except FactError:
        return _UNREAD


def _numbers_of(column: Column) -> Floats | None:
    """Return a column of numbers with NaN where it has none; None where it holds anything else."""
    if isinstance(column, Sequence):
        return None
    from pyarrow import types  # noqa: PLC0415 - the lean server has no pyarrow; who gave this column has

    if not (types.is_integer(column.type) or types.is_float32(column.type) or types.is_float64(column.type)):
        return None
    return np.array(column.cast("float64", safe=False).to_numpy(zero_copy_only=False))  # a copy that may be mended


def _within(numbers: Floats, target: Target) -> tuple[Floats, Odd]:
    least = -LARGEST if target.least is None else max(target.least, -LARGEST)
    most = LARGEST if target.most is None else min(target.most, LARGEST)
    return numbers + 0.0, ~((numbers >= least) & (numbers <= most) | np.isnan(numbers))


def _money(numbers: Floats, target: Target) -> tuple[Floats, Odd]:
    """Return whole minor units; odd is what has more decimals, or is too large to tell."""
    numbers, odd = _within(numbers, target)
    with np.errstate(invalid="ignore", over="ignore"):
        minor = np.rint(numbers * MINOR_UNITS) + 0.0  # there is no money below nought that is none
        is_whole = (minor / MINOR_UNITS == numbers) & (np.abs(numbers) < _EXACT_BELOW)
    limit = np.abs(minor) > LARGEST
    return minor, odd | limit | ~(is_whole | np.isnan(numbers))


def _distinct(column: Column) -> tuple[Sequence[Cell], NDArray[np.intp]]:
    """Return the cells that differ, and which of them each row has."""
    if isinstance(column, Sequence):
        return _coded(column)
    from pyarrow import ArrowException, types  # noqa: PLC0415 - the lean server has no pyarrow; who gave this column has

    plain = column.dictionary_decode() if types.is_dictionary(column.type) else column
    try:
        coded: Any = plain.dictionary_encode(null_encoding="encode")
    except ArrowException:  # of lists, structures and the like there is no dictionary
        return _coded(cells_of(column))
    return values_of(coded.dictionary), coded.indices.to_numpy().astype(np.intp)


def _coded(cells: Sequence[Cell]) -> tuple[Sequence[Cell], NDArray[np.intp]]:
    places: dict[Cell, int] = {}
    codes = [places.setdefault(cell, len(places)) for cell in cells]
    return list(places), np.array(codes, dtype=np.intp)
