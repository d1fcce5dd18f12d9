"""Names the deals of a file, so that importing it again finds the same ones, and tells duplicates."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from mlscore.crm.csv_file.joins import as_key
from mlscore.crm.csv_file.terms import IdTerms
from mlscore.crm.mapping import Cell, column_fault, plain
from mlscore.scoring.deal import is_deal_id
from mlscore.scoring.errors import FactError, Fault

REJECT_COLUMNS = ("rejected_line", "rejected_column", "rejected_reason")
"""What a reject file adds to the columns; they name no deal, so that a mended file imports as itself."""

_HASH_DIGITS = 20


class Identity:
    """Gives each row of one file its `deal_id`; it remembers the rows it has seen."""

    def __init__(self, terms: IdTerms, header: Sequence[str], faults: list[Fault]) -> None:
        self.column, self.prefix = terms.column, terms.prefix
        self._terms = terms
        own = [n for n in header if n not in REJECT_COLUMNS]
        given = [terms.column] if terms.column else list(terms.hash or ())
        names = sorted(own) if terms.hash == "all" else given
        key = "id.column" if terms.column else "id.hash"
        wrong = [n for n in names if column_fault(n, header, key, faults)]
        self._positions = [header.index(n) for n in names if n not in wrong]
        self._whole = [i for i, n in enumerate(header) if n not in REJECT_COLUMNS]
        self.position = self._positions[0] if terms.column and self._positions else None
        self._ordinals: Counter[str] = Counter()
        self._rows: set[str] = set()
        self._named: dict[str, Sequence[Cell]] = {}

    def take(self, cells: Sequence[Cell]) -> str | None:
        """Return the row's `deal_id`; None where the row only repeats another and is to be dropped.

        Rows named by a column are dropped when identical; hashed ones when the mapping says so. Raises FactError
        where it is no id, or an earlier row of the file has it and says something else.
        """
        return self._by_column(cells) if self.column else self._by_hash(cells)

    def _by_column(self, cells: Sequence[Cell]) -> str | None:
        deal_id = self.named(cells)
        earlier = self._named.setdefault(deal_id, cells)
        if earlier is cells:
            return deal_id
        if [earlier[i] for i in self._whole] == [cells[i] for i in self._whole]:
            return None
        raise FactError(
            "An earlier row of the file has this deal and says something else: keep one of them.",
            code="import.duplicate_id",
        )

    def named(self, cells: Sequence[Cell]) -> str:
        """Return the `deal_id` in the row's column, whatever earlier rows said. Raises FactError where it is no id."""
        return checked_id(self._terms.prefix + as_key(cells[self._positions[0]]))

    def _by_hash(self, cells: Sequence[Cell]) -> str | None:
        if self._terms.duplicates == "drop":
            row = _digest(cells, self._whole)
            if row in self._rows:
                return None
            self._rows.add(row)
        digest = _digest(cells, self._positions)[:_HASH_DIGITS]
        self._ordinals[digest] += 1
        return checked_id(f"{self._terms.prefix}{digest}-{self._ordinals[digest]}")


def checked_id(text: str) -> str:
    """Return what may name a deal, as `is_deal_id` tells. Raises FactError."""
    if not is_deal_id(text):
        raise FactError(
            "A deal needs an id of 1 to 128 printable characters without / \\ ? # %.",
            code="import.bad_deal_id",
        )
    return text


def _digest(cells: Sequence[Cell], positions: Sequence[int]) -> str:
    texts = ("" if cells[i] is None else plain(str(cells[i])) for i in positions)
    return hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
