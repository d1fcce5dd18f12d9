"""Columns are scored as the same deals one by one: not a digit differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from mlscore.cli.files.lines import columns_of
from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import FACTS, MINOR_UNITS, Deal, Deals, Kind
from mlscore.scoring.policy import default_document
from mlscore.scoring.receipt import Receipt
from mlscore.service.files import score_columns
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from tests.builders import a_policy, roubles
from tests.fakes import FakeClock, FixedChampions, FixedTrackRecords, InMemoryPolicies, InMemoryReceipts, Outage
from tests.models import a_model, a_planted_model
from tests.strategies import batches

REGULAR = HistoryFacts(won_deals_24m=4, median_profit_24m=roubles(12_000), small_exceptions_6m=0, trial_exceptions=0)
DECIDE = {who: default_document().replace('decide_by = "rule"', f'decide_by = "{who}"') for who in ("model", "both")}
MODELS = {
    "none": FixedChampions(why_none="no bundle"),
    "drawn": FixedChampions(a_model()),
    "not yet trusted": FixedChampions(a_model(why_unapproved="abstain.gates_not_passed")),
    "planted": FixedChampions(a_planted_model(a_policy(), intercept=1.0, profit_if_won=0.5)),
}


def a_service(champions: FixedChampions, *, decide_by: str, outage: Outage | None = None) -> ScoringService:
    clock, policies = FakeClock(), InMemoryPolicies()
    return ScoringService(
        receipts=InMemoryReceipts(facts={"site": REGULAR, "main": REGULAR}, outage=outage or Outage()),
        track_records=FixedTrackRecords(),
        policies=CurrentPolicies(policies, default=DECIDE.get(decide_by, default_document()), clock=clock),
        champions=champions,
        clock=clock,
    )


def as_columns(deals: Sequence[Deal]) -> Deals:
    rows = Deals(deals)
    facts = {n: rows.texts(n) if f.kind is Kind.TEXT else rows.numbers(n) for n, f in FACTS.items()}
    return Deals.of_columns({"deal_id": rows.texts("deal_id"), **facts}, size=len(deals))


def told(receipt: Receipt) -> dict[str, Any]:
    rule, model, decision = receipt.answer.rule, receipt.answer.model, receipt.answer.decision
    profit = rule.economics.profit_if_won
    expected = None if model is None else model.expected_profit
    return {
        "deal_id": receipt.deal.deal_id,
        "verdict": str(rule.verdict),
        "grade": str(rule.grade),
        "route": str(rule.route),
        "fire": rule.fire,
        "profit_if_won": None if profit is None else profit / MINOR_UNITS,
        "missing": " ".join(rule.missing),
        "probability": None if model is None else round(model.probability, 4),
        "expected_profit": None if expected is None else round(expected / MINOR_UNITS, 2),
        "within_capacity": None if model is None else model.within_capacity,
        "abstained_because": None if model is None else model.abstained_because,
        "action": str(decision.action),
        "decided_by": decision.decided_by,
    }


@pytest.mark.parametrize("decide_by", ["rule", "model", "both"])
@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=6, deadline=None)
@given(deals=batches(at_most=8))
def test_columns_say_what_the_receipts_of_the_same_deals_say(model: str, decide_by: str, deals: list[Deal]) -> None:
    service = a_service(MODELS[model], decide_by=decide_by)
    dated = [deal for deal in deals if deal.as_of is None or deal.as_of <= service.clock()]
    columns = columns_of(score_columns(service, "main", as_columns(dated))) if dated else {}
    receipts = service.score("main", dated, include=(), dry_run=True)
    in_columns = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    assert in_columns == [told(receipt) for receipt in receipts]


@settings(max_examples=20, deadline=None)
@given(deals=batches(at_most=4))
def test_while_the_store_is_away_columns_are_scored_without_history(deals: list[Deal]) -> None:
    away = a_service(MODELS["drawn"], decide_by="rule", outage=Outage(is_on=True))
    apart = ScoringService(
        receipts=InMemoryReceipts(),
        track_records=away.track_records,
        policies=away.policies,
        champions=away.champions,
        clock=away.clock,
    )
    columns = as_columns(deals)
    assert columns_of(score_columns(away, "main", columns)) == columns_of(score_columns(apart, "main", columns))
