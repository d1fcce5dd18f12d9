"""Fits a mapping to one file: its columns, the side files beside it, and what names its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mlscore.crm.csv_file.identity import Identity
from mlscore.crm.csv_file.joins import Join, open_joins
from mlscore.crm.csv_file.terms import MappingTerms
from mlscore.crm.mapping import Cell, Rows, WrongCell, style_of
from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A mapping fitted to one file: what names its rows, the side files beside it, and what a whole row says."""

    identity: Identity
    joins: tuple[Join, ...]
    rows: Rows

    def read(
        self, cells: Sequence[Cell], *, deal_id: str, now: datetime
    ) -> tuple[Deal, Outcome | None] | list[WrongCell]:
        """Read a row, with what the side files have of it, as `Rows.read` does."""
        for join in self.joins:
            cells = [*cells, *join.cells(cells)]
        return self.rows.read(cells, deal_id=deal_id, now=now)


def fit(terms: MappingTerms, header: tuple[str, ...], *, folders: Sequence[Path], policy: Policy) -> Fitted:
    """Fit a mapping to a file's columns; side files are looked for in `folders`.

    Raises MappingError with every fault.
    """
    faults: list[Fault] = []
    joins, columns = open_joins(terms.joins, header, file=terms.file, folders=folders, faults=faults)
    style = style_of(terms.file, timezone=policy.timezone, faults=faults)
    rows = Rows(terms, columns, policy=policy, style=style, faults=faults)
    identity = Identity(terms.id, header, faults)
    if faults:
        raise MappingError(faults)
    return Fitted(identity=identity, joins=joins, rows=rows)
