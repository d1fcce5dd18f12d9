"""The histories a bench is held on: a file with its mapping and policy, or a simulated firm with its true chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mlscore.ports import ClosedDeal
from mlscore.scoring.deal import Floats
from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import Policy, default_policy
from mlscore.store import open_store
from training.dataset import Rows, Table, build_table
from training.playground import MAPPING, take_in
from training.simulate import simulate

FIRM = "main"


@dataclass(frozen=True, slots=True)
class BenchHistory:
    """Closed deals and their training table; of a simulated history also each row's true chance."""

    closed: Sequence[ClosedDeal]
    table: Table
    chance: Floats | None = None

    def of_these(self, rows: Rows) -> Table:
        """Return the table as it would be had nobody ever heard of the other deals, track records included.

        `rows` are in rising order; the rows of the new table are in the same.
        """
        return build_table([self.closed[row] for row in rows.tolist()], self.table.policy)


def take_history(file: Path, *, mapping: Path, policy: Policy, label_lag_days: float = 0.0) -> BenchHistory:
    """Read a file through the same import a firm would use, in a store of its own.

    With a lag no outcome is known before so many days after its deal's `as_of`. Raises TrainingError where there is no
    file, no closed deal in it or nothing a lag could count from, MappingError.
    """
    if not file.is_file():
        raise TrainingError(f"There is no {file}: name a file, with its --mapping.")
    with TemporaryDirectory(prefix="mlscore-bench-") as scratch:
        store = open_store(f"sqlite:///{scratch}/mlscore.db")
        try:
            store.migrate()
            take_in(store, file, firm=FIRM, mapping=mapping, policy=policy)
            closed = store.closed.in_brief(FIRM, snapshot=policy.training.snapshot)
        finally:
            store.close()
    closed = _late(closed, label_lag_days)
    table = build_table(closed, policy)
    if not len(table):
        raise TrainingError(f"{file} holds no closed deal to learn from.")
    if label_lag_days and not table.is_dated:
        raise TrainingError(f"{file} is not dated, so no label can be late: leave out --label-lag.")
    place = {one.receipt_id: one for one in closed}
    return BenchHistory([place[receipt_id] for receipt_id in table.receipt_ids], table)


def simulated_history(*, deals: int, seed: int) -> BenchHistory:
    """Simulate a firm like the article's, and keep the true chances beside."""
    drawn = simulate(deals=deals, seed=seed)
    with TemporaryDirectory(prefix="mlscore-bench-") as scratch:
        export = Path(scratch) / "deals.csv"
        drawn.write_csv(export)
        history = take_history(export, mapping=MAPPING, policy=default_policy())
    truth: pd.DataFrame = drawn.truth.set_index("deal_id").loc[list(history.table.deal_ids)]
    return replace(history, chance=truth["p_true"].to_numpy(dtype=np.float64))


def _late(closed: Sequence[ClosedDeal], days: float) -> Sequence[ClosedDeal]:
    if not days:
        return closed
    found = []
    for one in closed:
        as_of, known_at, first = one.deal.as_of, one.outcome.known_at, one.first_known_at
        if as_of is None or known_at is None:
            found.append(one)
            continue
        least = as_of + timedelta(days=days)
        late = replace(one.outcome, known_at=max(known_at, least))
        found.append(replace(one, outcome=late, first_known_at=None if first is None else max(first, least)))
    return found
