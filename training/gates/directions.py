"""Sweeps over what a seller can better, on real deals, to see whether the model ever punishes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Deals, Value
from mlscore.scoring.features import DIRECTIONS
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.verdict import judge
from training.dataset import Table

SWEPT_ROWS = 60
TOLERATED = 0.02
"""A fall in log-odds that nobody would notice: half a point of probability."""

_CUSTOM_STEPS = (0.05, 0.35, 0.65, 0.95)

Changes = Sequence[Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One fact bettered on many deals: the share of deals whose probability fell."""

    fact: str
    share: float


def steps_that_hurt(model: FittedModel, table: Table, *, seed: int) -> Iterator[Sweep]:
    """Better each actionable fact that the history knows, step by step, with all it belongs to known."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(table), size=min(SWEPT_ROWS, len(table)), replace=False))
    for fact, steps in (_sweeps(table.deals) | _custom_sweeps(table.deals, model.policy)).items():
        hurt = [_hurts(model, table.deals, row, steps) for row in rows.tolist()]
        if hurt:
            yield Sweep(fact, float(np.mean(hurt)))


def _sweeps(deals: Deals) -> dict[str, Changes]:
    """Return the steps, worst first, between known answers: to learn a fact is not to better it."""
    roles = ("role_economic", "role_technical", "role_user")
    amount = _middle(deals, "budget_amount") or _middle(deals, "amount") or 0.0
    found: dict[str, Changes] = {}
    if _is_known(deals, "need_defined"):
        found["need_defined"] = [{"in_nomenclature": True, "need_defined": answer} for answer in (False, True)]
    if _is_known(deals, "need_coverage"):
        found["need_coverage"] = [{"need_coverage": share} for share in (0.25, 0.5, 0.75, 1.0)]
    if _is_known(deals, "budget_allocated") and amount:
        found["budget_allocated"] = [{"budget_allocated": a, "budget_amount": amount} for a in (False, True)]
    if _is_known(deals, "budget_amount"):
        found["budget_amount"] = [
            {"budget_allocated": True, "budget_amount": amount * times} for times in (0.5, 1, 2, 4)
        ]
    if all(_is_known(deals, role) for role in roles):
        found["roles"] = [{role: place < reached for place, role in enumerate(roles)} for reached in range(4)]
    return found


def _custom_sweeps(deals: Deals, policy: Policy) -> dict[str, Changes]:
    """Return the steps of custom facts of which the policy says that more, or less, is better."""
    found: dict[str, Changes] = {}
    for fact in policy.custom_facts:
        towards = DIRECTIONS[fact.direction]
        if not towards or not _is_known(deals, fact.name):
            continue
        known = deals.numbers(fact.name)[~np.isnan(deals.numbers(fact.name))]
        steps = (0.0, 1.0) if fact.kind == "yes_no" else np.unique(np.quantile(known, _CUSTOM_STEPS)).tolist()
        if len(steps) > 1:
            found[fact.name] = [{fact.name: step} for step in (steps if towards > 0 else reversed(steps))]
    return found


def _hurts(model: FittedModel, deals: Deals, row: int, steps: Changes) -> bool:
    varied = deals.varied(row, steps)
    log_odds = model.answers(varied, judged=judge(varied, model.policy)).log_odds
    return bool((np.diff(log_odds) < -TOLERATED).any())


def _is_known(deals: Deals, name: str) -> bool:
    return bool((~np.isnan(deals.numbers(name))).any())


def _middle(deals: Deals, name: str) -> float | None:
    known = deals.numbers(name)[~np.isnan(deals.numbers(name))]
    return float(np.median(known)) if len(known) else None
