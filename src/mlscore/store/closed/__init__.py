"""Closed deals, where receipts meet their outcomes: read one by one, and summed up as track records."""

from mlscore.store.closed.backtests import SqlBacktests
from mlscore.store.closed.reading import SqlClosed
from mlscore.store.closed.track_records import SqlTrackRecords

__all__ = ["SqlBacktests", "SqlClosed", "SqlTrackRecords"]
