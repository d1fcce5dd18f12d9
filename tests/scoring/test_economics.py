"""What a deal brings against what it costs: the floor, the profit, and what excuses a small one."""

import numpy as np
import pytest

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import EconomicsAnswer
from mlscore.scoring.verdict import judge
from tests.builders import a_fire_deal, a_policy, roubles, rules_on

REGULAR = {
    "profit_if_won": roubles(3_000),
    "won_deals_24m": 3,
    "median_profit_24m": roubles(10_000),
    "small_exceptions_6m": 0,
}
TRIAL = {
    "profit_if_won": roubles(3_000),
    "is_existing_customer": False,
    "trial_order": True,
    "prospects_profit": roubles(15_000),
}


def economics(policy: Policy | None = None, **facts: object) -> EconomicsAnswer:
    return rules_on(a_fire_deal(**facts), policy).economics


def exception(policy: Policy | None = None, **facts: object) -> str | None:
    excused = economics(policy, **facts).exception
    return excused.kind if excused else None


def missing(**facts: object) -> tuple[str, ...]:
    return rules_on(a_fire_deal(**facts)).missing


def test_the_article_s_firm_needs_five_thousand_of_every_won_deal():
    said = economics()
    assert (said.floor, said.target, said.stretch) == (roubles(5_000), roubles(6_000), roubles(10_000))
    assert said.cost_per_worked_deal == roubles(2_500)


def test_a_floor_that_does_not_divide_is_rounded_up_to_the_kopeck():
    policy = a_policy(economics={"closed_capacity": 7})
    assert economics(policy).floor == roubles("71428.58")
    assert economics(policy, profit_if_won=roubles("71428.58")).passes is True
    assert economics(policy, profit_if_won=roubles("71428.57")).passes is False


def test_a_pinned_floor_stands_in_place_of_the_division():
    policy = a_policy(economics={"floor": 7_777})
    assert economics(policy).floor == roubles(7_777)
    assert [economics(policy, profit_if_won=roubles(n)).passes for n in (7_777, "7776.99")] == [True, False]


def test_a_floor_of_nothing_switches_tiers_and_exceptions_off():
    policy = a_policy(economics={"floor": 0})
    said = economics(policy, **REGULAR | TRIAL | {"profit_if_won": -1})
    assert (said.floor, said.target, said.stretch, said.passes, said.exception) == (0, None, None, False, None)
    assert economics(policy, profit_if_won=0).passes is True
    assert np.isnan(judge(Deals([a_fire_deal(profit_if_won=5)]), policy).economy.floor_ratio).all()


@pytest.mark.parametrize(
    ("facts", "profit", "basis"),
    [
        ({"profit_if_won": 700, "amount": 1_000, "cost": 100}, 700, "given"),
        ({"profit_if_won": 0, "amount": 1_000, "cost": 100}, 0, "given"),
        ({"amount": roubles("20000.01"), "cost": roubles("15000.01")}, roubles(5_000), "amount_less_cost"),
        ({"amount": 100, "cost": 500}, -400, "amount_less_cost"),
        ({"amount": roubles(100), "product_category": "steam_trap"}, roubles(30), "estimated"),
        ({"amount": 10_005, "product_category": "steam_trap"}, 3_002, "estimated"),
        ({"amount": roubles(100), "cost": roubles(60), "product_category": "steam_trap"}, 4_000, "amount_less_cost"),
        ({"amount": roubles(100), "product_category": "pipes"}, None, "unknown"),
        ({"amount": roubles(100), "product_category": "чайники"}, None, "unknown"),
        ({"amount": roubles(100)}, None, "unknown"),
        ({"cost": roubles(100)}, None, "unknown"),
        ({}, None, "unknown"),
    ],
)
def test_the_profit_is_given_or_worked_out_or_unknown(facts, profit, basis):
    said = economics(**facts)
    assert (said.profit_if_won, said.basis) == (profit, basis)
    flags = rules_on(a_fire_deal(**facts)).flags
    assert ("profit_estimated" in flags) is (basis == "estimated")


@pytest.mark.parametrize("kopecks", [2**53 - 1, 10**15 + 1, 9_007_199_254_740_991])
def test_large_money_is_exact_to_the_kopeck(kopecks):
    assert economics(profit_if_won=kopecks).profit_if_won == kopecks
    assert economics(amount=kopecks, cost=1).profit_if_won == kopecks - 1


def test_money_in_another_currency_is_unknown_and_it_is_said():
    rule = rules_on(a_fire_deal(profit_if_won=roubles(12_000), amount=roubles(90_000), currency="USD"))
    assert (rule.economics.profit_if_won, rule.economics.passes, rule.verdict) == (None, None, "ask")
    assert rule.missing == ("currency",)
    assert "foreign_currency" in rule.flags


@pytest.mark.parametrize("currency", ["RUB", "rub", None])
def test_money_in_the_policy_s_currency_counts_however_it_is_written(currency):
    assert economics(profit_if_won=roubles(12_000), currency=currency).passes is True


