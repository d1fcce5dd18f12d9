"""The verdict, the self-check, the rule cell and the order the rules give a list."""

from itertools import pairwise, product

import numpy as np
import pytest

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.scoring.rules import CHECKLIST
from mlscore.scoring.verdict import CELLS, judge
from tests.builders import TODAY, a_deal, a_fire_deal, a_good_deal, a_policy, roubles, rules_on

SMALL = roubles(3_000)
REGULAR = {"won_deals_24m": 5, "median_profit_24m": roubles(90_000), "small_exceptions_6m": 0}
LIMIT = {"min_amount": 50_000}

ASKED = a_fire_deal()
NURTURED = a_good_deal(in_nomenclature=False)
REVIEWED = a_good_deal(steam_tph=1.0)
REJECTED = a_good_deal(steam_tph=1.0, in_nomenclature=False)
REFUSED = a_good_deal(profit_if_won=SMALL)
EXCUSED = a_good_deal(profit_if_won=SMALL, **REGULAR)
BEST_FIRST = [
    a_good_deal(profit_if_won=roubles(5_000)),
    a_good_deal(asap=False, delivery_needed_by=TODAY.replace(year=2027)),
    a_good_deal(budget_allocated=False),
    a_good_deal(need_defined=False),
    EXCUSED,
    ASKED,
    REVIEWED,
    NURTURED,
    REFUSED,
    REJECTED,
]


def answer_to(code: str, deal: Deal, **policy: object) -> bool | None:
    item = next(i for i in rules_on(deal, a_policy(**policy)).checklist if i.code == code)
    assert item.item == CHECKLIST.index(code) + 1
    return item.answer


def rank_of(*deals: Deal) -> list[float]:
    return judge(Deals(deals), default_policy()).rank.tolist()


@pytest.mark.parametrize(
    ("deal", "verdict"),
    [
        (ASKED, "ask"),
        (NURTURED, "nurture"),
        (REVIEWED, "review"),
        (REJECTED, "reject"),
        (REFUSED, "refuse"),
        (EXCUSED, "accept_exception"),
        (a_good_deal(), "accept"),
        (a_deal(), "ask"),
    ],
)
def test_each_verdict_has_its_deal(deal, verdict):
    rule = rules_on(deal)
    assert rule.verdict == verdict
    assert rule.policy_version == fingerprint(default_policy())


@pytest.mark.parametrize(
    ("amount", "profit", "verdict", "missing"),
    [
        (None, None, "ask", ("profit_if_won", "amount")),
        (None, roubles(12_000), "ask", ("amount",)),
        (None, SMALL, "ask", ("amount",)),
        (roubles(50_000), None, "ask", ("profit_if_won",)),
        (roubles(50_000), roubles(12_000), "refuse", ()),
        (roubles(60_000), None, "ask", ("profit_if_won",)),
        (roubles(60_000), roubles(12_000), "accept", ()),
    ],
)
def test_with_a_limit_on_the_amount_both_amount_and_profit_must_be_known(amount, profit, verdict, missing):
    rule = rules_on(a_fire_deal(amount=amount, profit_if_won=profit), a_policy(economics=LIMIT))
    assert (rule.verdict, rule.missing) == (verdict, missing)


def test_grade_and_economics_are_kept_beside_any_verdict():
    rule = rules_on(REJECTED)
    assert (rule.verdict, rule.grade, rule.economics.passes) == ("reject", "none", True)
    assert (rules_on(REFUSED).grade, rules_on(REFUSED).economics.passes) == ("AAA", False)


def test_the_assumed_capacity_is_flagged_until_it_is_stated():
    assert "worked_capacity_assumed" in rules_on(a_good_deal()).flags
    assert rules_on(a_good_deal(), a_policy(economics={"worked_capacity": 250})).flags == ()


def test_the_seven_points_come_in_the_article_s_order():
    assert [item.item for item in rules_on(a_deal()).checklist] == [1, 2, 3, 4, 5, 6, 7]
    assert [item.answer for item in rules_on(a_deal()).checklist] == [None] * 7


def test_a_deal_of_which_everything_is_right_ticks_all_seven():
    roles = dict.fromkeys(("role_economic", "role_technical", "role_user"), True)
    assert all(item.answer for item in rules_on(a_good_deal(**roles, need_coverage=1.0)).checklist)


