"""Keeps what we last saw, scored and wrote of a CRM's items, and tells which scores are older than what made them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, or_, select

from mlscore.ports import Current, Freshness, Item, Mirror, Why
from mlscore.store.engine import CHUNK_ROWS, Database, insert
from mlscore.store.in_step.freshness import freshness_of
from mlscore.store.in_step.items import KEY, among, item_of, of_crm
from mlscore.store.in_step.staleness import STALE, is_same_item
from mlscore.store.tables import mirrors, tasks

_MIRRORS, _m = mirrors, mirrors.c
_OTHERS = tuple(column.name for column in mirrors.columns if column.name not in KEY)


@dataclass(frozen=True, slots=True)
class SqlMirrors:
    """The port `Mirrors`, in SQL."""

    database: Database

    def of(self, firm: str, crm: str, items: Sequence[Item]) -> Mapping[Item, Mirror]:
        """Return the mirrors there are."""
        with self.database.reading() as connection:
            rows = (connection.execute(select(mirrors).where(some)) for some in among(_m, firm, crm, items))
            return {mirror.item: mirror for found in rows for mirror in map(_mirror, found)}

    def keep(self, firm: str, crm: str, mirrors: Sequence[Mirror]) -> None:
        """Put mirrors in the place of earlier ones."""
        rows = [{"firm": firm, "crm": crm, **_row(mirror)} for mirror in sorted(mirrors, key=lambda one: one.item)]
        if not rows:
            return
        with self.database.writing() as connection:
            statement = insert(connection, _MIRRORS)
            anew = {name: statement.excluded[name] for name in _OTHERS}
            kept = statement.on_conflict_do_update(index_elements=list(KEY), set_=anew)
            for start in range(0, len(rows), CHUNK_ROWS):
                connection.execute(kept, rows[start : start + CHUNK_ROWS])

    def open_items(self, firm: str, crm: str) -> Sequence[Item]:
        """Return every item that was open when it was last seen, and that no task is for."""
        return [item for (item,) in self._without_task(firm, crm, None, None)]

    def stale(self, firm: str, crm: str, current: Current, *, at_most: int) -> Mapping[Why, Sequence[Item]]:
        """Return open items whose score is older than the policy, the champion or the day, and that no task is for."""
        found: dict[Why, list[Item]] = {}
        reasons = {why: is_stale(current) for why, is_stale in STALE.items()}
        for row in self._without_task(firm, crm, or_(*reasons.values()), at_most, *reasons.values()):
            item, *is_so = row
            why = next(why for why, so in zip(reasons, is_so, strict=True) if so)
            found.setdefault(why, []).append(item)
        return found

    def freshness(self, firm: str, crm: str, current: Current) -> Freshness:
        """Count."""
        with self.database.reading() as connection:
            return freshness_of(connection, firm, crm, current)

    def _without_task(
        self, firm: str, crm: str, which: ColumnElement[bool] | None, at_most: int | None, *more: ColumnElement[bool]
    ) -> Iterator[tuple[Any, ...]]:
        is_waiting = exists().where(is_same_item(tasks.c, _m))
        query = select(_m.kind, _m.item_id, *more).where(of_crm(_m, firm, crm), _m.is_open, ~is_waiting)
        query = query.order_by(_m.seen_at, _m.kind, _m.item_id)
        if which is not None:
            query = query.where(which)
        with self.database.reading() as connection:
            rows = connection.execute(query.limit(at_most)).all()
        for kind, item_id, *others in rows:
            yield item_of(kind, item_id), *others


def _mirror(row: Row[Any]) -> Mirror:
    known = row._asdict()
    item = item_of(known.pop("kind"), known.pop("item_id"))
    written = known.pop("written")
    del known["firm"], known["crm"]
    return Mirror(item=item, written=None if written is None else json.loads(written), **known)


def _row(mirror: Mirror) -> dict[str, object]:
    row = {name: getattr(mirror, name) for name in _OTHERS}
    written = None if mirror.written is None else json.dumps(dict(mirror.written), ensure_ascii=False)
    return {**row, "kind": mirror.item.kind, "item_id": mirror.item.item_id, "written": written}
