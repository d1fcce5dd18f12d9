"""Findings with planted answers: nothing is trained, so a test knows every figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from mlscore.ports import ScoredOutcome
from mlscore.scoring.deal import Floats
from mlscore.scoring.model.calibration import logit
from mlscore.scoring.policy import Policy
from tests.models import a_planted_model
from tests.training.histories import a_table
from training.contest import Contest, Round, Setting
from training.dataset import Table
from training.evaluate import figures_of
from training.gates import Gate
from training.publish.findings import Findings
from training.split import plan

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
CANDIDATES = ("prior_rate", "rule_rates", "logistic")
GATES = (
    Gate(code="enough_history", passed=True, sentence="The history needs 40 positive and 40 negative deals; it has."),
    Gate(code="calibrated", passed=True, sentence="Its probabilities must mean what they say: slope 1.00."),
)


def a_chance(table: Table, *, seed: int = 1) -> Floats:
    """Return chances that know much of what became of each deal, and not all."""
    rng = np.random.default_rng(seed)
    return np.clip(np.where(table.y, 0.75, 0.25) + rng.normal(0, 0.2, len(table)), 0.02, 0.98)


def a_round(table: Table, chance: Floats | None = None, **answers: Any) -> Round:
    """Return answers of the service for every row, and candidates that say half as much; money in minor units."""
    log_odds = logit(a_chance(table) if chance is None else chance)
    weaker = {name: log_odds * share for name, share in zip(CANDIDATES, (0.0, 0.3, 0.6), strict=True)}
    usual: dict[str, Any] = {
        "raw": weaker,
        "log_odds": weaker,
        "service": log_odds,
        "low": 1 / (1 + np.exp(-log_odds + 0.5)),
        "high": 1 / (1 + np.exp(-log_odds - 0.5)),
        "expected_profit": np.nan_to_num(table.profit) * 0.5 + 100_000.0,
        "abstained": np.zeros(len(table), dtype=np.bool_),
    }
    return Round(**usual | answers)


def some_findings(
    history: Sequence[ScoredOutcome] | None = None,
    policy: Policy | None = None,
    *,
    table: Table | None = None,
    answered: Round | None = None,
    **changes: Any,
) -> Findings:
    """Return what a training found out on a history, with a planted model that goes by the budget alone."""
    table = a_table(history, policy) if table is None else table
    folds = plan(table)
    first = a_round(table) if answered is None else answered
    model = a_planted_model(table.policy, budget_allocated=2.0)
    setting = Setting(seed=1, threads=1)
    contest = Contest((first,), model, {"logistic": 0.6, "random_trees": 0.4}, setting)
    usual: dict[str, Any] = {
        "firm": "main",
        "at": AT,
        "table": table,
        "plan": folds,
        "rows": folds.judged,
        "contest": contest,
        "figures": figures_of(table, folds.judged, contest.rounds) if len(folds.judged) else (),
        "gates": GATES,
        "leaks": (),
        "model": model,
        "seed": 1,
        "settings": {"threads": "1", "refit": "once", **setting.written()},
        "terms": {},
    }
    return Findings(**usual | changes)
