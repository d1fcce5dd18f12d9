"""The lines that `mlscore score` writes: of receipts, and of whole columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from typing import Any

from mlscore.scoring import tri
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.explanation import missing_facts
from mlscore.scoring.receipt import Receipt
from mlscore.scoring.rules import GRADES, ROUTES
from mlscore.scoring.verdict import VERDICTS
from mlscore.service.files import Scored


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One line of the answer; money in whole units of the policy's currency."""

    deal_id: str
    verdict: str
    grade: str
    route: str
    fire: bool | None
    profit_if_won: float | None
    missing: str
    probability: float | None
    expected_profit: float | None
    within_capacity: bool | None
    abstained_because: str | None
    action: str
    decided_by: str


def row_of(receipt: Receipt) -> ScoredRow:
    """Return the line of a receipt."""
    rule, model, decision = receipt.answer.rule, receipt.answer.model, receipt.answer.decision
    profit = rule.economics.profit_if_won
    expected = None if model is None else model.expected_profit
    return ScoredRow(
        deal_id=receipt.deal.deal_id,
        verdict=rule.verdict,
        grade=rule.grade,
        route=rule.route,
        fire=rule.fire,
        profit_if_won=None if profit is None else profit / MINOR_UNITS,
        missing=" ".join(rule.missing),
        probability=None if model is None else round(model.probability, 4),
        expected_profit=None if expected is None else round(expected / MINOR_UNITS, 2),
        within_capacity=None if model is None else model.within_capacity,
        abstained_because=None if model is None else model.abstained_because,
        action=decision.action,
        decided_by=decision.decided_by,
    )


def scored_rows(scored: Scored) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of whole columns, in the order of the fields of ScoredRow."""
    rules, size = scored.rules, len(scored.rules)
    lead, grades = rules.lead, rules.bant.official
    yield from zip(
        scored.deals.texts("deal_id"),
        (str(VERDICTS[code]) for code in rules.verdict.tolist()),
        (str(GRADES[code]) for code in grades.tolist()),
        (str(ROUTES[code]) for code in lead.route.tolist()),
        (tri.to_python(said) for said in lead.fire.tolist()),
        (None if isnan(profit) else int(profit) / MINOR_UNITS for profit in rules.economy.profit.tolist()),
        (" ".join(missing_facts(rules, row)) for row in range(size)),
        *_of_model(scored),
        (str(VERDICTS[code]) for code in scored.actions.tolist()),
        scored.decided_by.tolist(),
        strict=True,
    )


def _of_model(scored: Scored) -> Iterator[Iterator[Any]]:
    """Yield probability, expected profit, whether it is within capacity, and why the model abstains."""
    model, size = scored.model, len(scored.rules)
    if model is None:
        yield from (iter([None] * size) for _ in range(4))
        return
    yield (round(probability, 4) for probability in model.probability.tolist())
    yield (None if isnan(profit) else round(profit / MINOR_UNITS, 2) for profit in model.expected_profit.tolist())
    yield (tri.to_python(said) for said in model.within_capacity.tolist())
    yield (model.abstains_because(row) for row in range(size))
