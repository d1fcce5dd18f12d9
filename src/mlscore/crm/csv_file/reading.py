"""Reads CSV and Parquet files as rows with their line numbers, whatever the encoding and the quoting."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mlscore.crm.csv_file.terms import TAB
from mlscore.crm.mapping import Cell, plain
from mlscore.scoring.errors import FaultyInputError

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch, Scalar
    from pyarrow.parquet import ParquetFile

PARQUET_ROWS = 8_192
_DELIMITERS = (";", ",", "\t", "|")

_LIKE_A_ROW = 4
"""Delimiters before any quote: a line with fewer may well be one of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its line (the first, where a quoted cell spans several), its cells, and why it cannot be read."""

    line: int
    cells: Sequence[Cell]
    wrong: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as its column names and an iterator of its rows."""

    header: tuple[str, ...]
    rows: Iterator[Row]


def read_table(file: Path, *, encoding: str, delimiter: str) -> Table:
    """Open a CSV or, by its name, a Parquet file. Raises FaultyInputError where it cannot be read at all."""
    if file.exists() and not file.is_file():  # a pipe can be read but once, and this is read twice
        raise _unreadable(file, "not_a_file")
    try:
        return _read_parquet(file) if is_parquet(file) else _read_csv(file, encoding, delimiter)
    except OSError as error:
        raise _unreadable(file, "not_opened", given=error.strerror) from None


def is_parquet(file: Path) -> bool:
    """Tell by its name whether a file is Parquet."""
    return file.suffix.casefold() in (".parquet", ".pq")


def _read_csv(file: Path, encoding: str, delimiter: str) -> Table:
    records = _records(file, encoding, delimiter)
    first = next(records, None)
    if first is None or first.wrong:
        raise _unreadable(file, "no_header")
    header = tuple(plain(str(name)) for name in first.cells)
    if len(header) == 1:
        records = _see_that_one_column_is_all(file, header[0], records, delimiter)
    return Table(header=header, rows=_checked(records, len(header)))


def _see_that_one_column_is_all(file: Path, name: str, records: Iterator[Row], delimiter: str) -> Iterator[Row]:
    """Return the rows of a file with one column; refuse one whose first line is no header, or has another delimiter."""
    second = next(records, None)
    found, below = max(_DELIMITERS, key=name.count), "" if second is None else delimiter.join(map(str, second.cells))
    if found in name and (second is None or below.count(found) >= name.count(found)):
        raise _unreadable(file, "other_delimiter", given=delimiter, right=TAB if found == "\t" else found)
    if second is not None and len(second.cells) > 1:
        raise _unreadable(file, "no_header_first", cells=len(second.cells), line=second.line)
    return records if second is None else chain([second], records)


def _records(file: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    mark = "\t" if delimiter == TAB else delimiter
    with file.open(encoding=_encoding(file, encoding), newline="") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=mark, strict=True)
        width = 0
        while True:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeError:
                raise _unreadable(file, "wrong_encoding", line=lines.first, encoding=encoding) from None
            except csv.Error:
                yield Row(line=lines.first, cells=[lines.keep_one()], wrong="import.bad_quoting")
            else:
                width = width or len(cells)
                if lines.have_rows_within(width, mark):
                    yield Row(line=lines.first, cells=[lines.keep_one()], wrong="import.bad_quoting")
                elif cells:
                    yield Row(line=lines.first, cells=cells)


