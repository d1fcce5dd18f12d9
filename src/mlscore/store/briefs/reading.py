"""Reads receipts in brief: deals as their newest receipts have them, sorted, filtered and counted in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, false, func, or_, select

from mlscore.ports import Brief, BriefsAsked, Said, Tally
from mlscore.store.briefs import filling
from mlscore.store.briefs.saying import said_of_closed
from mlscore.store.closed.backtests import backtests_of
from mlscore.store.engine import CHUNK_ROWS, Database
from mlscore.store.tables import briefs

CHUNKS_AT_ONCE = 2
VALUES_AT_MOST = 100
_b = briefs.c
_NAMES = tuple(one.name for one in fields(Brief) if one.name != "backtest")
_COLUMNS = tuple(_b[name] for name in _NAMES)
_TALLY = (func.count(), func.coalesce(func.sum(_b.expected_profit), 0.0))


@dataclass(frozen=True, slots=True)
class SqlBriefs:
    """The port `Briefs`, in SQL."""

    database: Database
    _looked_over: set[str] = field(default_factory=set)
    """Firms whose every receipt was seen to be in brief or due, once a process."""

    def catch_up(self, firm: str, *, at_most: int | None = CHUNKS_AT_ONCE * CHUNK_ROWS) -> int:
        """Bring up to date what is read below; return how many receipts are still to be read."""
        if firm not in self._looked_over:
            with self.database.writing() as connection:
                filling.note_missing(connection, firm)
            self._looked_over.add(firm)
        with self.database.reading() as connection:
            if not filling.is_behind(connection, firm):
                return 0
        taken = 0
        while at_most is None or taken < at_most:
            with self.database.writing() as connection:
                filled = filling.fill(connection, firm)
            if not filled:
                return 0
            taken += filled
        with self.database.reading() as connection:
            return filling.backlog(connection, firm)

    def count(self, firm: str, asked: BriefsAsked) -> int:
        """Return how many deals there are."""
        query = select(func.count()).select_from(briefs).where(*_which(firm, asked))
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def read(self, firm: str, asked: BriefsAsked, *, first: int, at_most: int) -> Sequence[Brief]:
        """Return deals by their newest receipts, from the position `first` on."""
        query = select(*_COLUMNS).where(*_which(firm, asked)).order_by(*_order(asked)).offset(first).limit(at_most)
        with self.database.reading() as connection:
            return [_brief(row) for row in connection.execute(query)]

    def values(self, firm: str, column: str, *, sellers: frozenset[str] | None) -> Sequence[str]:
        """Return the values a column has among the newest receipts, the most frequent first, a hundred at most."""
        which = (*_which(firm, BriefsAsked(sellers=sellers)), _b[column].is_not(None))
        query = select(_b[column]).where(*which).group_by(_b[column]).order_by(func.count().desc(), _b[column])
        with self.database.reading() as connection:
            return list(connection.scalars(query.limit(VALUES_AT_MOST)))

    def tally(self, firm: str, asked: BriefsAsked, by: str) -> Mapping[str, Tally]:
        """Return how many deals there are of each value of a column, and what they are expected to bring."""
        query = select(_b[by], *_TALLY).where(*_which(firm, asked)).group_by(_b[by])
        with self.database.reading() as connection:
            return {value or "": Tally(deals, money) for value, deals, money in connection.execute(query)}

    def first_of(self, firm: str, asked: BriefsAsked, at_most: int, *, among: BriefsAsked | None = None) -> Tally:
        """Return how many of the first deals there are, in the order asked for, and what they are expected to bring.

        With `among`, only those of the first that it asks for as well.
        """
        first = select(_b.receipt_id).where(*_which(firm, asked)).order_by(*_order(asked)).limit(at_most).subquery()
        is_first = (_b.firm == firm) & (_b.receipt_id == first.c.receipt_id)
        query = select(*_TALLY).select_from(first.join(briefs, is_first)).where(*_which(firm, among or asked))
        with self.database.reading() as connection:
            deals, money = connection.execute(query).one()
        return Tally(deals, money or 0.0)

    def since(self, firm: str, deal_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return the moment of each deal's first receipt."""
        query = select(_b.deal_id, func.min(_b.at)).where(_b.firm == firm, _b.deal_id.in_(deal_ids))
        with self.database.reading() as connection:
            return dict(connection.execute(query.group_by(_b.deal_id)).all())

    def of_deal(self, firm: str, deal_id: str, *, sellers: frozenset[str] | None) -> Sequence[Brief]:
        """Return every receipt of a deal, newest first; none where its newest is not of these sellers."""
        newest_first = (one.desc() for one in filling.in_time(_b))
        query = select(*_COLUMNS).where(_b.firm == firm, _b.deal_id == deal_id).order_by(*newest_first)
        with self.database.reading() as connection:
            found = [_brief(row) for row in connection.execute(query)]
            tested = backtests_of(connection, firm, [one.receipt_id for one in found])
        if found and sellers is not None and found[0].seller_id not in sellers:
            return []
        return [replace(one, backtest=tested.get(one.receipt_id)) for one in found]

    def said_of_closed(self, firm: str) -> Mapping[str, Said]:
        """Return what models said of every receipt of a closed deal, by receipt; nothing of what no model answered."""
        with self.database.reading() as connection:
            return said_of_closed(connection, firm)


def _which(firm: str, asked: BriefsAsked) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [_b.firm == firm, _b.is_newest.is_(True)]
    if asked.sellers is not None:
        which.append(_b.seller_id.in_(asked.sellers) if asked.sellers else false())
    if asked.search:
        columns = (_b.deal_id, _b.company_id)
        which.append(or_(*(column.icontains(asked.search, autoescape=True) for column in columns)))
    for name, values in asked.equal.items():
        known = _b[name].in_([value for value in values if value])
        which.append(or_(known, _b[name].is_(None)) if "" in values else known)
    return which


def _order(asked: BriefsAsked) -> list[ColumnElement[Any]]:
    column: ColumnElement[Any] = func.abs(_b.expected_profit - asked.cost) if asked.sort == "stake" else _b[asked.sort]
    columns = [column, _b.profit_if_won] if asked.sort == "expected_profit" else [column]
    return [*((one.desc() if asked.descending else one.asc()).nulls_last() for one in columns), _b.receipt_id]


def _brief(row: Row[Any]) -> Brief:
    return Brief(**dict(zip(_NAMES, row, strict=True)))
