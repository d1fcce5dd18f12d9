"""How long a retraining takes end to end, and how much memory: measured on a process of its own."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import default_policy
from mlscore.store import open_store
from training.bench.histories import FIRM
from training.bench.measuring import Progress
from training.playground import MAPPING, take_in
from training.simulate import simulate

DEALS, SEED = 100_000, 311
MINUTES_MAX, GIGABYTES_MAX = 5.0, 3.0
_BYTES_A_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """What a retraining took, from reading the store to a registered version."""

    deals: int
    seconds: float
    gigabytes: float
    exit_code: int


def time_a_retraining(*, deals: int = DEALS, threads: int, progress: Progress) -> Retrained:
    """Simulate and import a history, then run `python -m training retrain` on it and watch it from outside.

    Raises TrainingError where it ends otherwise than with a new version.
    """
    with TemporaryDirectory(prefix="mlscore-retraining-") as scratch:
        folder = Path(scratch)
        progress(f"simulating and importing {deals:,} deals")
        _import(folder, deals)
        progress("retraining")
        command = [sys.executable, "-m", "training", "retrain", "--simulated", "--threads", str(threads)]
        environment = os.environ | {
            "MLSCORE_DATABASE": f"sqlite:///{folder}/mlscore.db",
            "MLSCORE_MODELS": str(folder / "models"),
            "MLSCORE_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
            "MLSCORE_FIRM": FIRM,
        }
        environment.pop("MLSCORE_POLICY", None)
        began = time.monotonic()
        process = os.posix_spawn(sys.executable, command, environment, file_actions=_quietly(folder))
        _, status, used = os.wait4(process, 0)
        seconds = time.monotonic() - began
        code = os.waitstatus_to_exitcode(status)
        if code not in {0, 1}:
            raise TrainingError(f"The retraining ended with {code}: {(folder / 'said-2.txt').read_text()[-500:]}")
    return Retrained(deals=deals, seconds=seconds, gigabytes=used.ru_maxrss * _BYTES_A_UNIT / 1e9, exit_code=code)


def told(retrained: Retrained) -> str:
    """Return what it took, in Markdown, and whether that is within bounds."""
    minutes = retrained.seconds / 60
    is_within = minutes <= MINUTES_MAX and retrained.gigabytes <= GIGABYTES_MAX
    return (
        "### Retraining, end to end\n\n| deals | minutes | peak memory, GB |\n|---:|---:|---:|\n"
        f"| {retrained.deals:,} | {minutes:.1f} | {retrained.gigabytes:.2f} |\n\n"
        f"- {'reached' if is_within else '**not reached**'}: under {MINUTES_MAX:g} minutes and {GIGABYTES_MAX:g} GB"
    )


def _import(folder: Path, deals: int) -> None:
    simulate(deals=deals, seed=SEED).write_csv(folder / "deals.csv")
    store = open_store(f"sqlite:///{folder}/mlscore.db")
    try:
        store.migrate()
        take_in(store, folder / "deals.csv", firm=FIRM, mapping=MAPPING, policy=default_policy())
    finally:
        store.close()


def _quietly(folder: Path) -> list[tuple[int, int, str, int, int]]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return [(os.POSIX_SPAWN_OPEN, number, str(folder / f"said-{number}.txt"), flags, 0o600) for number in (1, 2)]
