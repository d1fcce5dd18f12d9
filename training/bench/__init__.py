"""The yardstick: the service's default pipeline beside the classics, on the same deals, at every size of history."""

from training.bench.histories import BenchHistory, simulated_history, take_history
from training.bench.measuring import Measured, mean_of_all, measure
from training.bench.pages import with_tables
from training.bench.protocol import Protocol
from training.bench.retraining import time_a_retraining, told
from training.bench.sets import SETS, BenchSet, Target, curve
from training.bench.telling import as_json, markdown_of, verdicts

__all__ = [
    "SETS",
    "BenchHistory",
    "BenchSet",
    "Measured",
    "Protocol",
    "Target",
    "as_json",
    "curve",
    "markdown_of",
    "mean_of_all",
    "measure",
    "simulated_history",
    "take_history",
    "time_a_retraining",
    "told",
    "verdicts",
    "with_tables",
]
