"""Reads in brief what the service was asked: a whole history fits in memory when the answers stay where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, select

from mlscore.ports import AskedDeal
from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.receipt import Verdict
from mlscore.store.closed.backtests import backtests_of
from mlscore.store.closed.choosing import (
    Candidate,
    candidates_of,
    ended_deals,
    first_known_at,
    first_of,
    is_before_close,
    last_of,
    outcomes_of,
    takes_first,
)
from mlscore.store.codec import read_facts, read_probability
from mlscore.store.engine import Database, chunks
from mlscore.store.receipts import WITH_FACTS
from mlscore.store.tables import EPOCH, facts, receipts


@dataclass(frozen=True, slots=True)
class SqlAsked:
    """The port `Asked`, in SQL."""

    database: Database

    def deals(self, firm: str, *, snapshot: str = "first") -> Sequence[AskedDeal]:
        """Return one row per deal that reached stage deal, open or closed, in the order of `as_of`.

        Raises FaultyInputError for another snapshot than those of `closed_deals`.
        """
        is_first = takes_first(snapshot)
        with self.database.reading() as connection:
            ended = _endings(connection, firm)
            candidates: dict[str, list[Candidate]] = defaultdict(list)
            for one in candidates_of(connection, firm):
                outcome = ended.newest.get(one.deal_id)
                if is_first or outcome is None or is_before_close(one, outcome):
                    candidates[one.deal_id].append(one)
            choose = first_of if is_first else last_of
            return _read(connection, firm, [choose(some).receipt_id for some in candidates.values()], ended)

    def open_deals(self, firm: str) -> Sequence[AskedDeal]:
        """Return the newest receipt of each deal that has not ended, leads too, in the order of `as_of`."""
        r = receipts.c
        query = select(r.deal_id, r.as_of, r.scored_at, r.receipt_id).where(
            r.firm == firm, r.deal_id.not_in(ended_deals(firm))
        )
        with self.database.reading() as connection:
            candidates: dict[str, list[Candidate]] = defaultdict(list)
            for one in map(Candidate._make, connection.execute(query)):
                candidates[one.deal_id].append(one)
            return _read(connection, firm, [last_of(some).receipt_id for some in candidates.values()], _STILL_OPEN)


@dataclass(frozen=True, slots=True)
class _Endings:
    newest: Mapping[str, Outcome]
    first_known: Mapping[str, datetime | None]


_STILL_OPEN = _Endings({}, {})


def _endings(connection: Connection, firm: str) -> _Endings:
    told = outcomes_of(connection, firm)
    return _Endings(
        {deal_id: versions[-1] for deal_id, versions in told.items()},
        {deal_id: first_known_at(versions) for deal_id, versions in told.items()},
    )


def _read(connection: Connection, firm: str, ids: Sequence[str], ended: _Endings) -> list[AskedDeal]:
    found = [one for chunk in chunks(ids) for one in _read_chunk(connection, firm, chunk, ended)]
    # Sorted here: databases differ in how they order texts.
    return sorted(found, key=_order)


def _read_chunk(connection: Connection, firm: str, ids: Sequence[str], ended: _Endings) -> Iterator[AskedDeal]:
    r = receipts.c
    # An answer is by far the longest column, and is read for nothing where no model answered.
    by_model = case((r.model_version.is_(None), None), else_=r.answer)
    query = (
        select(
            *(r.receipt_id, r.deal_id, r.company_id, r.stage, r.as_of, r.scored_at),
            *(r.policy_version, r.verdict, r.model_version, facts.c.facts, by_model),
        )
        .select_from(WITH_FACTS)
        .where(r.firm == firm, r.receipt_id.in_(ids))
    )
    tested = backtests_of(connection, firm, ids)
    for (
        receipt_id,
        deal_id,
        company_id,
        stage,
        as_of,
        scored_at,
        policy,
        verdict,
        model,
        known,
        answer,
    ) in connection.execute(query):
        erased = Deal(deal_id=deal_id, company_id=company_id, stage=stage, as_of=as_of)
        yield AskedDeal(
            receipt_id=receipt_id,
            deal=erased if known is None else read_facts(deal_id, known),
            scored_at=scored_at,
            policy_version=policy,
            verdict=Verdict(verdict),
            model_version=model,
            probability=None if answer is None else read_probability(answer),
            outcome=ended.newest.get(deal_id),
            first_known_at=ended.first_known.get(deal_id),
            backtest=tested.get(receipt_id),
        )


def _order(one: AskedDeal) -> tuple[bool, datetime, str]:
    as_of = one.deal.as_of
    return as_of is None, as_of or EPOCH, one.deal.deal_id
