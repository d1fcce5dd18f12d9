"""The histories a bench is held on: a file with its mapping and policy, or a simulated firm with its true chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mlscore.crm.csv_file import read_history
from mlscore.ports import ScoredOutcome
from mlscore.scoring.deal import Floats
from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import Policy, default_policy
from mlscore.service.importing import import_history
from mlscore.store import open_store
from training.dataset import Table, build_table
from training.simulate import simulate
from training.workshop import now

FIRM = "main"
DEMO_MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "demo" / "mapping.toml"


@dataclass(frozen=True, slots=True)
class BenchHistory:
    """A training table; of a simulated history also each deal's true chance and expected profit (minor units)."""

    table: Table
    chance: Floats | None = None
    worth: Floats | None = None


def take_history(file: Path, *, mapping: Path, policy: Policy, label_lag_days: float = 0.0) -> BenchHistory:
    """Read a file through the same import a firm would use, in a store of its own.

    With a lag no outcome is known before so many days after its deal's `as_of`. Raises TrainingError where there is no
    file or no closed deal in it, MappingError.
    """
    if not file.is_file():
        raise TrainingError(f"There is no {file}.")
    with TemporaryDirectory(prefix="mlscore-bench-") as scratch:
        store = open_store(f"sqlite:///{scratch}/mlscore.db")
        try:
            store.migrate()
            history = read_history(file, mapping=mapping, policy=policy, now=now())
            import_history(
                firm=FIRM, history=history, policy=policy, receipts=store.receipts, outcomes=store.outcomes, clock=now
            )
            closed = store.closed.closed_deals(FIRM, snapshot=policy.training.snapshot)
        finally:
            store.close()
    table = build_table(_late(closed, label_lag_days), policy)
    if not len(table):
        raise TrainingError(f"{file} holds no closed deal to learn from.")
    return BenchHistory(table)


def simulated_history(*, deals: int, seed: int) -> BenchHistory:
    """Simulate a firm like the article's, and keep the true chances beside."""
    drawn = simulate(deals=deals, seed=seed)
    with TemporaryDirectory(prefix="mlscore-bench-") as scratch:
        export = Path(scratch) / "deals.csv"
        drawn.write_csv(export)
        history = take_history(export, mapping=DEMO_MAPPING, policy=default_policy())
    truth: pd.DataFrame = drawn.truth.set_index("deal_id").loc[list(history.table.deal_ids)]
    return replace(
        history,
        chance=truth["p_true"].to_numpy(dtype=np.float64),
        worth=truth["expected_profit_true"].to_numpy(dtype=np.float64) * 100.0,
    )


def _late(closed: Sequence[ScoredOutcome], days: float) -> Sequence[ScoredOutcome]:
    if not days:
        return closed
    found = []
    for one in closed:
        as_of, known_at = one.receipt.as_of, one.outcome.known_at
        if as_of is not None and known_at is not None:
            known = max(known_at, as_of + timedelta(days=days))
            first = None if one.first_known_at is None else max(one.first_known_at, as_of + timedelta(days=days))
            one = replace(one, outcome=replace(one.outcome, known_at=known), first_known_at=first)  # noqa: PLW2901
        found.append(one)
    return found
