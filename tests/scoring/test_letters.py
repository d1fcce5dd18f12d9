"""Stage 2: the plus signs, the letters they make, and the days that make a deal urgent."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from mlscore.scoring.receipt import RuleAnswer
from tests.builders import NOON, TODAY, a_deal, a_policy, roubles, rules_on

NEED = {True: {"need_defined": True}, False: {"need_defined": False}, None: {}}
BUDGET = {
    True: {"budget_allocated": True, "budget_amount": 1},
    False: {"budget_allocated": False},
    None: {"budget_allocated": True},
}
URGENCY = {True: {"asap": True}, False: {"delivery_needed_by": date(2026, 12, 1)}, None: {}}
PRINTED = {
    # need, budget, urgency: the ladder, the count, the flag
    "+++": ("AAA", "AAA", None),
    "++-": ("BBB", "BBB", "no_urgency"),
    "+-+": ("CCC", "BBB", "urgent_without_budget"),
    "+--": ("CCC", "CCC", None),
    "-++": ("none", "BBB", "need_not_defined"),
    "-+-": ("none", "CCC", "need_not_defined"),
    "--+": ("none", "CCC", None),
    "---": ("none", "none", None),
}
EVERY_SIGN = list(product((True, False, None), repeat=3))
LETTER_FLAGS = {"no_urgency", "urgent_without_budget", "need_not_defined"}


def graded(need: bool | None, budget: bool | None, urgency: bool | None, *, mode: str = "ladder") -> RuleAnswer:
    facts = NEED[need] | BUDGET[budget] | URGENCY[urgency] | {"in_nomenclature": True}
    return rules_on(a_deal(**facts), a_policy(grading={"mode": mode}))


def key(*signs: bool | None, hoped: bool = False) -> str:
    return "".join("+" if sign or (sign is None and hoped) else "-" for sign in signs)


def urgency(policy_days: int = 30, **facts: object) -> tuple[bool | None, bool]:
    rule = rules_on(a_deal(**facts), a_policy(grading={"urgent_days": policy_days}))
    return rule.signs.urgency, "delivery_overdue" in rule.flags


@pytest.mark.parametrize("signs", EVERY_SIGN)
def test_the_signs_are_read_from_their_facts(signs):
    rule = graded(*signs)
    assert (rule.signs.need, rule.signs.budget, rule.signs.urgency) == signs


@pytest.mark.parametrize("signs", EVERY_SIGN)
def test_an_unknown_is_not_a_plus(signs):
    rule = graded(*signs)
    ladder, count, _ = PRINTED[key(*signs)]
    assert (rule.grade_by_ladder, rule.grade_by_count) == (ladder, count)


@pytest.mark.parametrize("signs", EVERY_SIGN)
@pytest.mark.parametrize(("mode", "column"), [("ladder", 0), ("count", 1)])
def test_the_official_letter_and_its_ceiling_follow_the_policy(signs, mode, column):
    rule = graded(*signs, mode=mode)
    assert rule.grade == PRINTED[key(*signs)][column]
    assert rule.grade_ceiling == PRINTED[key(*signs, hoped=True)][column]


@pytest.mark.parametrize("signs", EVERY_SIGN)
def test_a_flag_is_raised_only_on_a_known_no(signs):
    need, budget, urgent = signs
    expected = set()
    if need is True and budget is True and urgent is False:
        expected = {"no_urgency"}
    elif need is True and budget is False and urgent is True:
        expected = {"urgent_without_budget"}
    elif need is False and budget is True:
        expected = {"need_not_defined"}
    assert set(graded(*signs).flags) & LETTER_FLAGS == expected
    if None not in signs:
        assert expected == ({PRINTED[key(*signs)][2]} - {None})


@pytest.mark.parametrize(
    ("defined", "supplied", "need"),
    [
        (True, True, True),
        (True, False, False),
        (True, None, None),
        (False, True, False),
        (False, False, False),
        (False, None, False),
        (None, True, None),
        (None, False, False),
        (None, None, None),
    ],
)
def test_a_need_is_a_plus_when_it_is_defined_and_ours(defined, supplied, need):
    assert rules_on(a_deal(need_defined=defined, in_nomenclature=supplied)).signs.need is need


@pytest.mark.parametrize(
    ("allocated", "amount", "least", "budget"),
    [
        (True, 1, None, True),
        (True, 0, None, False),
        (True, None, None, None),
        (False, roubles(100), None, False),
        (False, None, None, False),
        (None, roubles(100), None, None),
        (None, 0, None, False),
        (None, None, None, None),
        (True, roubles(100), 100, True),
        (True, roubles("99.99"), 100, False),
        (True, 0, 0, True),
    ],
)
def test_a_budget_is_a_plus_when_it_is_allocated_and_enough(allocated, amount, least, budget):
    policy = a_policy(grading={} if least is None else {"budget_min": least})
    assert rules_on(a_deal(budget_allocated=allocated, budget_amount=amount), policy).signs.budget is budget


def test_a_budget_in_another_currency_is_unknown():
    rule = rules_on(a_deal(budget_allocated=True, budget_amount=roubles(100), currency="USD"))
    assert rule.signs.budget is None


@pytest.mark.parametrize(
    ("days_left", "urgent", "overdue"),
    [(-1, True, True), (0, True, False), (29, True, False), (30, True, False), (31, False, False)],
)
def test_delivery_within_the_urgent_days_is_urgent(days_left, urgent, overdue):
    assert urgency(delivery_needed_by=TODAY + timedelta(days=days_left)) == (urgent, overdue)


def test_the_policy_says_how_many_days_are_urgent():
    assert urgency(0, delivery_needed_by=TODAY) == (True, False)
    assert urgency(0, delivery_needed_by=TODAY + timedelta(days=1)) == (False, False)


@pytest.mark.parametrize(
    ("asap", "days_left", "urgent"),
    [
        (True, None, True),
        (True, 300, True),
        (False, None, None),
        (False, 10, True),
        (False, 300, False),
        (None, 300, False),
        (None, None, None),
    ],
)
def test_asap_is_urgent_and_otherwise_the_date_decides(asap, days_left, urgent):
    day = None if days_left is None else TODAY + timedelta(days=days_left)
    assert urgency(asap=asap, delivery_needed_by=day)[0] is urgent


def test_without_a_moment_of_scoring_no_date_is_near_or_far():
    assert urgency(as_of=None, delivery_needed_by=TODAY) == (None, False)


@pytest.mark.parametrize(
    ("zone", "at", "first_day_too_late"),
    [
        ("Europe/Moscow", datetime(2026, 3, 1, 20, 59, tzinfo=UTC), date(2026, 4, 1)),
        ("Europe/Moscow", datetime(2026, 3, 1, 21, 0, tzinfo=UTC), date(2026, 4, 2)),
        ("Europe/Moscow", datetime(2026, 3, 1, 23, 30, tzinfo=UTC), date(2026, 4, 2)),
        ("UTC", datetime(2026, 3, 1, 23, 30, tzinfo=UTC), date(2026, 4, 1)),
        ("Asia/Kathmandu", datetime(2026, 3, 1, 18, 14, tzinfo=UTC), date(2026, 4, 1)),
        ("Asia/Kathmandu", datetime(2026, 3, 1, 18, 15, tzinfo=UTC), date(2026, 4, 2)),
        ("America/New_York", datetime(2026, 3, 2, 4, 59, tzinfo=UTC), date(2026, 4, 1)),
        ("America/New_York", datetime(2026, 7, 2, 3, 59, tzinfo=UTC), date(2026, 8, 1)),
        ("America/New_York", datetime(2026, 7, 2, 4, 0, tzinfo=UTC), date(2026, 8, 2)),
    ],
)
def test_days_are_counted_where_the_firm_is(zone, at, first_day_too_late):
    policy = a_policy(timezone=zone)
    late = a_deal(as_of=at, delivery_needed_by=first_day_too_late)
    in_time = a_deal(as_of=at, delivery_needed_by=first_day_too_late - timedelta(days=1))
    assert [rules_on(deal, policy).signs.urgency for deal in (late, in_time)] == [False, True]


def test_urgency_flips_with_the_passing_of_days_alone():
    deal = {"delivery_needed_by": TODAY + timedelta(days=31)}
    said = [rules_on(a_deal(**deal, as_of=NOON + timedelta(days=n))).signs.urgency for n in (0, 1, 31, 32)]
    assert said == [False, True, True, True]
