"""Turns a file into blocks of deals as columns; a wrong row is set aside with its reasons, and the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mlscore.crm.csv_file.fitting import Fitted, fit
from mlscore.crm.csv_file.mapping import terms_and_folders
from mlscore.crm.csv_file.rejects import Reject
from mlscore.crm.csv_file.streaming.naming import UNNAMED, names_of
from mlscore.crm.csv_file.streaming.reading import Odd, read_column
from mlscore.crm.csv_file.streaming.slabs import Slab, read_slabs
from mlscore.crm.csv_file.terms import MappingTerms
from mlscore.crm.mapping import Bound, wrong_cell
from mlscore.scoring.deal import AHEAD_AT_MOST, FACTS, Deal, Deals, as_number
from mlscore.scoring.errors import FactError
from mlscore.scoring.policy import Policy

ROWS = 4_096
"""Rows of a block: more would be no faster, only larger in memory."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some deals of a file in its order, `as_of` unknown where the file says none; and the rows set aside."""

    deals: Deals
    rejects: Sequence[Reject]
    read: int


@dataclass(frozen=True)
class DealFile:
    """A file of deals. `rows` is how many it has, where that is known before it is read."""

    header: tuple[str, ...]
    delimiter: str
    blocks: Iterator[Block]
    rows: int | None


def read_deals(
    file: Path, *, mapping: Path | MappingTerms, policy: Policy, now: datetime, rows: int = ROWS
) -> DealFile:
    """Open a CSV or Parquet file by a mapping.

    A deal it names twice is two deals: no row is remembered, only a hash of each where no column names the deals.
    Raises MappingError with every fault of the mapping, and FaultyInputError where the file cannot be read at all.
    """
    terms, folders = terms_and_folders(file, mapping)
    slabs = read_slabs(file, terms.file, rows=rows)
    fitted = fit(terms, slabs.header, folders=folders, policy=policy)
    # What a side file or an ending says is read row by row.
    reader = _Reader(fitted, now=now, in_columns=not fitted.joins and terms.outcome is None)
    return DealFile(slabs.header, terms.file.mark, map(reader.block, slabs.slabs), slabs.rows)


class _Reader:
    """Reads slabs as blocks: column by column, and row by row what does not fit."""

    def __init__(self, fitted: Fitted, *, now: datetime, in_columns: bool) -> None:
        self._fitted, self._now = fitted, now
        self._latest = (now + AHEAD_AT_MOST).timestamp()
        self._in_columns = in_columns

    def block(self, slab: Slab) -> Block:
        """Return the deals of a slab."""
        rejects = list(slab.unread)
        size = len(slab.lines)
        names, odd = names_of(slab, self._fitted.identity)
        columns: dict[str, Any] = {"deal_id": names}
        if self._in_columns:
            for bound in (self._fitted.rows.facts, self._fitted.rows.extra):
                odd |= _read_bound(bound, slab, columns)
            odd |= columns.get("as_of", np.full(size, np.nan)) > self._latest
        else:
            odd[:] = True
        keep = np.ones(size, dtype=np.bool_)
        for row in np.flatnonzero(odd).tolist():
            keep[row] = self._read_row(slab, row, columns, rejects)
        deals = Deals.of_columns(columns, size=size)
        kept = deals if keep.all() else deals.select(np.flatnonzero(keep))
        return Block(kept, sorted(rejects, key=lambda reject: reject.line), size + len(slab.unread))

    def _read_row(self, slab: Slab, row: int, columns: dict[str, Any], rejects: list[Reject]) -> bool:
        """Read one row cell by cell into the columns, or set it aside; tell whether it is a deal."""
        cells = slab.rows[row]
        name = columns["deal_id"][row]
        if name is None:
            return False
        try:
            deal_id = self._fitted.identity.named(cells) if name == UNNAMED else name
        except FactError as error:
            wrong = wrong_cell(self._fitted.identity.column or "", error)
            rejects.append(Reject(line=slab.lines[row], cells=cells, wrong=(wrong,)))
            return False
        found = self._fitted.read(cells, deal_id=deal_id, now=self._now)
        if isinstance(found, list):
            rejects.append(Reject(line=slab.lines[row], cells=cells, wrong=tuple(found)))
            return False
        _put(found[0], row, columns, size=len(slab.lines))
        return True


def _read_bound(bound: Bound, slab: Slab, columns: dict[str, Any]) -> Odd:
    size = len(slab.lines)
    odd = np.zeros(size, dtype=np.bool_)
    for name, value in bound.constants.items():
        is_text = isinstance(value, str)
        columns[name] = np.full(size, value if is_text else as_number(value), dtype=object if is_text else np.float64)
    for name, position, read in bound.cells:
        target = bound.targets[name]
        columns[name], wrong = read_column(slab.columns[position], read, target, is_plain=name in bound.plain)
        odd |= wrong
    return odd


def _put(deal: Deal, row: int, columns: dict[str, Any], *, size: int) -> None:
    """Write one deal over its row of the columns; one that is not there yet is made."""
    known = {name: value for name in FACTS if (value := getattr(deal, name)) is not None} | dict(deal.extra)
    columns["deal_id"][row] = deal.deal_id
    for name, value in known.items():
        is_text = isinstance(value, str)
        if name not in columns:
            columns[name] = np.full(size, None if is_text else np.nan, dtype=object if is_text else np.float64)
        columns[name][row] = value if is_text else as_number(value)
