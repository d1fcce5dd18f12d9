"""Turns a firm's file into past deals and their outcomes; a wrong row is set aside with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mlscore.crm.csv_file.fitting import Fitted, fit
from mlscore.crm.csv_file.mapping import terms_and_folders
from mlscore.crm.csv_file.reading import Row, read_table
from mlscore.crm.csv_file.rejects import Reject, Rejects, unread
from mlscore.crm.csv_file.terms import MappingTerms
from mlscore.crm.mapping import WrongCell, wrong_cell
from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.errors import FactError
from mlscore.scoring.policy import Policy

Progress = Callable[[int], None]
"""Is told, now and then, how many rows have been read."""

TOLD_EVERY = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDeal:
    """A deal as the file tells it; `outcome` is None while it is open."""

    line: int
    deal: Deal
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHistory:
    """A whole file, read. `unmatched` counts, by join, the rows whose key the side file has not."""

    deals: tuple[PastDeal, ...]
    rejects: tuple[Reject, ...]
    read: int
    duplicates: int
    unmatched: Mapping[str, int]
    header: tuple[str, ...]
    delimiter: str

    @property
    def rejected(self) -> int:
        """How many rows were set aside."""
        return len(self.rejects)


def read_history(
    file: Path,
    *,
    mapping: Path | MappingTerms,
    policy: Policy,
    now: datetime,
    progress: Progress = lambda _: None,
) -> CsvHistory:
    """Read a CSV or Parquet file by a mapping; nothing is kept anywhere.

    Side files are looked for beside the file, then beside the mapping. Raises MappingError with every fault of
    the mapping, and FaultyInputError where the file cannot be read at all.
    """
    terms, folders = terms_and_folders(file, mapping)
    table = read_table(file, encoding=terms.file.encoding, delimiter=terms.file.delimiter)
    sorter = _Sorter(fit(terms, table.header, folders=folders, policy=policy), now)
    for row in table.rows:
        sorter.take(row)
        if sorter.read % TOLD_EVERY == 0:
            progress(sorter.read)
    progress(sorter.read)
    return sorter.history(table.header, terms)


class _Sorter:
    """Puts each row where it belongs: to the deals, the rejects or the duplicates."""

    def __init__(self, fitted: Fitted, now: datetime) -> None:
        self.read = 0
        self._fitted, self._now = fitted, now
        self._deals: list[PastDeal] = []
        self._rejects: list[Reject] = []
        self._duplicates = 0

    def take(self, row: Row) -> None:
        self.read += 1
        if row.wrong is not None:
            self._rejects.append(unread(row))
        else:
            self._translate(row)

    def history(self, header: tuple[str, ...], terms: MappingTerms) -> CsvHistory:
        return CsvHistory(
            deals=tuple(self._deals),
            rejects=tuple(self._rejects),
            read=self.read,
            duplicates=self._duplicates,
            unmatched={join.prefix: join.unmatched for join in self._fitted.joins},
            header=header,
            delimiter=terms.file.mark,
        )

    def _translate(self, row: Row) -> None:
        try:
            deal_id = self._fitted.identity.take(row.cells)
        except FactError as error:
            self._reject(row, [wrong_cell(self._fitted.identity.column or "", error)])
            return
        if deal_id is None:
            self._duplicates += 1
            return
        found = self._fitted.read(row.cells, deal_id=deal_id, now=self._now)
        if isinstance(found, list):
            self._reject(row, found)
        else:
            self._deals.append(PastDeal(line=row.line, deal=found[0], outcome=found[1]))

    def _reject(self, row: Row, wrong: list[WrongCell]) -> None:
        self._rejects.append(Reject(line=row.line, cells=row.cells, wrong=tuple(wrong)))


def write_rejects(history: CsvHistory, target: Path) -> Path | None:
    """Write the rejected rows of a history as `Rejects` does; None, and no file, where there are none."""
    with Rejects(target, history.header, history.delimiter) as rejects:
        for reject in history.rejects:
            rejects.take(reject)
    return target if rejects.count else None
