"""The article's cases over HTTP, under the shipped policy unless a case says otherwise."""

import pytest

from mlscore.scoring.policy import default_document
from tests.api.calling import AAA, FIRE

REGULAR = {**AAA, "profit_if_won": 3_000, "won_deals_24m": 4, "median_profit_24m": 12_000}
TRIAL = {
    **AAA,
    "profit_if_won": 3_000,
    "is_existing_customer": False,
    "trial_order": True,
    "prospects_profit": 20_000,
}
BIG = {"annual_turnover_rub": 2_000_000_000, "industry": "dairy", "in_nomenclature": True}

CASES = {
    "T1": ({**BIG, "steam_tph": 3.0}, {"fire": False, "route": "review"}),
    "T2": (
        {**BIG, "steam_tph": 3.01, "annual_turnover_rub": 1_000_000_000},
        {"fire": False, "route": "review", "verdict": "review"},
    ),
    "T3": (FIRE, {"fire": True, "route": "deal"}),
    "T4": ({**FIRE, "in_nomenclature": False}, {"fire": False, "route": "company", "verdict": "nurture"}),
    "T5": (
        {"steam_tph": 1, "annual_turnover_rub": 100_000_000, "in_nomenclature": False},
        {"route": "reject", "verdict": "reject"},
    ),
    "T6": (
        {"steam_tph": 1, "annual_turnover_rub": 100_000_000, "in_nomenclature": True},
        {"route": "review", "verdict": "review"},
    ),
    "T7": ({"annual_turnover_rub": 400_000_000, "in_nomenclature": True}, {"fire": False, "route": "review"}),
    "T8": (BIG, {"fire": None, "route": "undetermined", "missing": ["steam_tph"], "verdict": "ask"}),
    "T9": (AAA, {"grade": "AAA", "grade_by_ladder": "AAA", "grade_by_count": "AAA"}),
    "T10": (
        {**AAA, "budget_allocated": False},
        {"grade_by_ladder": "CCC", "grade_by_count": "BBB", "+flag": "urgent_without_budget"},
    ),
    "T11": ({**AAA, "need_defined": False}, {"grade_by_ladder": "none", "grade_by_count": "BBB"}),
    "T12": ({**AAA, "budget_amount": None}, {"grade_by_ladder": "CCC", "grade_ceiling": "AAA"}),
    "T13 at the floor": ({**AAA, "profit_if_won": 5_000}, {"verdict": "accept"}),
    "T13 below": ({**AAA, "profit_if_won": 4_999.99}, {"verdict": "refuse"}),
    "T15": (
        {**REGULAR, "small_exceptions_6m": 0},
        {"verdict": "accept_exception", "exception": "regular_small"},
    ),
    "T16 with the count given": ({**REGULAR, "small_exceptions_6m": 1}, {"verdict": "refuse", "exception": None}),
    "T17": (TRIAL, {"verdict": "accept_exception", "exception": "trial"}),
    "T18": ({**TRIAL, "steam_tph": 1}, {"verdict": "review", "exception": None}),
    "T19": (
        {**AAA, "profit_if_won": 3_000, "won_deals_24m": 0, "is_existing_customer": True},
        {"grade": "AAA", "verdict": "refuse", "exception": None},
    ),
    "T21": ({**AAA, "amount": 20_000.01, "cost": 15_000.01}, {"verdict": "accept", "profit": 5_000}),
}


def answers_of(score):
    rule, economics = score["rule"], score["rule"]["economics"]
    exception = economics["exception"] and economics["exception"]["kind"]
    return {**rule, "exception": exception, "profit": economics["profit_if_won"]}


@pytest.mark.parametrize("case", CASES)
def test_the_articles_case_is_answered_as_listed(crm, case):
    facts, expected = CASES[case]
    score = crm.score(**facts)
    said = answers_of(score)
    flags = {"+flag": expected["+flag"]} if "+flag" in expected and expected["+flag"] in said["flags"] else {}
    assert {**{name: said[name] for name in expected if name != "+flag"}, **flags} == expected
    assert score["decision"]["action"] == said["verdict"]


def test_t14_an_amount_equal_to_the_managers_limit_is_refused(crm):
    crm.apply_policy(default_document().replace("# min_amount = 50_000", "min_amount = 50_000"))
    actions = [crm.score(**AAA, profit_if_won=12_000, amount=a)["decision"]["action"] for a in (50_000, 50_000.01)]
    assert actions == ["refuse", "accept"]


def test_t16_a_second_small_deal_of_the_company_is_refused_and_the_first_stays_excused(crm):
    first = {**REGULAR, "deal_id": "D-15", "company_id": "C-1", "small_exceptions_6m": 0}
    second = {**REGULAR, "deal_id": "D-16", "company_id": "C-1"}
    assert crm.score(**first)["decision"]["action"] == "accept_exception"
    assert crm.score(**second)["decision"]["action"] == "refuse"
    assert crm.score(**first)["decision"]["action"] == "accept_exception"
