"""What holds of the rules for any deal: knowing more, asking for more, earning more."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.economics import REGULAR_SMALL_FACTS, TRIAL_FACTS
from mlscore.scoring.explanation import explain
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Route, Verdict
from mlscore.scoring.rules import ROUTES, unknown_facts_of
from mlscore.scoring.verdict import Verdicts, judge
from tests import columns as col
from tests.builders import NOON, a_policy
from tests.scoring.policy.documents import a_criterion
from tests.strategies import a_fact_learned, a_value_of, batches, deals

POLICIES = {
    "the article's": default_policy(),
    "with a limit": a_policy(
        economics={"min_amount": 5_000}, grading={"budget_min": 1_000}, nontarget_client_request="deal"
    ),
}
TRIS = ("client", "request", "fire", "need", "budget", "urgency", "passes", "above_min_amount")
EXCEPTIONS = ("exception regular", "exception trial")
HEIGHT = [Verdict.REFUSE, Verdict.ASK, Verdict.ACCEPT_EXCEPTION, Verdict.ACCEPT]


def judged_one(deal: Deal, policy: str = "the article's") -> Verdicts:
    return judge(Deals([deal]), POLICIES[policy])


def three_valued(judged: Verdicts) -> dict[str, float]:
    columns = col.rule_columns(judged)
    # Exceptions are judged in the second funnel: before it nobody has answered them yet.
    judged_too = EXCEPTIONS if judged.lead.route[0] == ROUTES.index(Route.DEAL) else ()
    names = [n for n in columns if n in TRIS or n in judged_too or n.startswith(("criterion", "checklist"))]
    return {name: float(columns[name][0]) for name in names}


@pytest.mark.parametrize("policy", POLICIES)
@given(learned=a_fact_learned())
@settings(max_examples=60)
def test_learning_a_fact_never_makes_a_known_answer_unknown(policy: str, learned: tuple[Deal, str, Any]):
    before, name, value = learned
    was = three_valued(judged_one(before, policy))
    now = three_valued(judged_one(replace(before, **{name: value}), policy))
    assert [n for n in was if not np.isnan(was[n]) and np.isnan(now.get(n, 0.0))] == []


@given(learned=a_fact_learned())
@settings(max_examples=60)
def test_learning_a_fact_never_makes_a_settled_deal_one_to_ask_about(learned: tuple[Deal, str, Any]):
    before, name, value = learned
    if explain(judged_one(before), 0).verdict is not Verdict.ASK:
        assert explain(judged_one(replace(before, **{name: value})), 0).verdict is not Verdict.ASK


@given(deal=deals(), policy=st.sampled_from(sorted(POLICIES)))
@settings(max_examples=60)
def test_what_is_missing_is_unknown_and_asked_for(deal: Deal, policy: str):
    answer = explain(judged_one(deal, policy), 0)
    assert len(set(answer.missing)) == len(answer.missing)
    for name in answer.missing:
        unread = name in {"industry", "annual_turnover_rub", "in_nomenclature", "currency"}
        assert unread or getattr(deal, name) is None
    if answer.verdict is Verdict.ASK:
        assert answer.missing
    known_names = {"profit_if_won", "amount", "currency", "in_nomenclature", *REGULAR_SMALL_FACTS, *TRIAL_FACTS}
    assert set(answer.missing) <= known_names | {unknown_facts_of(c) for c in POLICIES[policy].criteria}


@given(deal=deals(), data=st.data())
@settings(max_examples=50)
def test_once_all_that_is_missing_is_told_there_is_nothing_left_to_ask(deal: Deal, data: st.DataObject):
    known = replace(deal, as_of=NOON, currency="RUB")
    for _ in range(4):  # the route, then the money, then what may excuse it
        missing = explain(judged_one(known), 0).missing
        told = {name: "meat" if name == "industry" else data.draw(a_value_of(name)) for name in missing}
        known = replace(known, **told)
    answer = explain(judged_one(known), 0)
    assert (answer.missing, answer.verdict is Verdict.ASK) == ((), False)


@pytest.mark.parametrize(("op", "mild", "strict"), [(">", 10, 200), (">=", 10, 200), ("<", 200, 10), ("<=", 200, 10)])
@given(batch=batches(at_most=8))
@settings(max_examples=20)
def test_a_stricter_criterion_never_makes_more_deals_fire(op: str, mild: float, strict: float, batch: list[Deal]):
    built = Deals(batch)
    fires = []
    for value in (mild, strict):
        policy = a_policy(criteria=[a_criterion(field="employees", op=op, value=value)])
        fires.append(judge(built, policy).lead.fire == 1.0)
    assert not np.any(fires[1] & ~fires[0])


@given(deal=deals(), more=st.integers(0, 10**9), policy=st.sampled_from(sorted(POLICIES)))
@settings(max_examples=60)
def test_a_larger_profit_never_lowers_the_verdict_or_the_rank(deal: Deal, more: int, policy: str):
    if deal.profit_if_won is None:
        return
    before, after = judged_one(deal, policy), judged_one(replace(deal, profit_if_won=deal.profit_if_won + more), policy)
    was, now = explain(before, 0), explain(after, 0)
    assert was.route is now.route
    if was.verdict in HEIGHT:
        assert HEIGHT.index(now.verdict) >= HEIGHT.index(was.verdict)
    else:
        assert now.verdict is was.verdict
    assert after.rank[0] >= before.rank[0]


@given(deal=deals(), policy=st.sampled_from(sorted(POLICIES)))
@settings(max_examples=60)
def test_the_ceiling_is_never_below_the_letter_nor_the_count_below_the_ladder(deal: Deal, policy: str):
    bant = judged_one(deal, policy).bant
    assert bant.ceiling[0] >= bant.official[0]
    assert bant.by_count[0] >= bant.by_ladder[0]


@given(deal=deals(), policy=st.sampled_from(sorted(POLICIES)))
@settings(max_examples=60)
def test_an_exception_is_given_only_below_the_floor_to_a_fire_deal(deal: Deal, policy: str):
    answer = explain(judged_one(deal, policy), 0)
    if answer.economics.exception is not None:
        assert (answer.fire, answer.route, answer.economics.passes) == (True, "deal", False)
    if answer.verdict is Verdict.ACCEPT_EXCEPTION:
        assert answer.economics.exception is not None
