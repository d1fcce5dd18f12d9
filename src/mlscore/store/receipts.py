"""Keeps receipts: what was known beside what was said, never changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Row, ScalarResult, and_, bindparam, select

from mlscore.ports import Asking, HistoryFacts
from mlscore.scoring.deal import Deal
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Logged, Origin, Receipt
from mlscore.store import news
from mlscore.store.codec import read_answer, read_facts, write_answer, write_facts
from mlscore.store.engine import CHUNK_ROWS, Database, ReadyInsert
from mlscore.store.history import history_of
from mlscore.store.tables import briefs_due, facts, microseconds, receipts

KEPT = (
    receipts.c.receipt_id,
    receipts.c.deal_id,
    receipts.c.company_id,
    receipts.c.stage,
    receipts.c.as_of,
    receipts.c.scored_at,
    receipts.c.origin,
    receipts.c.answer,
    facts.c.facts,
)
"""The columns that make a receipt, in the order `read_receipt` takes them."""

WITH_FACTS = receipts.outerjoin(
    facts, and_(facts.c.firm == receipts.c.firm, facts.c.receipt_id == receipts.c.receipt_id)
)

_KEPT_OF = select(receipts.c.receipt_id).where(
    receipts.c.firm == bindparam("of_firm"), receipts.c.receipt_id.in_(bindparam("ids", expanding=True))
)

_ADD_RECEIPTS = ReadyInsert(receipts, [column.name for column in receipts.c if column is not receipts.c.number])
_ADD_FACTS = ReadyInsert(facts, [column.name for column in facts.c])
_ADD_DUE = ReadyInsert(briefs_due, [column.name for column in briefs_due.c])

KeptRow = tuple[str, str, str | None, str | None, datetime | None, datetime, str, str, str | None]


class _KeptAlreadyError(Exception):
    """Some are kept already: which, is to be asked first."""


@dataclass(frozen=True, slots=True)
class SqlReceipts:
    """The port `Receipts`, in SQL; `hear` is called with a firm once there is news of its closed deals."""

    database: Database
    hear: Callable[[str], None] = lambda _firm: None

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        """Store all of them or none; one already kept under its id is left as it is."""
        try:
            ended = self._add(firm, receipts)
        except _KeptAlreadyError:
            ended = self._add(firm, receipts, are_named_anew=False)
        if ended:
            self.hear(firm)
        return "stored"

    def find(self, firm: str, receipt_id: str) -> Receipt | None:
        """Return one receipt."""
        found = self._read(firm, receipts.c.receipt_id == receipt_id)
        return found[0] if found else None

    def already_kept(self, firm: str, receipt_ids: Sequence[str]) -> set[str]:
        """Return which of these are kept already."""
        with self.database.reading() as connection:
            chunks = (receipt_ids[at : at + CHUNK_ROWS] for at in range(0, len(receipt_ids), CHUNK_ROWS))
            return {receipt_id for ids in chunks for receipt_id in _kept_of(connection, firm, ids)}

    def scored(self, firm: str, deal_ids: Sequence[str]) -> set[str]:
        """Return which of these deals have a receipt."""
        with self.database.reading() as connection:
            chunks = (deal_ids[at : at + CHUNK_ROWS] for at in range(0, len(deal_ids), CHUNK_ROWS))
            return {deal_id for ids in chunks for deal_id in _scored_of(connection, firm, ids)}

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Receipt]:
        """Return every receipt of a deal, newest `scored_at` first."""
        return self._read(firm, receipts.c.deal_id == deal_id)

    def history(self, firm: str, deals: Sequence[Asking], *, policy: Policy) -> Sequence[HistoryFacts]:
        """Return, for each deal, what the store knew of its company's *other* deals at its `as_of`.

        Unknown without a company or a moment, and where the firm's own history is too short to count in.
        """
        with self.database.reading() as connection:
            return history_of(connection, firm, deals, policy=policy)

    def _add(self, firm: str, receipts: Sequence[Receipt], *, are_named_anew: bool = True) -> Sequence[str]:
        """Store receipts, and return which of their deals have ended. Raises _KeptAlreadyError."""
        with self.database.writing() as connection:
            news.share_with_outcomes(connection, firm)
            for start in range(0, len(receipts), CHUNK_ROWS):
                chunk = receipts[start : start + CHUNK_ROWS]
                fresh = chunk if are_named_anew else _fresh(connection, firm, chunk)
                if fresh and _add_chunk(connection, firm, fresh) < len(fresh) and are_named_anew:
                    raise _KeptAlreadyError
            ended = news.ended_among(connection, firm, [receipt.deal.deal_id for receipt in receipts])
            news.tell(connection, firm, ended)
        return ended

    def _read(self, firm: str, which: ColumnElement[bool]) -> list[Receipt]:
        query = (
            select(*KEPT)
            .select_from(WITH_FACTS)
            .where(receipts.c.firm == firm, which)
            .order_by(receipts.c.scored_at.desc(), receipts.c.receipt_id)
        )
        with self.database.reading() as connection:
            return [read_receipt(row) for row in connection.execute(query)]


def read_receipt(row: Row[Any] | Sequence[Any]) -> Receipt:
    """Make a receipt of the columns `KEPT`; where its facts were erased, the deal keeps what SQL asks for."""
    receipt_id, deal_id, company_id, stage, as_of, scored_at, origin, answer, known = cast(KeptRow, tuple(row))
    if known is None:
        deal = Deal(deal_id=deal_id, company_id=company_id, stage=stage, as_of=as_of)
    else:
        deal = read_facts(deal_id, known)
    return Receipt(
        receipt_id=receipt_id,
        deal=deal,
        as_of=as_of,
        scored_at=scored_at,
        answer=read_answer(answer),
        origin=cast(Origin, origin),
    )


def _add_chunk(connection: Connection, firm: str, chunk: Sequence[Receipt]) -> int:
    """Store receipts, and return how many were new."""
    new = _ADD_RECEIPTS.add(connection, [_receipt_row(firm, receipt) for receipt in chunk])
    _ADD_FACTS.add(
        connection, [{"firm": firm, "receipt_id": r.receipt_id, "facts": write_facts(r.deal)} for r in chunk]
    )
    # Not by a trigger: with one, SQLite keeps for every row what it would take to undo it, at half the cost of the row.
    due = [{"firm": firm, "receipt_id": r.receipt_id} for r in chunk if r.origin != "sandbox"]
    if due:
        _ADD_DUE.add(connection, due)
    return new


def _fresh(connection: Connection, firm: str, chunk: Sequence[Receipt]) -> Sequence[Receipt]:
    """Return the receipts that are not kept yet, once each."""
    once = {receipt.receipt_id: receipt for receipt in reversed(chunk)}
    kept = set(_kept_of(connection, firm, list(once)))
    return [receipt for receipt in chunk if receipt.receipt_id not in kept and once[receipt.receipt_id] is receipt]


def _kept_of(connection: Connection, firm: str, ids: Sequence[str]) -> ScalarResult[str]:
    return connection.scalars(_KEPT_OF, {"of_firm": firm, "ids": ids})


def _scored_of(connection: Connection, firm: str, ids: Sequence[str]) -> ScalarResult[str]:
    return connection.scalars(
        select(receipts.c.deal_id).distinct().where(receipts.c.firm == firm, receipts.c.deal_id.in_(ids))
    )


def _receipt_row(firm: str, receipt: Receipt) -> dict[str, object]:
    rule, model = receipt.answer.rule, receipt.answer.model
    excused = rule.economics.exception
    return {
        "firm": firm,
        "receipt_id": receipt.receipt_id,
        "deal_id": receipt.deal.deal_id,
        "company_id": receipt.deal.company_id,
        "stage": receipt.deal.stage,
        "as_of": None if receipt.as_of is None else microseconds(receipt.as_of),
        "scored_at": microseconds(receipt.scored_at),
        "origin": receipt.origin,
        "policy_version": rule.policy_version,
        "model_version": model.model_version if model else None,
        "route": rule.route.value,
        "verdict": rule.verdict.value,
        "exception_kind": excused.kind if excused else None,
        "answer": write_answer(receipt.answer),
    }
