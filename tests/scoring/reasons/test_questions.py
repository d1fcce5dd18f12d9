"""The questions of a policy, and how they were usually answered."""

import numpy as np
import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.policy import default_policy
from mlscore.scoring.reasons.questions import questions_of, usual_answers
from mlscore.scoring.verdict import judge
from tests.builders import TODAY, a_deal, a_fire_deal, a_policy, roubles
from tests.scoring.policy.documents import a_criterion
from tests.strategies import batches

RICH = a_policy(
    economics={"min_amount": 5_000},
    grading={"budget_min": 1_000},
    custom_facts=[{"name": "insulated", "kind": "yes_no"}],
    criteria=[
        a_criterion(code="large", field="employees", op=">=", value=100),
        a_criterion(code="not_huge", field="employees", op="<", value=1_000),
        a_criterion(code="trade", field="industry", op="in", value=["meat"]),
        a_criterion(code="near", field="region", op="in", value=["77"]),
    ],
)


def usual(deals: list[Deal], name: str, policy=RICH) -> float:
    return usual_answers(judge(Deals(deals), policy))[name]


def test_every_question_of_a_policy_has_a_usual_answer_under_its_own_name():
    names = [question.name for question in questions_of(RICH)]
    assert len(set(names)) == len(names)
    assert set(usual_answers(judge(Deals([]), RICH))) == set(names)
    assert {"need_defined", "amount", "criterion.large", "criterion.not_huge", "insulated"} < set(names)


def test_a_question_nobody_has_answered_is_answered_either_way():
    assert set(usual_answers(judge(Deals([a_deal()]), RICH)).values()) == {0.5}


def test_the_share_of_yes_among_those_who_answered_is_drawn_to_a_half():
    deals = [a_deal(need_defined=said) for said in (True, True, True, False, None, None)]
    assert usual(deals, "need_defined") == (3 + 1) / (4 + 2)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("asap", {"asap": True}, {"asap": False}),
        ("in_nomenclature", {"product_category": "steam_trap"}, {"in_nomenclature": False}),
        ("budget_allocated", {"budget_allocated": True}, {"budget_allocated": False}),
        ("budget_amount", {"budget_amount": roubles(1_000)}, {"budget_amount": roubles(999)}),
        ("amount", {"amount": roubles(5_001)}, {"amount": roubles(5_000)}),
        ("profit_if_won", {"profit_if_won": roubles(5_000)}, {"profit_if_won": roubles(4_999)}),
        ("prospects_profit", {"prospects_profit": roubles(15_000)}, {"prospects_profit": roubles(14_999)}),
        ("delivery_needed_by", {"delivery_needed_by": TODAY}, {"delivery_needed_by": TODAY.replace(year=2027)}),
        ("criterion.large", {"employees": 100.0}, {"employees": 99.0}),
        ("criterion.not_huge", {"employees": 999.0}, {"employees": 1_000.0}),
        ("criterion.trade", {"industry": "meat"}, {"industry": "dairy"}),
        ("criterion.near", {"region": "77"}, {"region": "78"}),
        ("insulated", {"extra": {"insulated": True}}, {"extra": {"insulated": False}}),
    ],
)
def test_a_figure_says_yes_on_the_good_side_of_its_threshold(name, yes, no):
    assert usual([a_deal(**yes)], name) == 2 / 3
    assert usual([a_deal(**no)], name) == 1 / 3


def test_money_in_another_currency_answers_nothing():
    foreign = a_fire_deal(currency="USD", profit_if_won=roubles(9_000), budget_amount=roubles(9_000))
    assert usual([foreign], "profit_if_won") == usual([foreign], "budget_amount") == 0.5


@pytest.mark.parametrize("policy", [default_policy(), RICH])
@given(deals=batches())
@settings(max_examples=30)
def test_either_answer_answers_the_question(policy, deals):
    judged = judge(Deals(deals), policy)
    for question in questions_of(policy):
        rows = question.is_open(judged).nonzero()[0]
        for answer, expected in ((question.if_yes, 1.0), (question.if_no, 0.0)):
            writes = [
                (fact, rows, values if isinstance(values, float | str) else values[rows])
                for fact, values in answer(judged).items()
            ]
            then = judge(judged.facts.deals.rewritten(np.arange(len(deals)), writes), policy)
            assert question.said(then)[rows].tolist() == [expected] * len(rows), question.name
