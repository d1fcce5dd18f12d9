"""Watches a champion at work: whether what it is asked, and what comes of it, is still what it learned from."""

from training.watch.limits import LIMITS, Limits, read_limits
from training.watch.material import NothingToWatchError, Window, gather
from training.watch.metrics import write_metrics
from training.watch.observation import Observation, Standing
from training.watch.report import Report, watch
from training.watch.telling import as_json, tables

__all__ = [
    "LIMITS",
    "Limits",
    "NothingToWatchError",
    "Observation",
    "Report",
    "Standing",
    "Window",
    "as_json",
    "gather",
    "read_limits",
    "tables",
    "watch",
    "write_metrics",
]
