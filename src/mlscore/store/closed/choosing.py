"""Chooses the receipt that stands for a deal, and reads how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.store.engine import chunks
from mlscore.store.tables import EPOCH, outcomes, receipts

STAGE = "deal"


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


def outcomes_of(
    connection: Connection, firm: str, *, known_by: datetime | None = None, among: Collection[str] | None = None
) -> Mapping[str, Sequence[Outcome]]:
    """Return every ended deal's outcome in all its versions, the newest last; `among` names the only ones to look at.

    A reopening takes back whatever was told before it: a deal that is open again is not among them.
    """
    o = outcomes.c
    query = select(o.deal_id, o.status, o.closed_at, o.realised_profit, o.known_at).where(o.firm == firm)
    if known_by is not None:
        query = query.where(o.known_at <= known_by)
    told: dict[str, list[Outcome]] = defaultdict(list)
    for ids in _parts(among):
        part = query if ids is None else query.where(o.deal_id.in_(ids))
        for deal_id, status, closed_at, profit, known_at in connection.execute(part.order_by(o.version)):
            outcome = Outcome(
                deal_id=deal_id,
                status=Status(status),
                closed_at=closed_at,
                realised_profit=profit,
                known_at=known_at,
            )
            if outcome.status is Status.REOPENED:
                told.pop(deal_id, None)
            else:
                told[deal_id].append(outcome)
    return told


def ended_deals(firm: str) -> Select[str]:
    """Return the query of the deals that have ended, by the newest version of their outcomes."""
    o, later = outcomes.c, outcomes.alias()
    newest = (
        select(func.max(later.c.version)).where(later.c.firm == o.firm, later.c.deal_id == o.deal_id).scalar_subquery()
    )
    return select(o.deal_id).where(o.firm == firm, o.status != Status.REOPENED.value, o.version == newest)


def candidates_of(connection: Connection, firm: str, *, among: Collection[str] | None = None) -> Iterator[Candidate]:
    """Read every receipt at stage deal, in no order; one without a stage counts as such."""
    r = receipts.c
    query = select(r.deal_id, r.as_of, r.scored_at, r.receipt_id).where(
        r.firm == firm, or_(r.stage == STAGE, r.stage.is_(None))
    )
    for ids in _parts(among):
        part = query if ids is None else query.where(r.deal_id.in_(ids))
        yield from map(Candidate._make, connection.execute(part))


def choose(candidates: Iterator[Candidate], ended: Mapping[str, Outcome], *, is_first: bool) -> list[str]:
    """Return the id of each closed deal's receipt.

    Chosen here and not in SQL: without fresh statistics, as after an import, databases plan that join badly.
    """
    of_deals: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        outcome = ended.get(one.deal_id)
        if outcome is not None and (is_first or is_before_close(one, outcome)):
            of_deals[one.deal_id].append(one)
    chosen = first_of if is_first else last_of
    return [chosen(some).receipt_id for some in of_deals.values()]


def is_before_close(one: Candidate, outcome: Outcome) -> bool:
    """Tell whether a receipt was made before its deal closed; an undated one counts as such."""
    end = outcome.closed_at or outcome.known_at
    return one.as_of is None or end is None or one.as_of < end


def first_of(some: Sequence[Candidate]) -> Candidate:
    """Return the earliest; undated ones stand behind dated ones."""
    return some[0] if len(some) == 1 else min(some, key=_in_time)


def last_of(some: Sequence[Candidate]) -> Candidate:
    """Return the latest of the dated ones, or of all where none is dated."""
    return max([one for one in some if one.as_of is not None] or some, key=_in_time)


def first_known_at(versions: Sequence[Outcome]) -> datetime | None:
    """Return when a version first said as much as the newest: how the deal ended, and its profit where one is told."""
    newest = versions[-1]
    if len(versions) == 1:
        return newest.known_at
    is_enough = [v.status is Status.LOST or v.realised_profit is not None for v in versions]
    moments = [
        version.known_at
        for version, enough in zip(versions, is_enough, strict=True)
        if version.known_at is not None and (enough or newest.realised_profit is None)
    ]
    return min(moments, default=newest.known_at)


def _in_time(one: Candidate) -> tuple[bool, datetime, datetime, str]:
    return one.as_of is None, one.as_of or EPOCH, one.scored_at, one.receipt_id


def _parts(among: Collection[str] | None) -> Iterator[Sequence[str] | None]:
    if among is None:
        yield None
    else:
        yield from chunks(list(among))
