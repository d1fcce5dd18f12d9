"""The shipped policy is the article's firm, and a fingerprint names a policy by its content."""

import tomllib
from dataclasses import fields
from datetime import date

import pytest

from mlscore.scoring.policy import default_document, default_policy, fingerprint, read_policy, read_policy_text
from tests.scoring.policy.documents import a_criterion, a_document


def test_the_shipped_policy_is_the_article_s_firm():
    policy = default_policy()
    economics = policy.economics
    assert (economics.floor_profit, economics.deals_worked, economics.cost_per_worked_deal) == (500_000, 200, 250_000)
    assert [(c.field, c.op.value, c.value) for c in policy.criteria] == [
        ("steam_tph", ">", 3.0),
        ("turnover_rub", ">", 1e9),
        ("industry", "in", "target_industries"),
    ]
    assert policy.exceptions.regular_small is not None
    assert policy.exceptions.trial is not None
    assert policy.deciding.decide_by == "rule"


def test_the_shipped_policy_is_read_once():
    assert default_policy() is default_policy()


def test_what_the_firm_supplies_has_a_margin_and_the_rest_has_none():
    assert all((c.margin_rate is not None) == c.supplied for c in default_policy().categories)


@pytest.mark.parametrize("table", ["economics", "grading", "deciding", "training", "prior", "crm"])
def test_the_shipped_document_shows_every_term(table):
    text = default_document()
    shown = set(tomllib.loads(text)[table])
    commented = {line[2:].split(" =")[0] for line in text.splitlines() if line.startswith("# ") and " = " in line}
    assert {term.name for term in fields(getattr(default_policy(), table))} <= shown | commented


def test_the_fingerprint_does_not_see_comments_and_the_order_of_keys():
    lines = [line for line in default_document().splitlines() if not line.startswith("#")]
    head = [line for line in lines[: lines.index("[economics]")] if line]
    reordered = "\n".join([*reversed(head), *lines[lines.index("[economics]") :]])
    assert reordered != default_document()
    assert fingerprint(read_policy_text(reordered)) == fingerprint(default_policy())


@pytest.mark.parametrize(
    "change",
    [
        {"name": "another"},
        {"currency": "KZT"},
        {"timezone": "Asia/Omsk"},
        {"industries_reviewed_on": date(2026, 1, 1)},
        {"nontarget_client_request": "reject"},
        {"economics": {"overhead_month": "500000.01"}},
        {"economics": {"floor": 5_000}},
        {"economics": {"min_amount": 0}},
        {"economics": {"worked_capacity": 200}},
        {"grading": {"budget_min": 1}},
        {"exceptions": {"trial": {"prospects_factor": 4}}},
        {"deciding": {"decide_by": "both"}},
        {"training": {"label": "won"}},
        {"prior": {"worth_deals": 11}},
        {"crm": {"automatic_moves": True}},
        {"criteria": [a_criterion()]},
        {"industries": [{"code": "dairy", "target": True}]},
        {"categories": []},
        {"custom_facts": [{"name": "boiler", "kind": "yes_no"}]},
        {"questions": [{"fact": "steam_tph", "text_ru": "Пар?", "text_en": "Steam?"}]},
    ],
)
def test_the_fingerprint_changes_with_any_term(change):
    assert fingerprint(read_policy(a_document(**change))) != fingerprint(default_policy())


def test_a_policy_from_before_crms_were_kept_in_step_keeps_its_name():
    before = read_policy({"name": "small", "economics": {"overhead_month": 100, "closed_capacity": 10}})
    assert fingerprint(before) == "1a0505439500"


def test_a_floor_that_does_not_divide_is_rounded_up_to_the_next_kopeck():
    policy = read_policy(a_document(economics={"overhead_month": 1, "closed_capacity": 3}))
    assert policy.economics.floor_profit == 34


def test_a_pinned_floor_beats_the_division_even_at_zero():
    assert read_policy(a_document(economics={"floor": 0})).economics.floor_profit == 0


def test_deals_worked_are_never_fewer_than_deals_closed():
    economics = read_policy(a_document(economics={"win_rate": 1})).economics
    assert economics.deals_worked == economics.closed_capacity
