"""Keeps how deals ended: one version after another, none overwritten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from mlscore.ports import OutcomeVersion
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store import news
from mlscore.store.engine import CHUNK_ROWS, Database, chunks, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import outcomes


@dataclass(frozen=True, slots=True)
class SqlOutcomes:
    """The port `Outcomes`, in SQL; `hear` is called with a firm once there is news of its closed deals."""

    database: Database
    hear: Callable[[str], None] = lambda _firm: None

    def record(
        self, firm: str, outcomes: Sequence[Outcome], *, at: datetime, by: str | None = None
    ) -> Sequence[OutcomeVersion]:
        """Add a version for each outcome that says something new; return, for each, the version that says it.

        An outcome without `known_at` became known `at`. What is new and told `by` a person stands in the audit log.
        """
        try:
            recorded, fresh = self._add(firm, outcomes, at, by)
        except StoreUnavailableError:
            self.hear(firm)  # they may be recorded all the same: it may be the answer that was lost
            raise
        if fresh:
            self.hear(firm)
        return recorded

    def _add(
        self, firm: str, outcomes: Sequence[Outcome], at: datetime, by: str | None
    ) -> tuple[Sequence[OutcomeVersion], Sequence[OutcomeVersion]]:
        """Return the version that says each outcome, and those of them that are new."""
        recorded: list[OutcomeVersion] = []
        fresh: list[OutcomeVersion] = []
        with self.database.writing() as connection:
            lock(connection, "outcomes", firm)
            for start in range(0, len(outcomes), CHUNK_ROWS):
                chunk = outcomes[start : start + CHUNK_ROWS]
                before = {} if by is None else _newest(connection, firm, {outcome.deal_id for outcome in chunk})
                told: list[OutcomeVersion] = []
                recorded += _record_chunk(connection, firm, chunk, at, told)
                if by is not None:
                    _write_down(connection, firm, told, before, by=by, at=at)
                fresh += told
            news.tell(connection, firm, [version.outcome.deal_id for version in fresh])
        return recorded, fresh

    def newest(self, firm: str, deal_ids: Sequence[str]) -> Mapping[str, OutcomeVersion]:
        """Return the newest version of each of these deals that has any."""
        with self.database.reading() as connection:
            return {deal_id: v for ids in chunks(deal_ids) for deal_id, v in _newest(connection, firm, ids).items()}


def _record_chunk(
    connection: Connection, firm: str, chunk: Sequence[Outcome], at: datetime, told: list[OutcomeVersion]
) -> list[OutcomeVersion]:
    """Return the version that says each outcome; those that were not there before are `told` too."""
    newest = _newest(connection, firm, {outcome.deal_id for outcome in chunk})
    recorded, fresh = [], []
    for outcome in chunk:
        version = newest.get(outcome.deal_id)
        if version is None or _says_something_new(outcome, version.outcome):
            version = OutcomeVersion(
                outcome=replace(outcome, known_at=outcome.known_at or at),
                version=version.version + 1 if version else 1,
                recorded_at=at,
            )
            newest[outcome.deal_id] = version
            fresh.append(version)
        recorded.append(version)
    if fresh:
        connection.execute(outcomes.insert(), [_row(firm, version) for version in fresh])
    told += fresh
    return recorded


def _write_down(
    connection: Connection,
    firm: str,
    told: Sequence[OutcomeVersion],
    before: Mapping[str, OutcomeVersion],
    *,
    by: str,
    at: datetime,
) -> None:
    for version in told:
        deal_id = version.outcome.deal_id
        earlier, after = before.get(deal_id), _said(version.outcome)
        was = None if earlier is None else _said(earlier.outcome)
        note(connection, firm, at=at, who=by, what="outcome.told", subject=deal_id, before=was, after=after)


def _said(outcome: Outcome) -> dict[str, object]:
    closed_at = None if outcome.closed_at is None else outcome.closed_at.isoformat()
    return {"outcome": outcome.status.value, "profit": outcome.realised_profit, "closed_at": closed_at}


def _says_something_new(outcome: Outcome, newest: Outcome) -> bool:
    return replace(outcome, known_at=outcome.known_at or newest.known_at) != newest


def _newest(connection: Connection, firm: str, deal_ids: Collection[str]) -> dict[str, OutcomeVersion]:
    o = outcomes.c
    newest = (
        select(o.firm, o.deal_id, func.max(o.version).label("version"))
        .where(o.firm == firm, o.deal_id.in_(deal_ids))
        .group_by(o.firm, o.deal_id)
        .subquery()
    )
    query = select(o.deal_id, o.version, o.status, o.closed_at, o.realised_profit, o.known_at, o.recorded_at).join(
        newest,
        (newest.c.firm == o.firm) & (newest.c.deal_id == o.deal_id) & (newest.c.version == o.version),
    )
    found = {}
    for deal_id, version, status, closed_at, profit, known_at, recorded_at in connection.execute(query):
        outcome = Outcome(
            deal_id=deal_id,
            status=Status(status),
            closed_at=closed_at,
            realised_profit=profit,
            known_at=known_at,
        )
        found[deal_id] = OutcomeVersion(outcome=outcome, version=version, recorded_at=recorded_at)
    return found


def _row(firm: str, version: OutcomeVersion) -> dict[str, object]:
    return {
        "firm": firm,
        "deal_id": version.outcome.deal_id,
        "version": version.version,
        "status": version.outcome.status.value,
        "closed_at": version.outcome.closed_at,
        "realised_profit": version.outcome.realised_profit,
        "known_at": version.outcome.known_at,
        "recorded_at": version.recorded_at,
    }
