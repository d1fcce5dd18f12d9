"""What the service needs of the world, and nothing of who provides it."""

from mlscore.ports.closed import (
    Asked,
    AskedDeal,
    Backtest,
    Backtests,
    Closed,
    ClosedDeal,
    ScoredOutcome,
    TrackRecords,
)
from mlscore.ports.erasing import Erased, KeepsFacts
from mlscore.ports.keys import EVERY_SCOPE, EVERYDAY, Key, Keys, KeyScope, kept_in
from mlscore.ports.serving import (
    Champions,
    Clock,
    HistoryFacts,
    KeptAnswer,
    Ledger,
    Outcomes,
    OutcomeVersion,
    Policies,
    PolicyVersion,
    Receipts,
    Serving,
    Standing,
)

__all__ = [
    "EVERYDAY",
    "EVERY_SCOPE",
    "Asked",
    "AskedDeal",
    "Backtest",
    "Backtests",
    "Champions",
    "Clock",
    "Closed",
    "ClosedDeal",
    "Erased",
    "HistoryFacts",
    "KeepsFacts",
    "KeptAnswer",
    "Key",
    "KeyScope",
    "Keys",
    "Ledger",
    "OutcomeVersion",
    "Outcomes",
    "Policies",
    "PolicyVersion",
    "Receipts",
    "ScoredOutcome",
    "Serving",
    "Standing",
    "TrackRecords",
    "kept_in",
]
