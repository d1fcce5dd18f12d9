"""Takes request texts away once they are old: people write into them what no model reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, update

from mlscore.store.codec import TEXT, without_text
from mlscore.store.engine import CHUNK_ROWS, Database
from mlscore.store.erasing.traces import leaving_no_trace
from mlscore.store.tables import facts, receipts


@dataclass(frozen=True, slots=True)
class SqlRetention:
    """Counts and drops the request texts of a firm that are older than a moment; a text is as old as its `as_of`."""

    database: Database

    def count(self, firm: str, *, before: datetime) -> int:
        """Return how many texts `drop` would take away."""
        with self.database.reading() as connection:
            query = select(func.count()).select_from(_WITH_RECEIPTS).where(_is_old(firm, before))
            return connection.scalar(query) or 0

    def drop(self, firm: str, *, before: datetime) -> int:
        """Take them away, a thousand at a time so that nobody waits; return how many."""
        dropped, last = 0, ""
        while chunk := self._drop_chunk(firm, before, after=last):
            dropped, last = dropped + len(chunk), chunk[-1]
        return dropped

    def _drop_chunk(self, firm: str, before: datetime, *, after: str) -> list[str]:
        """Drop those of the next receipts in the order of their ids; return these."""
        old = select(facts.c.receipt_id, facts.c.facts).select_from(_WITH_RECEIPTS).where(_is_old(firm, before))
        chunk = old.where(facts.c.receipt_id > after).order_by(facts.c.receipt_id).limit(CHUNK_ROWS)
        with leaving_no_trace(self.database) as connection:
            found = connection.execute(chunk).all()
            for receipt_id, known in found:
                this = (facts.c.firm == firm) & (facts.c.receipt_id == receipt_id)
                connection.execute(update(facts).where(this).values(facts=without_text(known)))
        return [receipt_id for receipt_id, _ in found]


_WITH_RECEIPTS = facts.join(
    receipts, and_(receipts.c.firm == facts.c.firm, receipts.c.receipt_id == facts.c.receipt_id)
)


def _is_old(firm: str, before: datetime) -> ColumnElement[bool]:
    r = receipts.c
    return (r.firm == firm) & (func.coalesce(r.as_of, r.scored_at) < before) & facts.c.facts.contains(f'"{TEXT}":')
