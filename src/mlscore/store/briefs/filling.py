"""Brings receipts into brief: those kept since the last time, and how deals ended since then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Tuple, bindparam, delete, exists, func, select, tuple_, update

from mlscore.store import news
from mlscore.store.engine import CHUNK_ROWS, chunks, insert_new, lock
from mlscore.store.receipts import WITH_FACTS
from mlscore.store.tables import briefs, briefs_due, cursors, facts, outcomes, receipts

CURSOR = "briefs.outcomes"
_OF_FACTS = ("seller_id", "funnel", "source", "product_category", "industry", "amount")
_r, _b, _o, _due = receipts.c, briefs.c, outcomes.c, briefs_due.c


def backlog(connection: Connection, firm: str) -> int:
    """Return how many receipts are not in brief yet."""
    query = select(func.count()).select_from(briefs_due).where(_due.firm == firm)
    return connection.scalar(query) or 0


def is_behind(connection: Connection, firm: str) -> bool:
    """Tell whether there is anything to bring into brief."""
    waiting = select(exists().where(_due.firm == firm))
    return bool(connection.scalar(waiting)) or news.newest(connection, firm) > _cursor(connection, firm)


def fill(connection: Connection, firm: str) -> int:
    """Bring the next receipts into brief, a thousand at most, and how deals ended; return how many receipts."""
    lock(connection, "briefs", firm)
    columns = (_r.receipt_id, _r.deal_id, _r.company_id, _r.stage, _r.as_of, _r.scored_at, _r.origin)
    query = (
        select(*columns, _r.policy_version, _r.model_version, _r.route, _r.verdict, _r.answer, facts.c.facts)
        .select_from(WITH_FACTS)
        .where(_r.firm == firm, _r.receipt_id.in_(bindparam("ids", expanding=True)))
    )
    due = connection.scalars(select(_due.receipt_id).where(_due.firm == firm).limit(CHUNK_ROWS)).all()
    rows = connection.execute(query, {"ids": due}).all()
    if rows:
        connection.execute(insert_new(connection, briefs), [_brief(firm, row) for row in rows])
        connection.execute(delete(briefs_due).where(_due.firm == firm, _due.receipt_id.in_(due)))
    deals = {row.deal_id for row in rows}
    _mark_newest(connection, firm, sorted(deals))
    _take_outcomes(connection, firm, deals)
    return len(rows)


def _brief(firm: str, row: Any) -> dict[str, object]:  # noqa: ANN401 - a row of the query above
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
        is_later = _in_time(later.c) > _in_time(_b)
        is_newest = ~exists().where(later.c.firm == firm, later.c.deal_id == _b.deal_id, is_later)
        connection.execute(update(briefs).where(theirs).values(is_newest=is_newest))


def _in_time(b: Any) -> Tuple:  # noqa: ANN401 - the columns of the table, or of an alias of it
    """Return what briefs are ordered by, as `store/closed/choosing.py` has it: dated ones count before others."""
    return tuple_(b.as_of.is_not(None), b.at, b.scored_at, b.receipt_id)


def _take_outcomes(connection: Connection, firm: str, deals: Iterable[str]) -> None:
    """Write how these deals ended, and those there is news of, into their briefs."""
    before, newest = _cursor(connection, firm), news.newest(connection, firm)
    told = news.since(connection, firm, before) if newest > before else []
    for ids in chunks(sorted({*deals, *told})):
        for row in connection.execute(_newest_of(firm, ids)):
            ended = {"status": row.status, "closed_at": row.closed_at, "realised_profit": row.realised_profit}
            this = (_b.firm == firm) & (_b.deal_id == row.deal_id)
            connection.execute(update(briefs).where(this).values(ended))
    if newest > before:
        cursor = {"firm": firm, "name": CURSOR, "value": str(newest)}
        connection.execute(insert_new(connection, cursors), cursor)
        this = (cursors.c.firm == firm) & (cursors.c.name == CURSOR)
        connection.execute(update(cursors).where(this).values(value=str(newest)))


def _newest_of(firm: str, ids: Sequence[str]) -> Any:  # noqa: ANN401 - a query of four columns
    last = (
        select(_o.deal_id, func.max(_o.version).label("version"))
        .where(_o.firm == firm, _o.deal_id.in_(ids))
        .group_by(_o.deal_id)
        .subquery()
    )
    return (
        select(_o.deal_id, _o.status, _o.closed_at, _o.realised_profit)
        .join(last, (last.c.deal_id == _o.deal_id) & (last.c.version == _o.version))
        .where(_o.firm == firm)
    )


def _cursor(connection: Connection, firm: str) -> int:
    value = select(cursors.c.value).where(cursors.c.firm == firm, cursors.c.name == CURSOR)
    return int(connection.scalar(value) or 0)
