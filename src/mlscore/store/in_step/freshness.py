"""Counts open items, and those whose score is older than what it was made of."""

from __future__ import annotations

from collections import Counter
from typing import cast

from sqlalchemy import ColumnElement, Connection, Integer, case, exists, func, or_, select
from sqlalchemy.sql.functions import Function

from mlscore.ports import Current, Freshness, Why
from mlscore.store.in_step.items import of_crm
from mlscore.store.in_step.staleness import STALE, is_same_item
from mlscore.store.tables import mirrors, tasks

_t, _m = tasks.c, mirrors.c


def freshness_of(connection: Connection, firm: str, crm: str, current: Current) -> Freshness:
    """Count. An item that a task is for is stale for the task's reason; one never seen yet counts as open."""
    reasons = {why: is_stale(current) for why, is_stale in STALE.items()}
    query = (
        select(_t.why, func.count(), _sum(or_(*reasons.values())), *map(_sum, reasons.values()))
        .select_from(mirrors.outerjoin(tasks, is_same_item(_t, _m)))
        .where(of_crm(_m, firm, crm), _m.is_open)
        .group_by(_t.why)
    )
    is_open, stale, by_why = 0, 0, Counter[Why]()
    for waits_for, count, aged, *by_reason in connection.execute(query):
        is_open += count
        stale += aged if waits_for is None else count
        by_why += Counter({} if waits_for is None else {cast("Why", waits_for): count})
        by_why += Counter({why: n for why, n in zip(reasons, by_reason, strict=True) if why != waits_for})
    never_seen = select(_t.why, func.count()).where(of_crm(_t, firm, crm), ~exists().where(is_same_item(_m, _t)))
    for why, count in connection.execute(never_seen.group_by(_t.why)):
        is_open, stale = is_open + count, stale + count
        by_why += Counter({cast("Why", why): count})
    waiting, aside, oldest = connection.execute(
        select(
            func.count(_t.due_at),
            func.count() - func.count(_t.due_at),
            func.min(case((_t.due_at.is_not(None), _t.told_at)), type_=_t.told_at.type),
        ).where(of_crm(_t, firm, crm))
    ).one()
    return Freshness(
        open=is_open, stale=stale, by_why=dict(by_why), waiting=waiting, set_aside=aside, oldest_task_at=oldest
    )


def _sum(which: ColumnElement[bool]) -> Function[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0), type_=Integer()), 0)
