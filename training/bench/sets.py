"""The data sets of the bench by name: three public ones, found below MLSCORE_DATASETS, and the simulated firm."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlscore.scoring.errors import TrainingError
from training.bench.histories import BenchHistory, simulated_history, take_history
from training.bench.measuring import SERVICE, Measured
from training.bench.protocol import Protocol
from training.playground import EXAMPLES
from training.workshop import read_policy_file

SIMULATED_DEALS, SIMULATED_SEEDS = 14_000, (301, 302, 303, 304, 305, 306)
SIMULATED_TEST_FROM = datetime(2025, 2, 15, tzinfo=UTC)
_COVERED_SIZES = (1000, 2000, 4000, 10_000)
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


def curve(measured: Sequence[Measured]) -> Sequence[Target]:
    """Ask that the service lose no more than 1.01 x the best classic at any size."""
    found = []
    for size in dict.fromkeys(one.size for one in measured):
        at = [one for one in measured if one.size == size]
        service = next(one for one in at if one.scorer == SERVICE)
        best = min((one for one in at if one.scorer != SERVICE), key=lambda one: one.log_loss)
        ratio = service.log_loss / best.log_loss
        words = f"n = {'all' if size is None else size}: log loss <= {CURVE_MAX} x the best classic ({best.scorer})"
        found.append(Target(words, f"{ratio:.3f}", ratio <= CURVE_MAX))
    return found


def _service(measured: Sequence[Measured], size: int | None = None) -> Measured:
    return next(one for one in measured if one.scorer == SERVICE and one.size == size)


def _at_most(words: str, figure: float, bound: float, form: str = ".3f") -> Target:
    return Target(f"{words} <= {bound:{form}}", f"{figure:{form}}", figure <= bound)


def _at_least(words: str, figure: float | None, bound: float, form: str = ".3f") -> Target:
    known = float("nan") if figure is None else figure
    return Target(f"{words} >= {bound:{form}}", f"{known:{form}}", known >= bound)


def _salvirt(measured: Sequence[Measured]) -> Sequence[Target]:
    all_of_it = _service(measured)
    return [
        _at_most("log loss", all_of_it.log_loss, 0.468),
        _at_least("AUC", all_of_it.auc, 0.860),
        *curve(measured),
    ]


def _adventureworks(measured: Sequence[Measured]) -> Sequence[Target]:
    all_of_it = _service(measured)
    return [
        _at_most("log loss", all_of_it.log_loss, 0.285),
        _at_least("AUC", all_of_it.auc, 0.965),
        _at_least("profit of the orders accepted by its own decision", all_of_it.accepted, 900_000, ",.0f"),
        _at_least("profit when half the orders can be worked", all_of_it.captured_half, 1_000_000, ",.0f"),
        *curve(measured),
    ]


def _within(words: str, figure: float, least: float, most: float, form: str) -> Target:
    return Target(words, f"{figure:{form}}", least <= figure <= most)


def _maven(measured: Sequence[Measured]) -> Sequence[Target]:
    words = "there is nothing to find: AUC within 0.47-0.53"
    return [_within(words, _service(measured).auc, 0.47, 0.53, ".3f")]


def _simulated(measured: Sequence[Measured]) -> Sequence[Target]:
    whole = _service(measured, 10_000)
    told = [one.covered for one in measured if one.size in _COVERED_SIZES and one.covered is not None]
    covered = sum(told) / len(told) if told else float("nan")
    words = "the 90 % interval covers 87-93 % of groups of 100 (n = 1 000 and more)"
    return [
        _at_most("10 000 deals: (log loss - oracle) / (prior - oracle)", whole.gap or 0.0, 0.05, ".4f"),
        _within(words, covered, 0.87, 0.93, ".1%"),
        *curve(measured),
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
