"""Forgets a deal: its facts and the answers kept for repeats go, a tombstone keeps them from coming back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Select, delete, func, literal, select, update

from mlscore.ports import Erased
from mlscore.store import news
from mlscore.store.engine import Database, holds, insert, insert_new, lock
from mlscore.store.erasing.traces import leaving_no_trace
from mlscore.store.in_step.pages import drop_pages
from mlscore.store.tables import briefs, briefs_due, facts, forgotten, ledger, mirrors, receipts


@dataclass(frozen=True, slots=True)
class SqlForgetting:
    """The port `KeepsFacts`, in SQL."""

    database: Database

    def kept_of(self, firm: str, deal_id: str) -> Erased:
        """Return what `forget` would erase."""
        with self.database.reading() as connection:
            answers = sum(_speaks_of(body, deal_id) for _, body in _answers_naming(connection, firm, deal_id))
            return replace(_counted(connection, firm, deal_id), answers=answers)

    def forget(self, firm: str, deal_id: str, *, at: datetime) -> Erased:
        """Erase the facts of a deal and the answers about it, and leave its tombstone."""
        with leaving_no_trace(self.database) as connection:
            # Alone: whoever began to keep a receipt before us does not know of the tombstone.
            lock(connection, "outcomes", firm)
            tombstone = {"firm": firm, "deal_id": deal_id, "forgotten_at": at}
            connection.execute(insert(connection, forgotten).on_conflict_do_nothing().values(tombstone))
            erased = _counted(connection, firm, deal_id)
            connection.execute(
                delete(facts).where(facts.c.firm == firm, facts.c.receipt_id.in_(_receipts(firm, deal_id)))
            )
            # The texts of its card give reasons, and reasons repeat facts.
            mine = (mirrors.c.firm == firm) & (mirrors.c.deal_id == deal_id)
            connection.execute(update(mirrors).where(mine).values(written=None, facts_digest=None))
            _forget_briefs(connection, firm, deal_id)
            # Which deals they hold is not looked for: an unfinished import reads them again.
            drop_pages(connection, firm)
            # Track records in memory were made from these facts.
            news.tell(connection, firm, news.ended_among(connection, firm, [deal_id]))
        return replace(erased, answers=self._erase_answers(firm, deal_id))

    def _erase_answers(self, firm: str, deal_id: str) -> int:
        """Erase the answers about a deal; return how many. Looked for first: meanwhile nobody has to wait."""
        with self.database.reading() as connection:
            found = _answers_naming(connection, firm, deal_id)
            keys = [key for key, body in found if _speaks_of(body, deal_id)]
        if not keys:
            return 0
        with leaving_no_trace(self.database) as connection:
            return sum(_erase_answer(connection, firm, key, deal_id) for key in keys)

    def is_forgotten(self, firm: str, deal_id: str) -> bool:
        """Tell whether a deal has a tombstone."""
        query = select(forgotten.c.deal_id).where(forgotten.c.firm == firm, forgotten.c.deal_id == deal_id)
        with self.database.reading() as connection:
            return connection.scalar(query) is not None


def _forget_briefs(connection: Connection, firm: str, deal_id: str) -> None:
    """Take away what lies of the facts in brief; it is made anew of what is left."""
    connection.execute(delete(briefs).where(briefs.c.firm == firm, briefs.c.deal_id == deal_id))
    mine = select(literal(firm), receipts.c.receipt_id).where(receipts.c.firm == firm, receipts.c.deal_id == deal_id)
    connection.execute(insert_new(connection, briefs_due).from_select(["firm", "receipt_id"], mine))


def _receipts(firm: str, deal_id: str) -> Select[Any]:
    return select(receipts.c.receipt_id).where(receipts.c.firm == firm, receipts.c.deal_id == deal_id)


def _counted(connection: Connection, firm: str, deal_id: str) -> Erased:
    mine = _receipts(firm, deal_id)
    kept = connection.scalar(select(func.count()).select_from(mine.subquery())) or 0
    with_facts = select(func.count()).where(facts.c.firm == firm, facts.c.receipt_id.in_(mine))
    return Erased(receipts=kept, facts=connection.scalar(with_facts) or 0)


def _answers_naming(connection: Connection, firm: str, deal_id: str) -> Iterator[tuple[str, bytes]]:
    """Yield the answers in which the id stands, with their keys: it may be another's than the deal's."""
    is_named = holds(connection, ledger.c.body, to_json(deal_id))
    for key, body in connection.execute(select(ledger.c.key, ledger.c.body).where(ledger.c.firm == firm, is_named)):
        if body is not None:
            yield key, body


def _erase_answer(connection: Connection, firm: str, key: str, deal_id: str) -> bool:
    """Erase what an answer says of a deal; tell whether it said anything."""
    this = (ledger.c.firm == firm) & (ledger.c.key == key)
    # Read anew: another deal of the same batch may have been forgotten since.
    body = connection.scalar(select(ledger.c.body).where(this).with_for_update())
    if body is None or not _speaks_of(body, deal_id):
        return False
    left = _left(from_json(body), deal_id)
    connection.execute(
        delete(ledger).where(this) if left is None else update(ledger).where(this).values(body=to_json(left))
    )
    return True


def _speaks_of(body: bytes, deal_id: str) -> bool:
    document = from_json(body)
    return bool(_left(document, deal_id) != document)


def _left(document: Any, deal_id: str) -> Any:  # noqa: ANN401 - an answer as it was sent
    """Return an answer without what it says of a deal: nothing of one about it alone, a batch without its items."""
    if not isinstance(document, dict) or document.get("deal_id") == deal_id or _is_about(document, deal_id):
        return None
    results = document.get("results", [])
    left = [{"index": one["index"]} if _is_about(one, deal_id) else one for one in results]
    return document if left == results else {**document, "results": left}


def _is_about(item: dict[str, Any], deal_id: str) -> bool:
    return any(isinstance(part, dict) and part.get("deal_id") == deal_id for part in item.values())
