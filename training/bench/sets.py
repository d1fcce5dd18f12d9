"""The data sets of the bench by name: three public ones, found below MLSCORE_DATASETS, and the simulated firm."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlscore.scoring.errors import TrainingError
from training.bench.histories import BenchHistory, simulated_history, take_history
from training.bench.measuring import Measured
from training.bench.protocol import Protocol
from training.evaluate import SERVICE
from training.playground import EXAMPLES
from training.workshop import read_policy_file

SIMULATED_DEALS, SIMULATED_SEEDS = 14_000, (301, 302, 303, 304, 305, 306)
SIMULATED_TEST_FROM = datetime(2025, 2, 15, tzinfo=UTC)
_COVERED_FROM = 1000
CURVE_MAX = 1.01
"""How much worse than the best classic, chosen with hindsight, the service may be at any size of history."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to be reached: its words, the figure, and whether it is reached."""

    words: str
    figure: str
    reached: bool


Targets = Callable[[Sequence[Measured]], Sequence[Target]]


@dataclass(frozen=True, slots=True)
class BenchSet:
    """One data set: how its histories are had, how they are judged, at which sizes, and what is to be reached.

    `asks_gates`: a training is put before the gates too, and must be refused.
    """

    title: str
    histories: Callable[[], Iterable[BenchHistory]]
    protocol: Protocol
    sizes: tuple[int | None, ...]
    targets: Targets
    asks_gates: bool = False


def _size_of(one: Measured) -> str:
    """Return how many deals were learned, as it is told."""
    return "all" if one.size is None else str(one.size)


def curve(measured: Sequence[Measured]) -> Sequence[Target]:
    """Ask that the service lose no more than 1.01 x the best classic at any size."""
    found = []
    for size in dict.fromkeys(one.size for one in measured):
        at = [one for one in measured if one.size == size]
        service = next(one for one in at if one.scorer == SERVICE)
        best = min((one for one in at if one.scorer != SERVICE), key=lambda one: one.log_loss)
        ratio = service.log_loss / best.log_loss
        words = f"n = {_size_of(service)}: log loss <= {CURVE_MAX} x the best classic ({best.scorer})"
        found.append(Target(words, f"{ratio:.3f}", ratio <= CURVE_MAX))
    return found


def _service(measured: Sequence[Measured], size: int | None = None) -> Sequence[Measured]:
    """Return the service's figures at a size, none where that size was not measured."""
    return [one for one in measured if one.scorer == SERVICE and one.size == size]


def _at_most(words: str, figure: float, bound: float, form: str = ".3f") -> Target:
    return Target(f"{words} <= {bound:{form}}", f"{figure:{form}}", figure <= bound)


def _at_least(words: str, figure: float | None, bound: float, form: str = ".3f") -> Target:
    known = float("nan") if figure is None else figure
    return Target(f"{words} >= {bound:{form}}", f"{known:{form}}", known >= bound)


def _salvirt(measured: Sequence[Measured]) -> Sequence[Target]:
    found = list(curve(measured))
    for whole in _service(measured):
        found = [_at_most("log loss", whole.log_loss, 0.468), _at_least("AUC", whole.auc, 0.860), *found]
    return found


def _adventureworks(measured: Sequence[Measured]) -> Sequence[Target]:
    found = list(curve(measured))
    for whole in _service(measured):
        found = [
            _at_most("log loss", whole.log_loss, 0.285),
            _at_least("AUC", whole.auc, 0.965),
            _at_least("profit of the orders accepted by its own decision", whole.accepted, 900_000, ",.0f"),
            _at_least("profit when half the orders can be worked", whole.captured_half, 1_000_000, ",.0f"),
            *found,
        ]
    return found


def _within(words: str, figure: float, least: float, most: float, form: str) -> Target:
    return Target(words, f"{figure:{form}}", least <= figure <= most)


def _maven(measured: Sequence[Measured]) -> Sequence[Target]:
    words = "there is nothing to find: AUC within 0.47-0.53"
    return [_within(words, whole.auc, 0.47, 0.53, ".3f") for whole in _service(measured)]


def _simulated(measured: Sequence[Measured]) -> Sequence[Target]:
    words = "10 000 deals: (log loss - oracle) / (prior - oracle)"
    gaps = [_at_most(words, o.gap, 0.05, ".4f") for o in _service(measured, 10_000) if o.gap is not None]
    return [*gaps, *_coverage(measured), *curve(measured)]


def _coverage(measured: Sequence[Measured]) -> Sequence[Target]:
    """Ask that the interval keep its word at every size of history that can bear it out."""
    return [
        _within(
            f"n = {_size_of(one)}: the 90 % interval covers 87-93 % of groups of 100", one.covered, 0.87, 0.93, ".1%"
        )
        for one in measured
        if one.covered is not None and (one.size is None or one.size >= _COVERED_FROM)
    ]


def _public(file: str, example: str) -> Callable[[], Iterable[BenchHistory]]:
    def take() -> Iterable[BenchHistory]:
        folder = EXAMPLES / example
        policy = read_policy_file(folder / "policy.toml")
        return [take_history(_folder() / file, mapping=folder / "mapping.toml", policy=policy)]

    return take


def _folder() -> Path:
    named = os.environ.get("MLSCORE_DATASETS")
    if not named or not Path(named).is_dir():
        raise TrainingError("Set MLSCORE_DATASETS to the folder that holds the public data sets.")
    return Path(named)


SETS: Mapping[str, BenchSet] = {
    "simulated": BenchSet(
        "Six simulated firms, the newest deals after 10 000 known ones",
        lambda: (simulated_history(deals=SIMULATED_DEALS, seed=seed) for seed in SIMULATED_SEEDS),
        Protocol(test_from=SIMULATED_TEST_FROM),
        (0, 30, 60, 100, 250, 500, 1000, 2000, 4000, 10_000),
        _simulated,
    ),
    "salvirt": BenchSet(
        "Salvirt, 5 times 10 grouped folds",
        _public("salvirt_b2b/Salvirt_B2B_ML_dataset.csv", "salvirt"),
        Protocol(grouped=(10, 5)),
        (0, 30, 60, 100, 250, None),
        _salvirt,
    ),
    "adventureworks": BenchSet(
        "AdventureWorks, from 2019-07-01, learned anew each quarter",
        _public("adventureworks_reseller/orders.csv", "adventureworks"),
        Protocol(test_from=datetime(2019, 7, 1, tzinfo=UTC), refit="quarter"),
        (0, 30, 60, 100, 250, 500, 1000, None),
        _adventureworks,
    ),
    "maven": BenchSet(
        "Maven CRM, the newest fifth (there is nothing to find in it)",
        _public("maven_crm/sales_pipeline.csv", "maven"),
        Protocol(),
        (None,),
        _maven,
        asks_gates=True,
    ),
}
"""Every data set by name."""
