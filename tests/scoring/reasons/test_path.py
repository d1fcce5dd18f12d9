"""The way up: the cheapest changes for the floor, a better letter, the capacity line."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals, Value
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.reasons import WORTH_SAYING
from mlscore.scoring.reasons.changes import EFFORT, SETS, TOGETHER_AT_MOST, possible_changes
from mlscore.scoring.reasons.path import STEPS_SHOWN, Ways, further_ways, ways_up
from mlscore.scoring.reasons.what_if import Said, try_all
from mlscore.scoring.receipt import Change, Grade, Step
from mlscore.scoring.verdict import judge
from tests.builders import NOON, TODAY, a_fire_deal, a_good_deal, a_policy, roubles, rules_on
from tests.models import SameProfit, a_model, a_planted_model
from tests.scoring.reasons.looking import ALL_ROLES, PERFECT, SMALL, probability, steps
from tests.strategies import deals

VERDICTS_UP = ["reject", "refuse", "nurture", "review", "ask", "accept_exception", "accept"]
GRADES_UP = [Grade.NONE, Grade.CCC, Grade.BBB, Grade.AAA]
POLICIES = [default_policy(), a_policy(grading={"mode": "count", "budget_min": 1_000}, economics={"min_amount": 5_000})]


def changes_of(step: Step) -> dict[str, Value]:
    return {step.fact: step.to} | {change.fact: change.to for change in step.also}


def changed(deal: Deal, facts: dict[str, Value], policy: Policy) -> Deal:
    """Return the deal once these changes are made."""
    made = dict(facts)
    if "delivery_needed_by" in made:
        made["delivery_needed_by"] = TODAY + timedelta(days=int(made["delivery_needed_by"]))
    if "budget_allocated" in made:
        least = max(policy.grading.budget_min or 0, policy.economics.floor_profit)
        made["budget_amount"] = max(deal.amount or 0, deal.budget_amount or 0, least)
    return replace(deal, **made)


def walked(deal: Deal, step: Step, policy: Policy) -> Deal:
    """Return the deal once a step is taken."""
    return changed(deal, changes_of(step), policy)


def expected_profit(deal: Deal, model: FittedModel) -> float:
    built = Deals([deal])
    return float(model.answers(built, judged=judge(built, model.policy)).expected_profit[0])


def with_a_line(model: FittedModel, *, at_chance: float) -> FittedModel:
    """Return the model with a capacity line where a deal of this probability stands."""
    worth = float(roubles(10_000))
    return replace(model, profit=SameProfit(if_good=worth), capacity_line=at_chance * worth)


@pytest.mark.parametrize("policy", POLICIES)
@given(deal=deals())
@settings(max_examples=40)
def test_every_step_leads_where_it_says(policy: Policy, deal: Deal):
    model = with_a_line(a_model(policy), at_chance=0.6)
    today = replace(deal, as_of=NOON, profit_if_won=deal.profit_if_won or 1_000)
    for step in steps(today, policy, model):
        after = walked(today, step, policy)
        answer = rules_on(after, policy)
        assert (answer.verdict, answer.grade) == (step.verdict, step.grade)
        assert step.probability == pytest.approx(probability(after, model, policy))


@pytest.mark.parametrize("policy", POLICIES)
@given(deal=deals())
@settings(max_examples=60)
def test_every_step_reaches_its_goal_and_lowers_neither_verdict_nor_letter(policy: Policy, deal: Deal):
    model = with_a_line(a_model(policy), at_chance=0.6)
    today = replace(deal, as_of=NOON)
    before = rules_on(today, policy)
    for step in steps(today, policy, model):
        assert VERDICTS_UP.index(step.verdict) >= VERDICTS_UP.index(before.verdict)
        assert GRADES_UP.index(step.grade) >= GRADES_UP.index(before.grade)
        match step.goal:
            case "floor":
                assert (before.verdict != "accept", step.verdict) == (True, "accept")
            case "grade":
                assert GRADES_UP.index(step.grade) > GRADES_UP.index(before.grade)
            case "capacity":
                after = expected_profit(walked(today, step, policy), model)
                assert expected_profit(today, model) < model.capacity_line <= after
            case "probability":
                assert (step.also, step.verdict, step.grade) == ((), before.verdict, before.grade)
                assert step.probability > probability(today, model, policy) + WORTH_SAYING
            case None:
                pytest.fail("a step says what it is for")


@pytest.mark.parametrize("policy", POLICIES)
@given(deal=deals(), seed=st.integers(0, 9))
@settings(max_examples=60)
def test_only_what_a_seller_can_bring_about_is_suggested(policy: Policy, deal: Deal, seed: int):
    model = with_a_line(a_planted_model(policy, **drawn_weights(policy, seed)), at_chance=0.7)
    for step in steps(deal, policy, model):
        changed = changes_of(step)
        assert len(changed) == 1 + len(step.also) <= TOGETHER_AT_MOST
        assert set(changed) <= {
            *("need_defined", "need_coverage", "role_economic", "role_technical", "role_user"),
            *("delivery_needed_by", "budget_allocated", "budget_amount", "amount", "profit_if_won"),
        }


def drawn_weights(policy: Policy, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    return {one.name: float(rng.normal(0, 0.5)) for one in a_model(policy).features if one.levels is None}


def test_sets_stand_cheapest_first_and_none_is_missing():
    facts = list(EFFORT)
    assert len(SETS) == len(set(SETS)) == sum(len(list(combinations(facts, size))) for size in (1, 2, 3))
    efforts = [(len(places), sum(EFFORT[facts[place]] for place in places)) for places in SETS]
    assert efforts == sorted(efforts)


def test_a_deal_below_the_floor_is_shown_the_floor_first():
    first = steps(a_good_deal(profit_if_won=SMALL))[0]
    assert (first.fact, first.to, first.verdict, first.goal) == ("profit_if_won", roubles(5_000), "accept", "floor")


def test_every_better_letter_is_shown_with_the_least_it_takes():
    said = steps(a_good_deal(need_defined=None, asap=None))
    assert [(s.fact, s.also, s.grade, s.goal) for s in said] == [
        ("need_defined", (), "BBB", "grade"),
        ("need_defined", (Change(fact="delivery_needed_by", to=30),), "AAA", "grade"),
    ]
    [only] = steps(a_good_deal(asap=None))
    assert (only.fact, only.grade, only.also) == ("delivery_needed_by", "AAA", ())


def test_from_ccc_to_aaa_takes_budget_and_date_together():
    said = {step.grade: changes_of(step) for step in steps(a_good_deal(budget_allocated=False, asap=None))}
    assert said == {
        "BBB": {"budget_allocated": True},
        "AAA": {"delivery_needed_by": 30, "budget_allocated": True},
    }


def test_from_nothing_to_aaa_takes_all_three_signs():
    said = {s.grade: list(changes_of(s)) for s in steps(a_fire_deal(profit_if_won=roubles(9_000)))}
    assert said == {
        "CCC": ["need_defined"],
        "BBB": ["need_defined", "budget_allocated"],
        "AAA": ["need_defined", "delivery_needed_by", "budget_allocated"],
    }


def test_where_signs_are_counted_the_easier_sign_is_the_way():
    counted = a_policy(grading={"mode": "count"})
    said = {s.grade: list(changes_of(s)) for s in steps(a_good_deal(budget_allocated=False, asap=None), counted)}
    assert said == {"BBB": ["delivery_needed_by"], "AAA": ["delivery_needed_by", "budget_allocated"]}


def test_the_least_change_to_the_floor_is_shown_where_amount_and_profit_both_fall_short():
    policy = a_policy(economics={"min_amount": 50_000})
    [floor] = [s for s in steps(a_good_deal(profit_if_won=SMALL), policy) if s.goal == "floor"]
    assert changes_of(floor) == {"amount": roubles(50_001), "profit_if_won": roubles(5_000)}
    [floor] = [s for s in steps(a_good_deal(), policy) if s.goal == "floor"]
    assert changes_of(floor) == {"amount": roubles(50_001)}
    by_cost = a_good_deal(profit_if_won=None, cost=roubles(30_000))
    [floor] = [s for s in steps(by_cost, policy) if s.goal == "floor"]
    assert changes_of(floor) == {"amount": roubles(50_001)}


def test_an_estimated_profit_grows_with_the_amount():
    trap = {"profit_if_won": None, "product_category": "steam_trap", "amount": roubles(10_000)}
    [floor] = [s for s in steps(a_good_deal(**trap)) if s.goal == "floor"]
    [category] = [c for c in default_policy().categories if c.code == "steam_trap"]
    assert list(changes_of(floor)) == ["amount"]
    assert (int(floor.to) - 100) * category.margin_rate < roubles(5_000) <= int(floor.to) * category.margin_rate


def test_an_unknown_profit_is_asked_for_not_raised():
    assert {step.goal for step in steps(a_fire_deal(need_defined=True))} == {"grade"}


def test_the_cheapest_way_to_the_capacity_line_is_shown():
    deal = replace(PERFECT, **dict.fromkeys(ALL_ROLES, False))
    roles = a_planted_model(role_user=1.0, role_technical=1.0, role_economic=1.0, intercept=-3.0)
    said = {
        at: [list(changes_of(s)) for s in steps(deal, model=with_a_line(roles, at_chance=at)) if s.goal == "capacity"]
        for at in (0.04, 0.1, 0.2, 0.4, 0.9)
    }
    assert said == {
        0.04: [],  # it is there already
        0.1: [["role_user"]],
        0.2: [["role_user", "role_technical"]],
        0.4: [["role_user", "role_technical", "role_economic"]],
        0.9: [],  # no three changes lead so far
    }


def test_a_way_found_for_a_letter_does_not_hide_a_cheaper_one_to_the_capacity_line():
    deal = replace(PERFECT, asap=None, budget_allocated=False, role_user=False)
    model = a_planted_model(budget_allocated=2.0, urgency_plus=1.0, role_user=1.0, intercept=-2.0)
    said = [(s.goal, list(changes_of(s))) for s in steps(deal, model=with_a_line(model, at_chance=0.7))]
    assert ("grade", ["delivery_needed_by", "budget_allocated"]) in said
    assert ("capacity", ["role_user", "budget_allocated"]) in said


def test_sets_for_the_capacity_line_are_made_of_changes_that_help_by_themselves():
    built = Deals([replace(PERFECT, **dict.fromkeys(ALL_ROLES, False), need_coverage=0.5)])
    model = with_a_line(a_planted_model(role_user=1.0, role_technical=1.0, role_economic=-1.0), at_chance=0.99)
    judged = judge(built, model.policy)
    now, changes = Said(judged, model.answers(built, judged=judged)), possible_changes(judged)
    [tried] = try_all(now, ways_up(changes, np.array([True])))
    further = further_ways(now, changes, Ways.of(tried))
    facts = list(EFFORT)
    assert [[facts[at] for at in SETS[row]] for row in further.open_to[0].nonzero()[0]] == [
        ["role_user", "role_technical"]
    ]


LETTER = {"need_defined", "budget_allocated", "budget_amount", "delivery_needed_by"}
FLOOR = {"amount", "profit_if_won"}


def cheapest_by_trying_all(deal: Deal, model: FittedModel) -> list[str] | None:
    """Return the facts of the cheapest set that reaches the line, each set tried by itself; None where none does."""
    policy, now, before = model.policy, expected_profit(deal, model), rules_on(deal)
    changes = possible_changes(judge(Deals([deal]), policy))
    gain: dict[tuple[int, ...], float] = {}
    for places in SETS:
        facts = {changes[place].fact: changes[place].made(0) for place in places if changes[place].is_open[0]}
        helps = all(gain.get((place,), 0.0) > 0.0 for place in places)
        if len(facts) < len(places) or not (len(places) == 1 or helps or set(facts) <= LETTER or set(facts) <= FLOOR):
            continue
        after = changed(deal, facts, policy)
        gain[places] = expected_profit(after, model) - now
        lowers = VERDICTS_UP.index(rules_on(after).verdict) < VERDICTS_UP.index(before.verdict)
        lowers |= probability(after, model, policy) < probability(deal, model, policy) - WORTH_SAYING
        if now + gain[places] >= model.capacity_line and not lowers:
            return list(facts)
    return None


@given(deal=deals(), seed=st.integers(0, 5), at=st.sampled_from([0.3, 0.5, 0.8]))
@settings(max_examples=60)
def test_no_cheaper_set_reaches_the_capacity_line(deal: Deal, seed: int, at: float):
    model = with_a_line(a_planted_model(**drawn_weights(default_policy(), seed)), at_chance=at)
    today = replace(deal, as_of=NOON, currency="RUB")
    assume(expected_profit(today, model) < model.capacity_line)
    assume(rules_on(today).route not in {"company", "reject"})
    path = steps(today, model=model)
    assume(len(path) < STEPS_SHOWN)
    cheapest = cheapest_by_trying_all(today, model)
    shown = [list(changes_of(step)) for step in path if step.goal == "capacity"]
    # A set that also reaches the floor or a letter is shown once, under that goal.
    assert shown == [cheapest] or (shown == [] and (cheapest is None or cheapest in map(list, map(changes_of, path))))


def test_without_a_line_nothing_is_said_of_capacity():
    said = steps(replace(PERFECT, role_user=False), model=a_planted_model(role_user=1.0))
    assert {step.goal for step in said} == {"probability"}


def test_where_the_model_abstains_no_way_leads_to_capacity():
    model = with_a_line(a_planted_model(role_user=1.0), at_chance=0.7)
    deal = replace(PERFECT, role_user=False)
    assert "capacity" in {step.goal for step in steps(deal, model=model)}
    silent = replace(model, why_unapproved="abstain.gates_failed")
    assert "capacity" not in {step.goal for step in steps(deal, model=silent)}


def test_one_step_that_reaches_two_goals_is_shown_once():
    model = with_a_line(a_planted_model(urgency_plus=2.0), at_chance=0.7)
    [only] = steps(replace(PERFECT, asap=None), model=model)
    assert (only.fact, only.goal) == ("delivery_needed_by", "grade")


def test_a_step_never_makes_a_stated_budget_smaller():
    rich = a_good_deal(budget_allocated=False, budget_amount=roubles(900_000))
    model = a_planted_model(budget_amount=1.0)
    [step] = [s for s in steps(rich, model=model) if s.fact == "budget_allocated"]
    assert step.probability == pytest.approx(probability(rich, model))


def test_of_an_allocated_budget_the_amount_is_what_is_missing():
    said = [(s.fact, s.to, s.grade) for s in steps(a_good_deal(budget_allocated=True, budget_amount=None))]
    assert ("budget_amount", roubles(40_000), "AAA") in said
    assert "budget_allocated" not in {fact for fact, _, _ in said}


@given(deal=deals())
@settings(max_examples=60)
def test_no_step_suggests_what_is_so_already(deal: Deal):
    today = replace(deal, as_of=NOON)
    for step in steps(today, model=with_a_line(a_model(), at_chance=0.6)):
        for fact, to in changes_of(step).items():
            assert fact == "delivery_needed_by" or getattr(today, fact) != to


def test_a_step_that_lowers_the_probability_is_shown_for_no_capacity():
    deal, worth = replace(PERFECT, role_user=False), float(roubles(10_000))
    model = replace(
        a_planted_model(role_user=-1.0), profit=SameProfit(if_good=0.0, if_bad=worth), capacity_line=0.6 * worth
    )
    assert expected_profit(deal, model) < model.capacity_line < expected_profit(replace(deal, role_user=True), model)
    assert steps(deal, model=model) == ()


def test_a_better_letter_at_a_lower_probability_is_shown_unless_less_is_expected_too():
    deal = replace(PERFECT, asap=None)
    risen = replace(a_planted_model(urgency_plus=-1.0), profit=SameProfit(if_good=0.0, if_bad=1e6))
    fallen = replace(risen, profit=SameProfit(if_good=1e6))
    assert [(s.fact, s.goal) for s in steps(deal, model=risen)] == [("delivery_needed_by", "grade")]
    assert steps(deal, model=fallen) == ()


def test_a_perfect_deal_has_no_way_up():
    assert steps(PERFECT, model=a_model()) == ()
    assert steps(PERFECT) == ()


def test_a_step_that_is_noise_is_not_shown():
    almost = replace(PERFECT, role_user=False)
    assert steps(almost, model=a_planted_model(role_user=0.001)) == ()
    assert [s.fact for s in steps(almost, model=a_planted_model(role_user=1.0))] == ["role_user"]


def test_what_lifts_the_probability_alone_is_shown_most_first():
    deal = replace(PERFECT, **dict.fromkeys(ALL_ROLES, False))
    model = a_planted_model(role_user=0.2, role_technical=0.8, role_economic=0.5)
    assert [s.fact for s in steps(deal, model=model)] == ["role_technical", "role_economic", "role_user"]