def test_the_policy_may_count_in_another_currency():
    assert economics(a_policy(currency="USD"), profit_if_won=roubles(12_000), currency="USD").passes is True
    assert economics(a_policy(currency="USD"), profit_if_won=roubles(12_000), currency="RUB").passes is None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "regular_small"),
        ({"won_deals_24m": 2}, None),
        ({"won_deals_24m": 100}, "regular_small"),
        ({"median_profit_24m": roubles("9999.99")}, None),
        ({"small_exceptions_6m": 1}, None),
        ({"small_exceptions_6m": 2}, None),
        ({"profit_if_won": roubles("4999.99")}, "regular_small"),
        ({"profit_if_won": -1}, "regular_small"),
        ({"profit_if_won": roubles(5_000)}, None),
        ({"won_deals_24m": None}, None),
        ({"median_profit_24m": None}, None),
        ({"small_exceptions_6m": None}, None),
    ],
)
def test_a_regular_client_may_buy_little_once(change, kind):
    assert exception(**REGULAR | change) == kind


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "trial"),
        ({"prospects_profit": roubles("14999.99")}, None),
        ({"prospects_profit": None}, None),
        ({"trial_order": False}, None),
        ({"trial_order": None}, None),
        ({"trial_exceptions": 0}, "trial"),
        ({"trial_exceptions": 1}, None),
    ],
)
def test_a_first_trial_order_with_large_prospects_may_be_small(change, kind):
    assert exception(**TRIAL | change) == kind


@pytest.mark.parametrize(
    ("existing", "won", "is_first"),
    [
        (False, None, True),
        (False, 0, True),
        (False, 1, True),
        (True, None, False),
        (True, 0, False),
        (True, 1, False),
        (None, 0, True),
        (None, 1, False),
        (None, None, False),
    ],
)
def test_a_first_order_is_what_is_said_of_the_customer_or_else_no_deal_won(existing, won, is_first):
    said = exception(**TRIAL | {"is_existing_customer": existing, "won_deals_24m": won})
    assert said == ("trial" if is_first else None)


@pytest.mark.parametrize("kind", ["regular_small", "trial"])
def test_an_exception_is_for_target_clients_alone(kind):
    facts = (REGULAR if kind == "regular_small" else TRIAL) | {"steam_tph": 1.0}
    assert exception(a_policy(nontarget_client_request="deal"), **facts) is None
    assert rules_on(a_fire_deal(**facts), a_policy(nontarget_client_request="deal")).verdict == "refuse"


def test_an_exception_never_excuses_the_manager_s_limit():
    policy = a_policy(economics={"min_amount": 50_000})
    assert rules_on(a_fire_deal(**REGULAR, amount=roubles(50_000)), policy).verdict == "refuse"
    assert rules_on(a_fire_deal(**REGULAR, amount=roubles("50000.01")), policy).verdict == "accept_exception"


def test_an_exception_the_policy_leaves_out_is_switched_off():
    policy = a_policy(exceptions={"regular_small": None, "trial": None})
    assert exception(policy, **REGULAR) is None
    assert exception(policy, **TRIAL) is None
    assert rules_on(a_fire_deal(**REGULAR | {"won_deals_24m": None}), policy).missing == ()


def test_the_terms_of_an_exception_are_the_policy_s():
    policy = a_policy(exceptions={"regular_small": {"won_deals": 4}, "trial": {"prospects_factor": 3.5}})
    assert exception(policy, **REGULAR) is None
    assert exception(policy, **REGULAR | {"won_deals_24m": 4}) == "regular_small"
    assert exception(policy, **TRIAL) is None
    assert exception(policy, **TRIAL | {"prospects_profit": roubles(17_500)}) == "trial"


def test_the_facts_that_would_settle_an_exception_are_missing():
    small = {"profit_if_won": roubles(3_000)}
    assert missing(**small) == (
        "won_deals_24m",
        "median_profit_24m",
        "small_exceptions_6m",
        "is_existing_customer",
        "trial_order",
        "prospects_profit",
    )
    assert missing(**REGULAR | {"small_exceptions_6m": None, "trial_order": False}) == ("small_exceptions_6m",)
    assert missing(**TRIAL | {"prospects_profit": None, "won_deals_24m": 0}) == ("prospects_profit",)
    # No deal won so far settles that it is the first order: nobody needs to be asked whether we know the customer.
    first = TRIAL | {"is_existing_customer": None, "won_deals_24m": 0, "prospects_profit": None}
    assert missing(**first) == ("prospects_profit",)


def test_nothing_is_missing_once_a_small_deal_is_settled_either_way():
    assert missing(**REGULAR) == ()
    assert missing(profit_if_won=roubles(3_000), won_deals_24m=0, trial_order=False) == ()
    assert missing(profit_if_won=roubles(12_000)) == ()


def test_an_exception_that_cannot_be_told_is_given_as_a_reason():
    reasons = [r for r in rules_on(a_fire_deal(profit_if_won=1)).reasons if r.code == "rule.exception.unknown"]
    assert [r.params["kind"] for r in reasons] == ["regular_small", "trial"]
