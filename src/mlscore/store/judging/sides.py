"""Keeps the sides people take where rules and model part: versions are added, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import Connection, Row, Select, func, select

from mlscore.ports import Side, With
from mlscore.scoring.errors import ConflictError
from mlscore.store.engine import Database, chunks, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import sides
from mlscore.store.tables.judging import SideColumns

_s = sides.c


@dataclass(frozen=True, slots=True)
class SqlSides:
    """The port `Sides`, in SQL."""

    database: Database

    def take(self, firm: str, side: Side, *, known: int) -> Side:
        """Keep a side as the next version, and write it down. Raises ConflictError where there is a later one."""
        with self.database.writing() as connection:
            lock(connection, "sides", firm)
            earlier = _newest(connection, firm, [side.deal_id]).get(side.deal_id)
            version = 0 if earlier is None else earlier.version
            if version != known:
                raise ConflictError(
                    f"Somebody else took a side of {side.deal_id} meanwhile: read it first.", code="web.side.meanwhile"
                )
            taken = replace(side, version=version + 1)
            row = {"firm": firm, **{name: getattr(taken, name) for name in _FIELDS}}
            connection.execute(sides.insert().values(row))
            before = None if earlier is None else _said(earlier)
            at, who = taken.at, taken.by
            note(
                connection,
                firm,
                at=at,
                who=who,
                what="side.taken",
                subject=taken.deal_id,
                before=before,
                after=_said(taken),
            )
        return taken

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Side]:
        """Return every side taken of a deal, newest first."""
        query = select(sides).where(_s.firm == firm, _s.deal_id == deal_id).order_by(_s.version.desc())
        with self.database.reading() as connection:
            return [_side(row) for row in connection.execute(query)]

    def newest(self, firm: str, deal_ids: Collection[str] | None = None) -> Mapping[str, Side]:
        """Return the newest side of each deal, of all deals unless some are named."""
        with self.database.reading() as connection:
            return _newest(connection, firm, None if deal_ids is None else sorted(deal_ids))


_FIELDS = ("deal_id", "version", "side", "why", "by", "at")


def _newest(connection: Connection, firm: str, deal_ids: Sequence[str] | None) -> dict[str, Side]:
    last = select(_s.deal_id, func.max(_s.version).label("version")).where(_s.firm == firm).group_by(_s.deal_id)
    parts = [last] if deal_ids is None else [last.where(_s.deal_id.in_(ids)) for ids in chunks(deal_ids)]
    found = (row for part in parts for row in connection.execute(_those(firm, part)))
    return {row.deal_id: _side(row) for row in found}


def _those(firm: str, last: Select[str, int]) -> Select[SideColumns]:
    of = last.subquery()
    return select(sides).join(of, (of.c.deal_id == _s.deal_id) & (of.c.version == _s.version)).where(_s.firm == firm)


def _side(row: Row[SideColumns]) -> Side:
    return Side(
        deal_id=row.deal_id, version=row.version, side=cast("With", row.side), why=row.why, by=row.by, at=row.at
    )


def _said(side: Side) -> dict[str, object]:
    return {"side": side.side, "why": side.why}
