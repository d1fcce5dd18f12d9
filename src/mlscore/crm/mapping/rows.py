"""Binds a mapping to named columns and to a policy, then turns each row into a deal and its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mlscore.crm.mapping.columns import Read, Target, column_fault, constant_of, reader_of
from mlscore.crm.mapping.style import Style
from mlscore.crm.mapping.terms import RowTerms, Source, StatusTerms
from mlscore.crm.mapping.values import Cell, plain
from mlscore.scoring.deal import AHEAD_AT_MOST, FACTS, Deal, Kind, Outcome, Status
from mlscore.scoring.errors import FactError, Fault
from mlscore.scoring.policy import CustomFact, Policy
from mlscore.scoring.policy.reading import nearest
from mlscore.scoring.policy.values import shown

DAY_ENDS = "23:59:59"
"""A deal closed on a date is known to be closed when that day is over."""

_TODAY = timedelta(days=1)
"""How far the end of today may be ahead, wherever it is told."""

_LEVELS: Mapping[str, tuple[str, ...]] = {"stage": ("lead", "deal")}
_QUANTITIES = frozenset(
    ("annual_turnover_rub", "group_turnover_rub", "steam_tph", "employees", "budget_amount")
) | frozenset(("won_deals_24m", "small_exceptions_6m", "trial_exceptions"))

NAME_LENGTH = 500
"""Of longer texts no database keeps an index, by which a client or a seller is found."""

_NAMES = frozenset({"company_id", "seller_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCell:
    """What is wrong with one cell, and never its value; `column` is empty where it is the whole row."""

    column: str
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


def wrong_cell(column: str, error: FactError) -> WrongCell:
    """Say of a cell what its error says."""
    return WrongCell(column=column, code=error.code, message=str(error), params=error.params)


@dataclass(slots=True)
class Bound:
    """Facts bound to a file: the same in every row, or read from a position of it.

    `plain` are those of which the mapping says nothing but the column.
    """

    constants: dict[str, Any] = field(default_factory=dict)
    cells: list[tuple[str, int, Read]] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)

    def values(self, row: Sequence[Cell], header: Sequence[str], wrong: list[WrongCell]) -> dict[str, Any]:
        """Return every fact by name; a cell that is wrong is noted."""
        values = dict(self.constants)
        for name, position, read in self.cells:
            try:
                values[name] = read(row[position])
            except FactError as error:
                wrong.append(wrong_cell(header[position], error))
        return values


class Rows:
    """Reads whole rows. Whatever does not fit the columns or the policy goes to `faults`, its key after `within`."""

    def __init__(
        self,
        mapping: RowTerms,
        header: Sequence[str],
        *,
        policy: Policy,
        style: Style,
        faults: list[Fault],
        within: str = "",
    ) -> None:
        self._header, self._style, self._faults, self._within = header, style, faults, within
        stage = {} if "stage" in mapping.facts else {"stage": Source(constant="deal")}
        self.facts = self._bound({**stage, **mapping.facts}, _standard_targets(), "facts")
        self.extra = self._bound(mapping.extra, _custom_targets(policy.custom_facts), "extra")
        self._status: _Status | None = None
        self._ending = Bound()
        self._ends_may_come = False
        if mapping.outcome is not None:
            self._status = _Status(mapping.outcome.status, header, faults, key=f"{within}outcome.status")
            given = {n: getattr(mapping.outcome, n) for n in ("realised_profit", "closed_at", "known_at")}
            sources = {n: _at_day_end(n, s) for n, s in given.items() if s is not None}
            self._ends_may_come = any(s.plus_days > 0 for s in sources.values())
            self._ending = self._bound(sources, _OUTCOME_TARGETS, "outcome")

    def read(
        self, cells: Sequence[Cell], *, deal_id: str, now: datetime
    ) -> tuple[Deal, Outcome | None] | list[WrongCell]:
        """Return the deal, with its outcome when it is closed; or everything that is wrong with the row."""
        wrong: list[WrongCell] = []
        facts = self.facts.values(cells, self._header, wrong)
        extra = self.extra.values(cells, self._header, wrong)
        ending = self._ending.values(cells, self._header, wrong)
        status = self._status.of(cells, wrong) if self._status else None
        as_of, closed_at = facts.get("as_of"), ending.get("closed_at")
        if as_of is not None and as_of > now + AHEAD_AT_MOST:
            wrong.append(self._wrong("as_of", "import.in_future", "This moment has not come yet."))
        if status and closed_at is not None:
            if as_of is not None and closed_at < as_of:
                message = "The deal closed before the moment its facts were known."
                wrong.append(self._wrong("closed_at", "import.closed_before", message))
            elif closed_at > now + _TODAY and not self._ends_may_come:
                message = "The deal is said to have ended, but on a day that has not come yet."
                wrong.append(self._wrong("closed_at", "import.closed_ahead", message))
        if wrong:
            return wrong
        known = {n: v for n, v in extra.items() if v is not None}
        outcome = Outcome(deal_id=deal_id, status=status, **_known_when(ending)) if status else None
        return Deal(deal_id=deal_id, extra=known, **facts), outcome

    def read_what_can_be(
        self, cells: Sequence[Cell], *, deal_id: str
    ) -> tuple[Deal, Outcome | None, tuple[WrongCell, ...]]:
        """Return the deal, its outcome when it is closed, and the cells that are wrong: what they say is unknown."""
        wrong: list[WrongCell] = []
        facts = self.facts.values(cells, self._header, wrong)
        extra = self.extra.values(cells, self._header, wrong)
        status = self._status.of(cells, wrong) if self._status else None
        known = {n: v for n, v in extra.items() if v is not None}
        outcome = None
        if status is not None:
            ending = self._ending.values(cells, self._header, wrong)
            outcome = Outcome(deal_id=deal_id, status=status, **_known_when(ending))
        return Deal(deal_id=deal_id, extra=known, **facts), outcome, tuple(wrong)

    def _bound(self, sources: Mapping[str, Source], targets: Mapping[str, Target], key: str) -> Bound:
        bound = Bound()
        for name, source in sources.items():
            where = f"{self._within}{key}.{name}"
            if name not in targets:
                code = "mapping.unknown_custom_fact" if key == "extra" else "policy.unknown_fact"
                right = nearest(name, targets) if targets else "custom_facts"
                self._faults.append(Fault(where, code, {"given": shown(name), "right": right}))
                continue
            read = reader_of(source, targets[name], key=where, style=self._style, faults=self._faults)
            if source.column is None:
                bound.constants[name] = constant_of(source, read, key=where, faults=self._faults)
            elif not column_fault(source.column, self._header, f"{where}.column", self._faults):
                bound.cells.append((name, self._header.index(source.column), read))
                bound.targets[name] = targets[name]
                if source == Source(column=source.column):
                    bound.plain.add(name)
        return bound

    def _wrong(self, name: str, code: str, message: str) -> WrongCell:
        columns = {n: self._header[at] for n, at, _ in (*self.facts.cells, *self._ending.cells)}
        return WrongCell(column=columns.get(name, ""), code=code, message=message)


class _Status:
    """Reads whether a deal is won, lost or still open."""

    def __init__(self, terms: StatusTerms, header: Sequence[str], faults: list[Fault], *, key: str) -> None:
        self._constant = Status(terms.constant) if terms.constant else None
        self._column = terms.column or ""
        self._position = 0
        self._words: dict[str, Status | None] = {}
        meanings = ((terms.won, Status.WON), (terms.lost, Status.LOST), (terms.open, None))
        for words, means in meanings:
            for word in words:
                known = plain(word).casefold()
                if known in self._words:
                    faults.append(Fault(key, "mapping.word_twice", {"given": shown(word)}))
                self._words[known] = means
        if terms.empty == "open":
            self._words.setdefault("", None)
        if terms.column and not column_fault(terms.column, header, f"{key}.column", faults):
            self._position = header.index(terms.column)

    def of(self, cells: Sequence[Cell], wrong: list[WrongCell]) -> Status | None:
        if self._constant is not None:
            return self._constant
        cell = cells[self._position]
        word = "" if cell is None else plain(str(cell)).casefold()
        if word not in self._words:
            message = "Neither won, lost nor open: add the word to [outcome.status] of the mapping."
            wrong.append(WrongCell(column=self._column, code="import.unknown_status", message=message))
            return None
        return self._words[word]


def _known_when(ending: dict[str, Any]) -> dict[str, Any]:
    """Add when the outcome was known: at the close, unless the file says otherwise."""
    return {**ending, "known_at": ending.get("known_at") or ending.get("closed_at")}


def _at_day_end(name: str, source: Source) -> Source:
    is_moment = _OUTCOME_TARGETS[name].kind is Kind.MOMENT
    return replace(source, time_of_day=DAY_ENDS) if is_moment and not source.time_of_day else source


def _standard_targets() -> dict[str, Target]:
    targets = {
        name: Target(
            kind=fact.kind,
            levels=_LEVELS.get(name, ()),
            least=0 if name in _QUANTITIES else None,
            letters=NAME_LENGTH if name in _NAMES else None,
        )
        for name, fact in FACTS.items()
    }
    return targets | {"need_coverage": Target(kind=Kind.NUMBER, least=0, most=1)}


def _custom_targets(custom: Sequence[CustomFact]) -> dict[str, Target]:
    return {c.name: Target(kind=c.carried_as, levels=c.levels) for c in custom}


_OUTCOME_TARGETS: Mapping[str, Target] = {
    "realised_profit": Target(kind=Kind.MONEY),
    "closed_at": Target(kind=Kind.MOMENT),
    "known_at": Target(kind=Kind.MOMENT),
}