@pytest.mark.parametrize(
    ("policy", "facts", "answer"),
    [
        ({}, {"profit_if_won": roubles(5_000)}, True),
        ({}, {"profit_if_won": roubles("4999.99")}, False),
        ({}, {"amount": roubles(90_000)}, None),
        ({"economics": LIMIT}, {"amount": roubles("50000.01")}, True),
        ({"economics": LIMIT}, {"amount": roubles(50_000), "profit_if_won": roubles(12_000)}, False),
        ({"economics": LIMIT}, {"profit_if_won": roubles(12_000)}, None),
    ],
)
def test_point_1_is_the_manager_s_limit_or_else_the_floor(policy, facts, answer):
    assert answer_to("above_limit", a_deal(**facts), **policy) is answer


@pytest.mark.parametrize("roles", list(product((True, False, None), repeat=3)))
def test_point_4_asks_for_all_three_buying_roles(roles):
    facts = dict(zip(("role_economic", "role_technical", "role_user"), roles, strict=True))
    expected = False if False in roles else None if None in roles else True
    assert answer_to("all_roles", a_deal(**facts)) is expected


@pytest.mark.parametrize(("coverage", "answer"), [(1.0, True), (0.99, False), (0.0, False), (None, None)])
def test_point_5_asks_for_the_whole_need(coverage, answer):
    assert answer_to("whole_need", a_deal(need_coverage=coverage)) is answer


@pytest.mark.parametrize("allocated", [True, False, None])
def test_point_6_asks_for_the_allocated_budget_alone(allocated):
    assert answer_to("budget_allocated", a_deal(budget_allocated=allocated, budget_amount=0)) is allocated


@pytest.mark.parametrize(
    ("asap", "day", "answer"),
    [(None, TODAY, True), (False, TODAY, True), (True, None, True), (False, None, False), (None, None, None)],
)
def test_point_7_asks_for_a_date_and_as_soon_as_possible_counts(asap, day, answer):
    assert answer_to("delivery_date", a_deal(asap=asap, delivery_needed_by=day)) is answer


def test_the_rules_rank_a_list_in_the_order_of_the_verdicts():
    ranks = rank_of(*BEST_FIRST)
    assert all(better > worse for better, worse in pairwise(ranks))


def test_no_profit_lifts_a_deal_out_of_its_verdict():
    rich, poor = 10**15, -(10**15)
    for better, worse in pairwise(BEST_FIRST[:4]):
        low = Deal(**_facts(better) | {"profit_if_won": roubles(5_000)})
        high = Deal(**_facts(worse) | {"profit_if_won": rich})
        assert rank_of(low)[0] > rank_of(high)[0]
    assert rank_of(a_good_deal(profit_if_won=poor, **REGULAR))[0] > rank_of(ASKED)[0]


def test_ties_are_broken_by_profit_to_the_kopeck():
    profits = [500_000, 500_001, 1_200_000, 10**9, 10**9 + 100]
    ranks = rank_of(*(a_good_deal(profit_if_won=profit) for profit in profits))
    assert ranks == sorted(set(ranks))


def test_each_rule_cell_is_route_by_grade_by_economics():
    facts = {
        "steam_tph": [5.0, 1.0, None],
        "in_nomenclature": [True, False],
        "need_defined": [True, False],
        "budget_allocated": [True, False],
        "asap": [True, False],
        "profit_if_won": [SMALL, roubles(9_000), None],
        "won_deals_24m": [0, 5],
    }
    usual = {"median_profit_24m": roubles(90_000), "small_exceptions_6m": 0}
    deals = [a_good_deal(**usual | dict(zip(facts, drawn, strict=True))) for drawn in product(*facts.values())]
    judged = judge(Deals(deals), default_policy())
    cells: dict[int, set[tuple[object, ...]]] = {}
    for row, cell in enumerate(judged.cell.tolist()):
        assert 0 <= cell < CELLS
        excused = judged.told.money[row].excused_as is not None
        cells.setdefault(cell, set()).add(
            (judged.lead.route[row], judged.bant.official[row], str(judged.economy.passes[row]), excused)
        )
    assert {len(meant) for meant in cells.values()} == {1}
    assert len({meant.pop() for meant in cells.values()}) == len(set(judged.cell.tolist()))


def test_an_exception_is_named_only_where_the_floor_needs_one():
    judged = judge(Deals([EXCUSED, a_good_deal(**REGULAR), REFUSED]), default_policy())
    assert [judged.told.money[row].excused_as is not None for row in range(3)] == [True, False, False]
    assert np.array_equal(judged.exception_regular, [1.0, 1.0, np.nan], equal_nan=True)


def _facts(deal: Deal) -> dict[str, object]:
    return {name: getattr(deal, name) for name in Deal.__dataclass_fields__}
