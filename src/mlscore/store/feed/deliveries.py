"""Keeps which scores each webhook is still to be told of: a row a score, until it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from mlscore.ports import DeadLetter, Delivery, TellingFigures
from mlscore.store.engine import Database, insert_new, lock
from mlscore.store.feed.figures import count, figures_of
from mlscore.store.feed.numbering import has_unnumbered, newest_number, number_some
from mlscore.store.receipts import KEPT, WITH_FACTS, read_receipt
from mlscore.store.tables import deliveries, receipts, webhooks


@dataclass(frozen=True, slots=True)
class SqlDeliveries:
    """The port `Deliveries`, in SQL."""

    database: Database

    def note(self, firm: str, webhook_id: str, *, at: datetime, at_most: int) -> int:
        """Make deliveries of the scores the feed has gained for a webhook; return how many.

        That it was told of them up to a number is kept with them, as a whole: a score becomes a delivery once.
        """
        with self.database.reading() as connection:
            if not has_unnumbered(connection, firm) and newest_number(connection, firm) <= _told(
                connection, firm, webhook_id
            ):
                return 0
        with self.database.writing() as connection:
            number_some(connection, firm)  # keeps others out until we end
            gained = _gained(connection, firm, _told(connection, firm, webhook_id), at_most)
            rows = [
                {"firm": firm, "webhook_id": webhook_id, "receipt_id": one, "number": number, "due_at": at, "tries": 0}
                for one, number in gained
            ]
            if rows:
                connection.execute(insert_new(connection, deliveries), rows)
                is_it = (webhooks.c.firm == firm) & (webhooks.c.webhook_id == webhook_id)
                connection.execute(update(webhooks).where(is_it).values(number=gained[-1][1]))
        return len(rows)

    def claim(self, firm: str, webhook_id: str, *, at: datetime, until: datetime, at_most: int) -> Sequence[Delivery]:
        """Take due deliveries, the first of the feed first; until that moment nobody else gets them."""
        d = deliveries.c
        due = (
            select(d.webhook_id, d.number, d.tries, *KEPT)
            .select_from(deliveries.join(WITH_FACTS, and_(d.firm == receipts.c.firm, _is_same_receipt())))
            .where(d.firm == firm, d.webhook_id == webhook_id, d.due_at <= at)
            .order_by(d.number)
            .limit(at_most)
        )
        with self.database.writing() as connection:
            lock(connection, "deliveries", firm, webhook_id)
            found = [
                Delivery(webhook_id=row[0], number=row[1], tries=row[2], receipt=read_receipt(row[3:]))
                for row in connection.execute(due)
            ]
            taken = [one.receipt.receipt_id for one in found]
            is_taken = (d.firm == firm) & (d.webhook_id == webhook_id) & d.receipt_id.in_(taken)
            connection.execute(update(deliveries).where(is_taken).values(due_at=until))
        return found

    def told(self, firm: str, delivery: Delivery) -> None:
        """Strike one off, and count it."""
        with self.database.writing() as connection:
            if connection.execute(delete(deliveries).where(_this(firm, delivery))).rowcount:
                count(connection, firm, delivery.webhook_id, "delivered")

    def put_off(self, firm: str, delivery: Delivery, *, due_at: datetime | None, fault: str | None = None) -> None:
        """Give one back, to be claimed from `due_at` on; None makes it a dead letter. With a `fault` it was a try."""
        was_tried = {} if fault is None else {"tries": deliveries.c.tries + 1, "fault": fault}
        with self.database.writing() as connection:
            connection.execute(update(deliveries).where(_this(firm, delivery)).values({"due_at": due_at, **was_tried}))
            if fault is not None:
                count(connection, firm, delivery.webhook_id, "failed")

    def waiting(self, firm: str) -> dict[str, int]:
        """Return how many deliveries each webhook waits for, dead letters apart."""
        d = deliveries.c
        query = select(d.webhook_id, func.count()).where(d.firm == firm, d.due_at.is_not(None)).group_by(d.webhook_id)
        with self.database.reading() as connection:
            return dict(connection.execute(query).all())

    def figures(self, firm: str) -> Sequence[TellingFigures]:
        """Return how it stands with each webhook that is told of scores. Raises StoreUnavailableError."""
        with self.database.reading() as connection:
            return figures_of(connection, firm)

    def dead(self, firm: str) -> Sequence[DeadLetter]:
        """Return the dead letters, in the order of the feed."""
        d = deliveries.c
        query = (
            select(d.webhook_id, d.receipt_id, d.tries, d.fault)
            .where(d.firm == firm, d.due_at.is_(None))
            .order_by(d.webhook_id, d.number)
        )
        with self.database.reading() as connection:
            return [
                DeadLetter(webhook_id=webhook_id, receipt_id=receipt_id, tries=tries, fault=fault or "")
                for webhook_id, receipt_id, tries, fault in connection.execute(query)
            ]

    def retry(self, firm: str, webhook_id: str | None, *, at: datetime) -> int:
        """Have the dead letters of a webhook, or of all, tried anew; return how many."""
        d = deliveries.c
        is_its = d.webhook_id == webhook_id if webhook_id is not None else d.webhook_id.is_not(None)
        with self.database.writing() as connection:
            again = update(deliveries).where(d.firm == firm, d.due_at.is_(None), is_its).values(due_at=at, tries=0)
            return connection.execute(again).rowcount


def _told(connection: Connection, firm: str, webhook_id: str) -> int:
    of_it = select(webhooks.c.number).where(webhooks.c.firm == firm, webhooks.c.webhook_id == webhook_id)
    return connection.scalar(of_it) or 0


def _gained(connection: Connection, firm: str, number: int, at_most: int) -> list[tuple[str, int]]:
    r = receipts.c
    query = select(r.receipt_id, r.number).where(r.firm == firm, r.number > number).order_by(r.number).limit(at_most)
    return [(receipt_id, place) for receipt_id, place in connection.execute(query) if place is not None]


def _is_same_receipt() -> ColumnElement[bool]:
    return deliveries.c.receipt_id == receipts.c.receipt_id


def _this(firm: str, delivery: Delivery) -> ColumnElement[bool]:
    d = deliveries.c
    return (d.firm == firm) & (d.webhook_id == delivery.webhook_id) & (d.receipt_id == delivery.receipt.receipt_id)
