"""Reads closed deals, where receipts meet their outcomes: with all that was said of them, or in brief."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from mlscore.ports import ClosedDeal, ScoredOutcome
from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.receipt import Verdict
from mlscore.store import news
from mlscore.store.closed.backtests import backtests_of, kept_backtests
from mlscore.store.closed.choosing import candidates_of, choose, ended_deals, first_known_at, outcomes_of, takes_first
from mlscore.store.codec import read_facts
from mlscore.store.engine import Database, chunks
from mlscore.store.receipts import KEPT, WITH_FACTS, read_receipt
from mlscore.store.tables import EPOCH, facts, receipts

_Row = TypeVar("_Row", ScoredOutcome, ClosedDeal)


@dataclass(frozen=True, slots=True)
class SqlClosed:
    """The port `Closed`, in SQL."""

    database: Database

    def closed_deals(
        self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first"
    ) -> Sequence[ScoredOutcome]:
        """Return one row per closed deal, in the order of `as_of` (undated ones last, by deal_id).

        The receipt is the deal's first at stage deal (`first`), or its last before it closed
        (`last_before_close`); a receipt without a stage counts as stage deal, an undated one as before closing.
        Raises FaultyInputError for another snapshot.
        """
        is_first = takes_first(snapshot)
        with self.database.reading() as connection:
            told = outcomes_of(connection, firm, known_by=known_by)
            chosen = choose(candidates_of(connection, firm), _newest(told), is_first=is_first)
            found = [one for ids in chunks(chosen) for one in _read_chunk(connection, firm, ids, told)]
        return in_time(found)

    def in_brief(self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first") -> Sequence[ClosedDeal]:
        """Return the same deals, without what was said of them. Raises FaultyInputError for another snapshot."""
        with self.database.reading() as connection:
            return read_in_brief(connection, firm, known_by=known_by, snapshot=snapshot)

    def without_outcome(self, firm: str) -> Mapping[Verdict, int]:
        """Count the deals that have not ended, by the verdict of their latest receipt."""
        r = receipts.c
        query = (
            select(r.deal_id, r.verdict)
            .where(r.firm == firm, r.deal_id.not_in(ended_deals(firm)))
            .order_by(r.as_of, r.scored_at, r.receipt_id)
        )
        with self.database.reading() as connection:
            latest = {deal_id: Verdict(verdict) for deal_id, verdict in connection.execute(query)}
        return Counter(latest.values())

    def version(self, firm: str) -> str:
        """Return what changes with every deal that closes or is told of again, and with every backtest kept."""
        with self.database.reading() as connection:
            return f"{news.newest(connection, firm)}-{kept_backtests(connection, firm)}"


def read_in_brief(
    connection: Connection,
    firm: str,
    *,
    known_by: datetime | None = None,
    snapshot: str = "first",
    among: Collection[str] | None = None,
) -> list[ClosedDeal]:
    """Read closed deals without what was said of them, as `closed_deals` orders them; `among` names the only ones."""
    is_first = takes_first(snapshot)
    told = outcomes_of(connection, firm, known_by=known_by, among=among)
    chosen = choose(candidates_of(connection, firm, among=among), _newest(told), is_first=is_first)
    return in_time([one for ids in chunks(chosen) for one in _read_brief_chunk(connection, firm, ids, told)])


def in_time(found: Sequence[_Row]) -> list[_Row]:
    """Sort by `as_of`, undated ones last. Here, and not in SQL: databases differ in how they order texts."""
    return sorted(found, key=_order)


def _newest(told: Mapping[str, Sequence[Outcome]]) -> Mapping[str, Outcome]:
    return {deal_id: versions[-1] for deal_id, versions in told.items()}


def _read_chunk(
    connection: Connection, firm: str, ids: Sequence[str], told: Mapping[str, Sequence[Outcome]]
) -> Iterator[ScoredOutcome]:
    tested = backtests_of(connection, firm, ids)
    query = select(*KEPT).select_from(WITH_FACTS).where(receipts.c.firm == firm, receipts.c.receipt_id.in_(ids))
    for row in connection.execute(query):
        receipt = read_receipt(row)
        versions = told[receipt.deal.deal_id]
        yield ScoredOutcome(
            receipt=receipt,
            outcome=versions[-1],
            backtest=tested.get(receipt.receipt_id),
            first_known_at=first_known_at(versions),
        )


def _read_brief_chunk(
    connection: Connection, firm: str, ids: Sequence[str], told: Mapping[str, Sequence[Outcome]]
) -> Iterator[ClosedDeal]:
    r = receipts.c
    query = (
        select(r.receipt_id, r.deal_id, r.company_id, r.stage, r.as_of, facts.c.facts)
        .select_from(WITH_FACTS)
        .where(r.firm == firm, r.receipt_id.in_(ids))
    )
    for receipt_id, deal_id, company_id, stage, as_of, known in connection.execute(query):
        versions = told[deal_id]
        erased = Deal(deal_id=deal_id, company_id=company_id, stage=stage, as_of=as_of)
        yield ClosedDeal(
            receipt_id=receipt_id,
            deal=erased if known is None else read_facts(deal_id, known),
            as_of=as_of,
            outcome=versions[-1],
            first_known_at=first_known_at(versions),
        )


def _order(found: ScoredOutcome | ClosedDeal) -> tuple[bool, datetime, str]:
    return found.as_of is None, found.as_of or EPOCH, found.deal.deal_id