class _Lines:
    """The lines of a file; those that a quote never closed has swallowed can be given back."""

    def __init__(self, stream: Iterator[str]) -> None:
        self.first = 1
        self._stream = stream
        self._taken: list[str] = []
        self._again: deque[str] = deque()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """Begin a record: `first` is the line it begins on."""
        self.first += len(self._taken)
        self._taken.clear()

    def have_rows_within(self, width: int, mark: str) -> bool:
        """Tell whether the record runs over whole rows: a quote was never closed, and one far below ended it.

        A line of a note may have as many commas, but has blanks behind them.
        """
        return width > _LIKE_A_ROW and any(
            line.count(mark) >= width - 1
            and line.partition('"')[0].count(mark) >= _LIKE_A_ROW
            and 2 * line.count(f"{mark} ") < width
            and len(next(csv.reader([line], delimiter=mark))) == width
            for line in self._taken[1:]
        )

    def keep_one(self) -> str:
        """Return the first line of the record; the others will be read again."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        return self._taken[0].rstrip("\r\n")


def _checked(records: Iterator[Row], width: int) -> Iterator[Row]:
    for row in records:
        if row.wrong is None and len(row.cells) != width:
            yield Row(line=row.line, cells=row.cells, wrong="import.cell_count")
        else:
            yield row


def _encoding(file: Path, encoding: str) -> str:
    """Return the encoding to open with: a byte order mark beats what the mapping says."""
    with file.open("rb") as stream:
        mark = stream.read(3)
    if mark.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if mark == codecs.BOM_UTF8 else encoding


def _read_parquet(file: Path) -> Table:
    opened = open_parquet(file)
    header = tuple(plain(name) for name in opened.schema_arrow.names)
    return Table(header=header, rows=_parquet_rows(file, opened))


def open_parquet(file: Path) -> ParquetFile:
    """Return the file as pyarrow reads it. Raises FaultyInputError."""
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - the lean server has no pyarrow
    except ImportError:
        raise FaultyInputError(
            'Reading Parquet needs pyarrow: pip install "mlscore[files]".', code="import.no_pyarrow"
        ) from None
    try:
        return parquet.ParquetFile(file)
    except ArrowException:
        raise _unreadable(file, "not_parquet") from None


def _parquet_rows(file: Path, opened: ParquetFile) -> Iterator[Row]:
    line = 0
    for batch in batches_of(file, opened, rows=PARQUET_ROWS):
        for cells in zip(*map(values_of, batch.columns), strict=True):
            line += 1
            yield Row(line=line, cells=cells)


def batches_of(file: Path, opened: ParquetFile, *, rows: int) -> Iterator[RecordBatch]:
    """Yield a file some rows at a time. Raises FaultyInputError where it cannot be read to its end."""
    from pyarrow import ArrowException  # noqa: PLC0415 - the lean server has no pyarrow

    batches, read = opened.iter_batches(batch_size=rows), 0
    while True:
        try:
            batch = next(batches, None)
        except (ArrowException, OSError):  # OSError: a page of it that cannot be unpacked
            raise _unreadable(file, "damaged", line=read) from None
        if batch is None:
            return
        read += batch.num_rows
        yield batch


def values_of(column: Array) -> Sequence[Cell]:
    """Return the cells of a column; one that Python has no value for is a text that says so, and fits no fact."""
    try:
        return [single(cell) for cell in column.to_pylist()]
    except (ValueError, OverflowError):  # moments beyond the calendar, zones that nobody knows
        return [_value_of(cell) for cell in column]


def _value_of(cell: Scalar) -> Cell:
    try:
        return single(cell.as_py())
    except (ValueError, OverflowError):
        return f"{cell.type}: {cell.value}"


def single(value: Cell | bytes | Sequence[object] | Mapping[str, object]) -> Cell:
    """Return one value; what is many things at once is written as text, and fits no fact but a text."""
    if isinstance(value, str):  # most are, and of no other kind is it as quickly told
        return value
    return str(value) if isinstance(value, bytes | Sequence | Mapping) else value


def _unreadable(file: Path, why: str, **params: object) -> FaultyInputError:
    message = f"{file.name} cannot be read: {_WHY[why].format(**params)}"
    return FaultyInputError(message, code=f"import.{why}", file=file.name, **params)


_WHY: Mapping[str, str] = {
    "not_opened": "{given}.",
    "no_header": "it has no header line.",
    "no_header_first": "its first line is one cell, line {line} is {cells}. Remove what stands above the header line.",
    "other_delimiter": 'its header line is one cell, split by "{given}". Set delimiter = "{right}" under [file].',
    "wrong_encoding": "after line {line} it is not {encoding}. Set encoding under [file].",
    "damaged": "after row {line} it is damaged or breaks off. Export it again.",
    "not_a_file": "it is no file but a pipe or the like. Save it as a file first.",
    "not_parquet": "it is not Parquet, though its name says so.",
}
