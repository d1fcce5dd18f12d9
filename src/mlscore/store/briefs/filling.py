"""Brings receipts into brief: those kept since the last time, and how deals ended since then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    MappingResult,
    Row,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    tuple_,
    update,
)

from mlscore.scoring.deal import Status
from mlscore.store.engine import CHUNK_ROWS, chunks, insert_new, lock
from mlscore.store.receipts import WITH_FACTS
from mlscore.store.tables import briefs, briefs_due, cursors, facts, news, outcomes, receipts
from mlscore.store.tables.briefs import BriefColumns

CURSOR = "briefs.outcomes"
_OF_FACTS = ("seller_id", "funnel", "source", "product_category", "industry", "amount")
_r, _b, _o, _n, _due = receipts.c, briefs.c, outcomes.c, news.c, briefs_due.c


def backlog(connection: Connection, firm: str) -> int:
    """Return how many receipts and endings are not in brief yet."""
    due = select(func.count()).select_from(briefs_due).where(_due.firm == firm)
    told = select(func.count()).select_from(news).where(_is_news(connection, firm))
    return (connection.scalar(due) or 0) + (connection.scalar(told) or 0)


def is_behind(connection: Connection, firm: str) -> bool:
    """Tell whether there is anything to bring into brief."""
    due = select(exists().where(_due.firm == firm))
    return bool(connection.scalar(due)) or bool(connection.scalar(select(exists().where(_is_news(connection, firm)))))


def note_missing(connection: Connection, firm: str) -> None:
    """Note what is neither in brief nor due: kept before there were briefs, or by a version without them."""
    is_there = exists().where(_b.firm == _r.firm, _b.receipt_id == _r.receipt_id)
    missing = select(_r.firm, _r.receipt_id).where(_r.firm == firm, _r.origin != "sandbox", ~is_there)
    connection.execute(insert_new(connection, briefs_due).from_select(["firm", "receipt_id"], missing))


def fill(connection: Connection, firm: str) -> int:
    """Bring the next receipts into brief, or where none is left how deals ended since; return how many, 0 at the end.

    A thousand at most: who scores meanwhile waits for no more than that.
    """
    lock(connection, "briefs", firm)
    return _take_receipts(connection, firm) or _take_news(connection, firm)


def _take_receipts(connection: Connection, firm: str) -> int:
    due = connection.scalars(select(_due.receipt_id).where(_due.firm == firm).limit(CHUNK_ROWS)).all()
    if not due:
        return 0
    columns = (_r.receipt_id, _r.deal_id, _r.company_id, _r.stage, _r.as_of, _r.scored_at, _r.origin)
    query = (
        select(*columns, _r.policy_version, _r.model_version, _r.route, _r.verdict, _r.answer, facts.c.facts)
        .select_from(WITH_FACTS)
        .where(_r.firm == firm, _r.receipt_id.in_(due))
    )
    rows = connection.execute(query).all()
    if rows:
        connection.execute(insert_new(connection, briefs), [_brief(firm, row) for row in rows])
    connection.execute(delete(briefs_due).where(_due.firm == firm, _due.receipt_id.in_(due)))
    deals = sorted({row.deal_id for row in rows})
    _mark_newest(connection, firm, deals)
    _write_endings(connection, firm, deals)
    return len(due)


def _take_news(connection: Connection, firm: str) -> int:
    """Write how deals ended of which there is news, from where the cursor stands."""
    which = _is_news(connection, firm)
    told = connection.execute(
        select(_n.number, _n.deal_id).where(which).order_by(_n.number, _n.deal_id).limit(CHUNK_ROWS)
    ).all()
    if not told:
        return 0
    _write_endings(connection, firm, [row.deal_id for row in told])
    value = f"{told[-1].number} {told[-1].deal_id}"
    connection.execute(insert_new(connection, cursors), {"firm": firm, "name": CURSOR, "value": value})
    this = (cursors.c.firm == firm) & (cursors.c.name == CURSOR)
    connection.execute(update(cursors).where(this).values(value=value))
    return len(told)


def _brief(firm: str, row: Row[*tuple[Any, ...]]) -> dict[str, object]:
    known = {} if row.facts is None else from_json(row.facts)
    answer = from_json(row.answer)
    rule, model, decision = answer["rule"], answer["model"] or {}, answer["decision"]
    low, high = model.get("interval") or (None, None)
    return {
        "firm": firm,
        **{name: getattr(row, name) for name in ("receipt_id", "deal_id", "company_id", "stage", "as_of", "scored_at")},
        **{name: getattr(row, name) for name in ("origin", "policy_version", "model_version", "route", "verdict")},
        **{name: known.get(name) for name in _OF_FACTS},
        "at": row.as_of or row.scored_at,
        "is_newest": False,
        "grade": rule["grade"],
        "profit_if_won": rule["economics"]["profit_if_won"],
        "passes": rule["economics"]["passes"],
        **{name: decision[name] for name in ("action", "decided_by", "agreement")},
        **{name: model.get(name) for name in ("probability", "expected_profit", "abstained")},
        "low": low,
        "high": high,
        "next_fact": (answer.get("next_question") or {}).get("fact"),
    }


def _mark_newest(connection: Connection, firm: str, deal_ids: Sequence[str]) -> None:
    for ids in chunks(deal_ids):
        theirs = (_b.firm == firm) & _b.deal_id.in_(ids)
        later = briefs.alias("later")
        is_later = tuple_(*in_time(later.c)) > tuple_(*in_time(_b))
        is_newest = ~exists().where(later.c.firm == firm, later.c.deal_id == _b.deal_id, is_later)
        connection.execute(update(briefs).where(theirs).values(is_newest=is_newest))


def in_time(b: BriefColumns) -> tuple[ColumnElement[Any], ...]:
    """Return what briefs are ordered by, as `store/closed/choosing.py` has it: dated ones count before others."""
    return b.as_of.is_not(None), b.at, b.scored_at, b.receipt_id


def _write_endings(connection: Connection, firm: str, deal_ids: Sequence[str]) -> None:
    ended = [dict(row) for ids in chunks(deal_ids) for row in _newest_of(connection, firm, ids)]
    if ended:
        this = (_b.firm == firm) & (_b.deal_id == bindparam("of_deal"))
        told: dict[str, Any] = {name: bindparam(name) for name in ("status", "closed_at", "realised_profit")}
        connection.execute(update(briefs).where(this).values(told), ended)


def _newest_of(connection: Connection, firm: str, ids: Sequence[str]) -> MappingResult:
    """Return how each deal ended by its newest outcome; of one that is open again there is nothing to say."""
    last = (
        select(_o.deal_id, func.max(_o.version).label("version"))
        .where(_o.firm == firm, _o.deal_id.in_(ids))
        .group_by(_o.deal_id)
        .subquery()
    )
    has_ended = _o.status != Status.REOPENED.value
    said = (case((has_ended, column)).label(column.name) for column in (_o.status, _o.closed_at, _o.realised_profit))
    query = (
        select(_o.deal_id.label("of_deal"), *said)
        .join(last, (last.c.deal_id == _o.deal_id) & (last.c.version == _o.version))
        .where(_o.firm == firm)
    )
    return connection.execute(query).mappings()


def _is_news(connection: Connection, firm: str) -> ColumnElement[bool]:
    """Tell what is beyond the cursor: a number, and a deal among those of the same number."""
    value = select(cursors.c.value).where(cursors.c.firm == firm, cursors.c.name == CURSOR)
    number, _, deal_id = (connection.scalar(value) or "0 ").partition(" ")
    return (_n.firm == firm) & (tuple_(_n.number, _n.deal_id) > tuple_(int(number), deal_id))
