"""Keeps tasks until they are done: one an item, claimed by one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Case, ColumnElement, Row, and_, bindparam, case, delete, or_, select, update

from mlscore.ports import Item, Task, Why
from mlscore.store.engine import CHUNK_ROWS, Database, insert
from mlscore.store.in_step.items import KEY, any_of, item_of, key_of, of_crm, this_item
from mlscore.store.tables import tasks

_TASKS, _t = tasks, tasks.c
_AGAIN = _t.number != bindparam("of_number")
"""Whether a task was told of again since it was claimed."""

_MINE = this_item(_t) & (_t.claimed_by == bindparam("of_by"))
_FREE = {"claimed_by": None, "claimed_until": None}


@dataclass(frozen=True, slots=True)
class SqlTasks:
    """The port `Tasks`, in SQL."""

    database: Database

    def tell(self, firm: str, crm: str, items: Sequence[Item], *, why: Why, at: datetime) -> None:
        """Note that items are to be looked at; one that waits is the same task with a higher number, and is due.

        One that was set aside begins anew. They are on the disk when this returns. Raises StoreUnavailableError.
        """
        new = {"firm": firm, "crm": crm, "number": 1, "why": why, "told_at": at, "due_at": at, "tries": 0}
        rows = [{**new, "kind": item.kind, "item_id": item.item_id} for item in sorted(set(items))]
        if not rows:
            return
        with self.database.writing() as connection:
            statement = insert(connection, tasks)
            told_again = statement.on_conflict_do_update(index_elements=list(KEY), set_=_told_again(at))
            for start in range(0, len(rows), CHUNK_ROWS):
                connection.execute(told_again, rows[start : start + CHUNK_ROWS])

    def claim(self, firm: str, crm: str, *, by: str, at: datetime, until: datetime, at_most: int) -> Sequence[Task]:
        """Take due tasks, the longest told first; until that moment nobody else gets them."""
        due = and_(of_crm(_t, firm, crm), _t.due_at <= at, or_(_t.claimed_until.is_(None), _t.claimed_until <= at))
        with self.database.reading() as connection:
            # Who looks whether there is anything at all need not keep writers waiting.
            if connection.execute(select(_t.item_id).where(due).limit(1)).first() is None:
                return ()
        with self.database.writing() as connection:
            query = select(tasks).where(due).order_by(_t.told_at, _t.kind, _t.item_id).limit(at_most)
            found = [_task(row) for row in connection.execute(query.with_for_update(skip_locked=True))]
            if found:
                mine = any_of(_t, firm, crm, [task.item for task in found])
                connection.execute(update(tasks).where(mine).values(claimed_by=by, claimed_until=until))
        return found

    def done(self, firm: str, crm: str, tasks: Sequence[Task], *, by: str) -> None:
        """Strike tasks off; one that was told of again since it was claimed stays, and is due."""
        if not tasks:
            return
        claimed = [_claimed(firm, crm, task, by) for task in tasks]
        with self.database.writing() as connection:
            connection.execute(delete(_TASKS).where(_MINE, ~_AGAIN), claimed)
            connection.execute(update(_TASKS).where(_MINE, _AGAIN).values(**_FREE, tries=0, fault=None), claimed)

    def put_off(
        self, firm: str, crm: str, tasks: Sequence[Task], *, by: str, due_at: datetime | None, fault: str | None = None
    ) -> None:
        """Give tasks back, to be claimed from `due_at` on; None sets them aside for a person.

        With a `fault` it counts as a try. One that was told of again since it was claimed is due at once.
        """
        if not tasks:
            return
        claimed = [_claimed(firm, crm, task, by) for task in tasks]
        tried = {} if fault is None else {"tries": _t.tries + 1, "fault": fault}
        with self.database.writing() as connection:
            connection.execute(update(_TASKS).where(_MINE, ~_AGAIN).values(**_FREE, **tried, due_at=due_at), claimed)
            connection.execute(update(_TASKS).where(_MINE, _AGAIN).values(**_FREE, **tried), claimed)

    def set_aside(self, firm: str, crm: str) -> Sequence[Task]:
        """Return the tasks that wait for a person, the longest told first."""
        query = select(tasks).where(of_crm(_t, firm, crm), _t.due_at.is_(None)).order_by(_t.told_at, _t.item_id)
        with self.database.reading() as connection:
            return [_task(row) for row in connection.execute(query)]


def _told_again(at: datetime) -> dict[str, ColumnElement[object] | Case[object]]:
    is_aside = _t.due_at.is_(None)
    # What a worker has in hand is being seen to: from here on it waits anew.
    is_anew = or_(is_aside, and_(_t.claimed_until.is_not(None), _t.claimed_until > at))
    moment = bindparam("anew_at", at, type_=_t.told_at.type)
    return {
        "number": _t.number + 1,
        "told_at": case((is_anew, moment), else_=_t.told_at),
        "due_at": case((or_(is_aside, _t.due_at > at), moment), else_=_t.due_at),
        "tries": case((is_aside, 0), else_=_t.tries),
        "fault": case((is_aside, None), else_=_t.fault),
    }


def _claimed(firm: str, crm: str, task: Task, by: str) -> dict[str, object]:
    return {**key_of(firm, crm, task.item), "of_by": by, "of_number": task.number}


def _task(row: Row[tuple[object, ...]]) -> Task:
    return Task(
        item=item_of(row.kind, row.item_id),
        number=row.number,
        why=cast("Why", row.why),
        told_at=row.told_at,
        tries=row.tries,
        fault=row.fault,
    )
