"""The tables, typed; every one carries the firm, and every time is exact to the microsecond."""

from mlscore.store.tables.briefs import briefs, briefs_due
from mlscore.store.tables.crm import cursors, mirrors, tasks
from mlscore.store.tables.deals import backtests, facts, forgotten, news, outcomes, receipts
from mlscore.store.tables.firm import keys, ledger, policies
from mlscore.store.tables.judging import approvals, sides, wishes
from mlscore.store.tables.kinds import EPOCH, MICROSECOND, Moment, metadata, microseconds
from mlscore.store.tables.people import audit, sessions, users
from mlscore.store.tables.webhooks import deliveries, webhooks

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "Moment",
    "approvals",
    "audit",
    "backtests",
    "briefs",
    "briefs_due",
    "cursors",
    "deliveries",
    "facts",
    "forgotten",
    "keys",
    "ledger",
    "metadata",
    "microseconds",
    "mirrors",
    "news",
    "outcomes",
    "policies",
    "receipts",
    "sessions",
    "sides",
    "tasks",
    "users",
    "webhooks",
    "wishes",
]
