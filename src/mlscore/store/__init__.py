"""Keeps facts, receipts, outcomes, policies and keys, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.store.asked import SqlAsked
from mlscore.store.briefs import SqlBriefs
from mlscore.store.closed import SqlBacktests, SqlClosed, SqlTrackRecords
from mlscore.store.engine import BRISK, PATIENT, Database, Waits, open_database
from mlscore.store.erasing import SqlForgetting, SqlRetention
from mlscore.store.feed import SqlDeliveries, SqlFeed, SqlWebhooks
from mlscore.store.in_step import SqlCursors, SqlHolds, SqlMirrors, SqlPages, SqlTasks
from mlscore.store.judging import SqlApprovals, SqlSides, SqlWishes
from mlscore.store.keys import SqlKeys
from mlscore.store.ledger import SqlLedger
from mlscore.store.outcomes import SqlOutcomes
from mlscore.store.people import SqlAudit, SqlNumbers, SqlSessions, SqlUsers
from mlscore.store.policies import SqlPolicies
from mlscore.store.receipts import SqlReceipts
from mlscore.store.schema import migrate, ping

__all__ = ["BRISK", "PATIENT", "Store", "Waits", "open_store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything kept in one database, port by port."""

    database: Database
    receipts: SqlReceipts
    outcomes: SqlOutcomes
    closed: SqlClosed
    asked: SqlAsked
    backtests: SqlBacktests
    track_records: SqlTrackRecords
    policies: SqlPolicies
    keys: SqlKeys
    ledger: SqlLedger
    forgetting: SqlForgetting
    retention: SqlRetention
    users: SqlUsers
    sessions: SqlSessions
    audit: SqlAudit
    briefs: SqlBriefs
    feed: SqlFeed
    webhooks: SqlWebhooks
    deliveries: SqlDeliveries
    tasks: SqlTasks
    mirrors: SqlMirrors
    cursors: SqlCursors
    sides: SqlSides
    wishes: SqlWishes
    approvals: SqlApprovals
    holds: SqlHolds
    pages: SqlPages
    numbers: SqlNumbers

    def migrate(self) -> None:
        """Bring the tables to this version. Raises StoreUnavailableError, ConflictError where they are of a newer."""
        migrate(self.database)

    def ping(self) -> None:
        """Raise StoreUnavailableError unless the database answers and has its tables."""
        ping(self.database)

    def close(self) -> None:
        """Give back every connection; the store opens new ones when asked again."""
        self.database.engine.dispose()


def open_store(url: str, *, waits: Waits = PATIENT) -> Store:
    """Open the store at `sqlite:///FILE` or `postgresql://...`, without touching its tables.

    Raises FaultyInputError for an address that cannot be used and StoreUnavailableError when a SQLite file's folder
    cannot be made.
    """
    database = open_database(url, waits=waits)
    track_records = SqlTrackRecords(database)
    return Store(
        database=database,
        receipts=SqlReceipts(database, hear=track_records.hear),
        outcomes=SqlOutcomes(database, hear=track_records.hear),
        closed=SqlClosed(database),
        asked=SqlAsked(database),
        backtests=SqlBacktests(database),
        track_records=track_records,
        policies=SqlPolicies(database),
        keys=SqlKeys(database),
        ledger=SqlLedger(database=database),
        forgetting=SqlForgetting(database),
        retention=SqlRetention(database),
        users=SqlUsers(database),
        sessions=SqlSessions(database),
        audit=SqlAudit(database),
        briefs=SqlBriefs(database),
        feed=SqlFeed(database),
        webhooks=SqlWebhooks(database),
        deliveries=SqlDeliveries(database),
        tasks=SqlTasks(database),
        mirrors=SqlMirrors(database),
        cursors=SqlCursors(database),
        sides=SqlSides(database),
        wishes=SqlWishes(database),
        approvals=SqlApprovals(database),
        holds=SqlHolds(database),
        pages=SqlPages(database),
        numbers=SqlNumbers(database),
    )
