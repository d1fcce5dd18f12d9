"""Numbers live scores when they are read: who keeps one waits for nobody, and who reads misses none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, update

from mlscore.ports import Numbered
from mlscore.store.engine import CHUNK_ROWS, Database, lock
from mlscore.store.receipts import KEPT, WITH_FACTS, read_receipt
from mlscore.store.tables import receipts


@dataclass(frozen=True, slots=True)
class SqlFeed:
    """The port `Feed`, in SQL."""

    database: Database

    def since(self, firm: str, number: int, *, at_most: int) -> Sequence[Numbered]:
        """Return the scores after this number, the first of them first."""
        found = self._read(firm, number, at_most)
        while len(found) < at_most and self._number_more(firm):
            found = self._read(firm, number, at_most)
        return found

    def newest(self, firm: str) -> int:
        """Return the number of the newest score, 0 where there is none; every score there is has one then."""
        while self._number_more(firm):
            pass
        with self.database.reading() as connection:
            return newest_number(connection, firm)

    def _read(self, firm: str, number: int, at_most: int) -> list[Numbered]:
        query = (
            select(receipts.c.number, *KEPT)
            .select_from(WITH_FACTS)
            .where(receipts.c.firm == firm, receipts.c.number > number)
            .order_by(receipts.c.number)
            .limit(at_most)
        )
        with self.database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return [Numbered(number=number, receipt=read_receipt(kept)) for number, *kept in rows]

    def _number_more(self, firm: str) -> bool:
        with self.database.reading() as connection:
            if not has_unnumbered(connection, firm):
                return False
        with self.database.writing() as connection:
            number_some(connection, firm)
        return True


def has_unnumbered(connection: Connection, firm: str) -> bool:
    """Tell whether scores were kept that have no number yet."""
    # In the order of the index: a planner that still believes that many have none would else read the table.
    first = select(receipts.c.receipt_id).where(is_unnumbered(firm)).order_by(receipts.c.scored_at).limit(1)
    return connection.scalar(first) is not None


def newest_number(connection: Connection, firm: str) -> int:
    """Return the number of the newest score that has one, 0 where there is none."""
    is_numbered = (receipts.c.firm == firm) & receipts.c.number.is_not(None)
    return connection.scalar(select(func.max(receipts.c.number)).where(is_numbered)) or 0


def number_some(connection: Connection, firm: str) -> None:
    """Give a chunk of the scores that have none their numbers.

    One at a time, until its transaction ends: who sees a number sees every lower one, for all were there before it.
    """
    lock(connection, "feed", firm)
    r = receipts.c
    place = func.row_number().over(order_by=(r.scored_at, r.receipt_id)).label("place")
    some = (
        select(r.receipt_id, place)
        .where(is_unnumbered(firm))
        .order_by(r.scored_at, r.receipt_id)
        .limit(CHUNK_ROWS)
        .subquery()
    )
    connection.execute(
        update(receipts)
        .where(r.firm == firm, r.receipt_id == some.c.receipt_id)
        .values(number=newest_number(connection, firm) + some.c.place)
    )


def is_unnumbered(firm: str) -> ColumnElement[bool]:
    """Tell which scores have no number yet."""
    # As the index has it, word for word: a value sent beside the statement would not be seen to be the index's own.
    return (receipts.c.firm == firm) & (receipts.c.origin == literal_column("'live'")) & receipts.c.number.is_(None)
