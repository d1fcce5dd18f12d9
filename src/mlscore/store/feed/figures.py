"""Counts what came of telling webhooks, and what each is still to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Connection, Text, and_, cast, func, select

from mlscore.ports import TellingFigures
from mlscore.store.engine import insert
from mlscore.store.feed.numbering import is_unnumbered, newest_number
from mlscore.store.tables import cursors, deliveries, receipts, webhooks

Came = Literal["delivered", "failed"]
_d, _r, _w = deliveries.c, receipts.c, webhooks.c


def count(connection: Connection, firm: str, webhook_id: str, came: Came) -> None:
    """Count one try more, with what came of it: what was told is struck off, so it is counted as it goes."""
    statement = insert(connection, cursors).values(firm=firm, name=_name(webhook_id, came), value="1")
    one_more = cast(cast(cursors.c.value, BigInteger) + 1, Text)
    connection.execute(statement.on_conflict_do_update(index_elements=["firm", "name"], set_={"value": one_more}))


def figures_of(connection: Connection, firm: str) -> Sequence[TellingFigures]:
    """Return how it stands with each webhook that is told of scores.

    Scores that nobody has made deliveries of yet wait too: they are all there is where `mlscore webhooks run` does not.
    """
    is_told = (_w.firm == firm) & _w.url.is_not(None) & _w.ended_at.is_(None)
    told = connection.execute(select(_w.webhook_id, _w.number).where(is_told)).all()
    if not told:
        return ()
    kept = {row[0]: row for row in connection.execute(_WAITING.where(_d.firm == firm))}
    newest = newest_number(connection, firm)
    unnumbered, since = connection.execute(_UNNUMBERED.where(is_unnumbered(firm))).one()
    found = []
    for webhook_id, number in told:
        _, waiting, dead, first = kept.get(webhook_id, (None, 0, 0, None))
        next_one = _scored_after(connection, firm, number) if newest > number else None
        found.append(
            TellingFigures(
                webhook_id=webhook_id,
                delivered=_counted(connection, firm, webhook_id, "delivered"),
                failed=_counted(connection, firm, webhook_id, "failed"),
                waiting=waiting + max(0, newest - number) + unnumbered,
                dead=dead,
                oldest_at=min((at for at in (first, next_one, since) if at is not None), default=None),
            )
        )
    return found


_FIRST = func.min(_r.scored_at, type_=_r.scored_at.type).filter(_d.due_at.is_not(None))
_WAITING = (
    select(_d.webhook_id, func.count(_d.due_at), func.count() - func.count(_d.due_at), _FIRST)
    .select_from(deliveries.join(receipts, and_(_d.firm == _r.firm, _d.receipt_id == _r.receipt_id)))
    .group_by(_d.webhook_id)
)
_UNNUMBERED = select(func.count(), func.min(_r.scored_at, type_=_r.scored_at.type))


def _scored_after(connection: Connection, firm: str, number: int) -> datetime | None:
    after = select(_r.scored_at).where(_r.firm == firm, _r.number > number).order_by(_r.number).limit(1)
    return connection.scalar(after)


def _counted(connection: Connection, firm: str, webhook_id: str, came: Came) -> int:
    is_it = (cursors.c.firm == firm) & (cursors.c.name == _name(webhook_id, came))
    return int(connection.scalar(select(cursors.c.value).where(is_it)) or 0)


def _name(webhook_id: str, came: Came) -> str:
    return f"webhook {webhook_id} {came}"
