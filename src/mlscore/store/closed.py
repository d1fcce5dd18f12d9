"""Reads closed deals, where receipts meet their outcomes, and keeps the backtests of such deals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Insert, or_, select

from mlscore.ports import Backtest, ScoredOutcome
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.receipt import Verdict
from mlscore.store.engine import CHUNK_ROWS, Database, insert
from mlscore.store.receipts import KEPT, WITH_FACTS, read_receipt
from mlscore.store.tables import EPOCH, backtests, outcomes, receipts

STAGE = "deal"


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
            told = outcomes_of(connection, firm, known_by)
            ended = {deal_id: versions[-1] for deal_id, versions in told.items()}
            chosen = _choose(connection, firm, ended, is_first=is_first)
            found: list[ScoredOutcome] = []
            for start in range(0, len(chosen), CHUNK_ROWS):
                found += _read_chunk(connection, firm, chosen[start : start + CHUNK_ROWS], told)
        # Sorted here: databases differ in how they order texts.
        return sorted(found, key=_order)

    def without_outcome(self, firm: str) -> Mapping[Verdict, int]:
        """Count the deals that have no outcome, by the verdict of their latest receipt."""
        r, o = receipts.c, outcomes.c
        ended = select(o.deal_id).where(o.firm == firm)
        query = (
            select(r.deal_id, r.verdict)
            .where(r.firm == firm, r.deal_id.not_in(ended))
            .order_by(r.as_of, r.scored_at, r.receipt_id)
        )
        with self.database.reading() as connection:
            latest = {deal_id: Verdict(verdict) for deal_id, verdict in connection.execute(query)}
        return Counter(latest.values())


@dataclass(frozen=True, slots=True)
class SqlBacktests:
    """The port `Backtests`, in SQL."""

    database: Database

    def keep(self, firm: str, backtests: Sequence[Backtest]) -> None:
        """Store all of them or none; a later backtest of the same receipt takes the earlier one's place."""
        with self.database.writing() as connection:
            for start in range(0, len(backtests), CHUNK_ROWS):
                chunk = backtests[start : start + CHUNK_ROWS]
                connection.execute(_upsert(connection), [_backtest_row(firm, b) for b in chunk])


class Candidate(NamedTuple):
    """A receipt that may be the row of its deal."""

    deal_id: str
    as_of: datetime | None
    scored_at: datetime
    receipt_id: str


def takes_first(snapshot: str) -> bool:
    """Tell whether a snapshot is a deal's first receipt, not its last. Raises FaultyInputError for another word."""
    if snapshot not in {"first", "last_before_close"}:
        raise FaultyInputError(f"A snapshot is first or last_before_close, not {snapshot!r}.", snapshot=snapshot)
    return snapshot == "first"


def outcomes_of(connection: Connection, firm: str, known_by: datetime | None = None) -> Mapping[str, Sequence[Outcome]]:
    """Return every deal's outcome in all its versions, the newest last."""
    o = outcomes.c
    query = select(o.deal_id, o.status, o.closed_at, o.realised_profit, o.known_at).where(o.firm == firm)
    if known_by is not None:
        query = query.where(o.known_at <= known_by)
    told: dict[str, list[Outcome]] = defaultdict(list)
    for deal_id, status, closed_at, profit, known_at in connection.execute(query.order_by(o.version)):
        outcome = Outcome(
            deal_id=deal_id,
            status=Status(status),
            closed_at=closed_at,
            realised_profit=profit,
            known_at=known_at,
        )
        told[deal_id].append(outcome)
    return told


def _choose(connection: Connection, firm: str, ended: Mapping[str, Outcome], *, is_first: bool) -> list[str]:
    """Return the id of each closed deal's receipt.

    Chosen here and not in SQL: without fresh statistics, as after an import, databases plan that join badly.
    """
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates_of(connection, firm):
        outcome = ended.get(one.deal_id)
        if outcome is not None and (is_first or is_before_close(one, outcome)):
            candidates[one.deal_id].append(one)
    choose = first_of if is_first else last_of
    return [choose(some).receipt_id for some in candidates.values()]


def candidates_of(connection: Connection, firm: str) -> Iterator[Candidate]:
    """Read every receipt at stage deal, in no order; one without a stage counts as such."""
    r = receipts.c
    query = select(r.deal_id, r.as_of, r.scored_at, r.receipt_id).where(
        r.firm == firm, or_(r.stage == STAGE, r.stage.is_(None))
    )
    return map(Candidate._make, connection.execute(query))


def is_before_close(one: Candidate, outcome: Outcome) -> bool:
    """Tell whether a receipt was made before its deal closed; an undated one counts as such."""
    end = outcome.closed_at or outcome.known_at
    return one.as_of is None or end is None or one.as_of < end


def first_of(some: Sequence[Candidate]) -> Candidate:
    """Return the earliest; undated ones stand behind dated ones."""
    return min(some, key=_in_time)


def last_of(some: Sequence[Candidate]) -> Candidate:
    """Return the latest of the dated ones, or of all where none is dated."""
    return max([one for one in some if one.as_of is not None] or some, key=_in_time)


def _in_time(one: Candidate) -> tuple[bool, datetime, datetime, str]:
    return one.as_of is None, one.as_of or EPOCH, one.scored_at, one.receipt_id


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


def first_known_at(versions: Sequence[Outcome]) -> datetime | None:
    """Return when a version first said as much as the newest: how the deal ended, and its profit where one is told."""
    newest = versions[-1]
    is_enough = [v.status is Status.LOST or v.realised_profit is not None for v in versions]
    moments = [
        version.known_at
        for version, enough in zip(versions, is_enough, strict=True)
        if version.known_at is not None and (enough or newest.realised_profit is None)
    ]
    return min(moments, default=newest.known_at)


def backtests_of(connection: Connection, firm: str, ids: Sequence[str]) -> dict[str, Backtest]:
    """Return the backtests of these receipts, by receipt."""
    b = backtests.c
    query = select(b.receipt_id, b.model_version, b.probability, b.expected_profit).where(
        b.firm == firm, b.receipt_id.in_(ids)
    )
    return {
        receipt_id: Backtest(
            receipt_id=receipt_id,
            model_version=model_version,
            probability=probability,
            expected_profit=expected_profit,
        )
        for receipt_id, model_version, probability, expected_profit in connection.execute(query)
    }


def _order(found: ScoredOutcome) -> tuple[bool, datetime, str]:
    as_of = found.receipt.as_of
    return as_of is None, as_of or EPOCH, found.receipt.deal.deal_id


def _upsert(connection: Connection) -> Insert:
    statement = insert(connection, backtests)
    return statement.on_conflict_do_update(
        index_elements=["firm", "receipt_id"],
        set_={name: statement.excluded[name] for name in ("model_version", "probability", "expected_profit")},
    )


def _backtest_row(firm: str, backtest: Backtest) -> dict[str, object]:
    return {
        "firm": firm,
        "receipt_id": backtest.receipt_id,
        "model_version": backtest.model_version,
        "probability": backtest.probability,
        "expected_profit": backtest.expected_profit,
    }
