"""A manager's document becomes a policy, or a list of everything that is wrong in it."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.errors import PolicyError
from mlscore.scoring.policy import Op, Policy, default_document, read_policy, read_policy_text
from tests.scoring.policy.documents import a_criterion, a_document, faults_of, keys_of, policy_or_faults


def test_six_faults_are_reported_at_once():
    document = a_document(
        currency="roubles",
        timezone="Europe/Moscau",
        economics={"closed_capacity": 0, "overhead_month": -1},
        grading={"mode": "steps"},
        criteria=[a_criterion(field="steam_tons")],
    )
    assert sorted(keys_of(document)) == [
        ("criteria[0].field", "policy.unknown_fact"),
        ("currency", "policy.bad_currency"),
        ("economics.closed_capacity", "policy.out_of_bounds"),
        ("economics.overhead_month", "policy.out_of_bounds"),
        ("grading.mode", "policy.not_one_of"),
        ("timezone", "policy.unknown_timezone"),
    ]


def test_zero_capacity_is_refused_with_the_reason():
    [fault] = faults_of(a_document(economics={"closed_capacity": 0}))
    assert fault.key == "economics.closed_capacity"
    assert fault.params == {"given": "0", "right": "> 0"}


def test_the_message_names_every_faulty_key():
    with pytest.raises(PolicyError, match=r"2 fault.*nontarget_client_request .*economics.win_rate"):
        read_policy(a_document(economics={"win_rate": 2}, nontarget_client_request="maybe"))


@pytest.mark.parametrize(
    ("key", "change", "code"),
    [
        ("overhed_month", {"overhed_month": 1}, "policy.unknown_key"),
        ("closed_capacity", {"closed_capacity": 100.5}, "policy.wrong_type"),
        ("closed_capacity", {"closed_capacity": True}, "policy.wrong_type"),
        ("closed_capacity", {"closed_capacity": 10**30}, "policy.out_of_bounds"),
        ("win_rate", {"win_rate": 0}, "policy.out_of_bounds"),
        ("win_rate", {"win_rate": Decimal("NaN")}, "policy.out_of_bounds"),
        ("win_rate", {"win_rate": float("inf")}, "policy.out_of_bounds"),
        ("floor", {"floor": Decimal("sNaN")}, "policy.out_of_bounds"),
        ("win_rate", {"win_rate": "0.5"}, "policy.wrong_type"),
        ("worked_capacity", {"worked_capacity": 99}, "policy.capacity"),
        ("stretch_factor", {"target_factor": 3}, "policy.out_of_bounds"),
        ("floor", {"floor": Decimal("0.001")}, "policy.money_decimals"),
        ("floor", {"floor": "5 thousand"}, "policy.wrong_type"),
        ("floor", {"floor": "1e3"}, "policy.wrong_type"),
        ("min_amount", {"min_amount": Decimal("1e17")}, "policy.out_of_bounds"),
    ],
)
def test_a_faulty_number_is_named(key, change, code):
    assert keys_of(a_document(economics=change)) == [(f"economics.{key}", code)]


@pytest.mark.parametrize("given", [4999.99, Decimal("4999.99"), "4999.99", "+4999.990"])
def test_money_is_exact(given):
    assert read_policy(a_document(economics={"floor": given})).economics.floor == 499_999


def test_a_nearly_right_key_is_suggested():
    [fault] = faults_of(a_document(economics={"overhed_month": 1}))
    assert fault.params == {"given": '"overhed_month"', "right": "overhead_month"}


def test_a_left_out_table_names_its_missing_keys():
    document = a_document()
    del document["economics"], document["name"]
    assert keys_of(document) == [
        ("name", "policy.missing"),
        ("economics.overhead_month", "policy.missing"),
        ("economics.closed_capacity", "policy.missing"),
    ]


def test_what_is_no_table_at_all_is_refused():
    assert keys_of([1]) == [("", "policy.wrong_type")]


def test_only_the_name_and_the_economics_are_needed():
    policy = read_policy({"name": "small", "economics": {"overhead_month": 10, "closed_capacity": 3}})
    assert policy.economics.floor_profit == 334
    assert policy.exceptions.regular_small is None
    assert policy.criteria == ()


def test_an_exception_left_out_is_off_and_an_empty_one_has_our_defaults():
    policy = read_policy(a_document() | {"exceptions": {"trial": {}}})
    assert policy.exceptions.regular_small is None
    assert policy.exceptions.trial is not None
    assert policy.exceptions.trial.prospects_factor == 3


@pytest.mark.parametrize("given", [date(2026, 2, 1), "2026-02-01"])
def test_a_date_is_read(given):
    assert read_policy(a_document(industries_reviewed_on=given)).industries_reviewed_on == date(2026, 2, 1)


@pytest.mark.parametrize("given", [datetime(2026, 2, 1), "2026-02-30", "today", 5])  # noqa: DTZ001 - TOML knows local moments
def test_what_is_no_date_is_refused(given):
    assert keys_of(a_document(industries_reviewed_on=given)) == [("industries_reviewed_on", "policy.wrong_type")]


@pytest.mark.parametrize(
    ("changes", "key", "code"),
    [
        ({"op": "is", "value": True}, "criteria[0].op", "policy.bad_comparison"),
        ({"op": "=="}, "criteria[0].op", "policy.not_one_of"),
        ({"value": "5"}, "criteria[0].value", "policy.bad_value"),
        ({"value": {}}, "criteria[0].value", "policy.wrong_type"),
        ({"field": "asap", "op": "is", "value": 1}, "criteria[0].value", "policy.bad_value"),
        ({"field": "region", "op": "in", "value": []}, "criteria[0].value", "policy.empty"),
        ({"field": "region", "op": "in", "value": ["a", " "]}, "criteria[0].value[1]", "policy.empty"),
        ({"field": "region", "op": "in", "value": "target_industries"}, "criteria[0].value", "policy.bad_value"),
        ({"field": "created_at"}, "criteria[0].field", "policy.no_comparison"),
        ({"field": "deal_id"}, "criteria[0].field", "policy.unknown_fact"),
        ({"field": "amount", "value": Decimal("0.005")}, "criteria[0].value", "policy.money_decimals"),
        ({"text_ru": "  "}, "criteria[0].text_ru", "policy.empty"),
        ({"text_en": "a\ud800b"}, "criteria[0].text_en", "policy.bad_text"),
    ],
)
def test_a_faulty_criterion_is_named(changes, key, code):
    assert (key, code) in keys_of(a_document(criteria=[a_criterion(**changes)]))


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ("steam", "policy.unknown_fact"),
        ("turnover_rub", "policy.unknown_fact"),
        ("asap", "policy.duplicate"),
        ("  ", "policy.empty"),
    ],
)
def test_words_for_what_is_no_fact_or_has_them_already_are_named(fact, code):
    questions = [{"fact": one, "text_ru": "Да?", "text_en": "Yes?"} for one in ("asap", fact)]
    assert keys_of(a_document(questions=questions)) == [("questions[1].fact", code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"field": "turnover_rub", "op": "<=", "value": Decimal("1.5")},
        {"field": "asap", "op": "is", "value": False},
        {"field": "region", "op": "in", "value": ["Москва", "Тула"]},
        {"field": "industry", "op": "in", "value": "target_industries"},
        {"field": "boiler", "op": "in", "value": ["gas"]},
        {"field": "boiler_age", "op": ">=", "value": 10},
    ],
)
def test_a_criterion_may_stand_on_any_kind_of_fact(changes):
    custom = [
        {"name": "boiler", "kind": "category", "levels": ["gas", "coal"]},
        {"name": "boiler_age", "kind": "number", "direction": "more_is_better"},
    ]
    [criterion] = read_policy(a_document(criteria=[a_criterion(**changes)], custom_facts=custom)).criteria
    assert criterion.field == changes["field"]
    assert criterion.op is Op(changes["op"])


def test_a_criterion_on_money_is_carried_in_minor_units():
    [criterion] = read_policy(a_document(criteria=[a_criterion(field="amount", value=Decimal("0.29"))])).criteria
    assert criterion.value == 29


def test_a_level_that_is_not_declared_is_refused():
    custom = [{"name": "boiler", "kind": "category", "levels": ["gas", "coal"]}]
    rows = [a_criterion(field="boiler", op="in", value=["gas", "wood"])]
    assert keys_of(a_document(criteria=rows, custom_facts=custom)) == [("criteria[0].value[1]", "policy.not_one_of")]


@pytest.mark.parametrize(
    ("row", "key", "code"),
    [
        ({"name": "Boiler", "kind": "number"}, "name", "policy.custom_name"),
        ({"name": "2nd", "kind": "number"}, "name", "policy.custom_name"),
        ({"name": "steam_tph", "kind": "number"}, "name", "policy.custom_name"),
        ({"name": "turnover_rub", "kind": "number"}, "name", "policy.custom_name"),
        ({"name": "boiler", "kind": "category"}, "levels", "policy.empty"),
        ({"name": "boiler", "kind": "number", "levels": ["a"]}, "levels", "policy.not_for_kind"),
        ({"name": "boiler", "kind": "category", "levels": ["a", "A"]}, "levels[1]", "policy.duplicate"),
        ({"name": "boiler", "kind": "date", "direction": "less_is_better"}, "direction", "policy.not_for_kind"),
    ],
)
def test_a_faulty_custom_fact_is_named(row, key, code):
    assert keys_of(a_document(custom_facts=[row])) == [(f"custom_facts[0].{key}", code)]


def test_codes_are_unique_after_normalising():
    rows = [{"code": "Dairy", "target": True}, {"code": "meat", "target": True}, {"code": "dairy ", "target": False}]
    [fault] = faults_of(a_document(industries=rows))
    assert (fault.key, fault.code, fault.params["right"]) == (
        "industries[2].code",
        "policy.duplicate",
        "industries[0].code",
    )


def test_a_word_that_would_mean_two_industries_is_refused():
    rows = [
        {"code": "dairy", "target": True, "synonyms": ["Молокозавод", "молокозавод"]},
        {"code": "farm", "target": False, "synonyms": ["молоко  завод", "МОЛОКОЗАВОД", "Dairy"]},
    ]
    assert [(f.key, f.code, f.params["right"]) for f in faults_of(a_document(industries=rows))] == [
        ("industries[1].synonyms[1]", "policy.synonym_clash", "dairy"),
        ("industries[1].synonyms[2]", "policy.synonym_clash", "dairy"),
    ]


def test_what_is_no_toml_is_refused_with_its_place():
    with pytest.raises(PolicyError) as caught:
        read_policy_text('name = "x"\ncurrency = \n')
    [fault] = caught.value.faults
    assert (fault.code, fault.params["line"]) == ("policy.syntax", 2)


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "9" * 5_000, "a = 1e999999999999999999999", "a ="])
def test_hostile_toml_is_a_syntax_fault(text):
    with pytest.raises(PolicyError):
        read_policy_text(text)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(st.characters(), max_size=70),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from([Decimal("1e400"), Decimal("1e-400"), 10**400, "Europe", "/etc", "a" * 300, "target_industries"]),
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=4
)


def _mutated(draw, node):
    """Change one value somewhere below a table or a list, in place."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = draw(st.sampled_from(keys))
    if isinstance(node[key], dict | list) and draw(st.booleans()):
        _mutated(draw, node[key])
        return
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            node[key] = draw(_VALUES)
        case "remove":
            del node[key]
        case "add" if isinstance(node, dict):
            node[draw(st.text(max_size=5))] = draw(_VALUES)
        case "add":
            node.append(node[key])


@st.composite
def mutated_documents(draw):
    document = a_document(custom_facts=[{"name": "boiler", "kind": "category", "levels": ["gas"]}])
    document["criteria"].append(a_criterion(field="boiler", op="in", value=["gas"]))
    for _ in range(draw(st.integers(1, 4))):
        _mutated(draw, document)
    return document


@settings(max_examples=150, deadline=None)
@given(mutated_documents())
def test_any_document_is_a_policy_or_faults(document):
    faults = faults_of(document)
    assert faults or isinstance(policy_or_faults(document), Policy)
    said = "".join(str(value) for fault in faults for value in (fault.key, *fault.params.values()))
    assert not set(said) & {"\0", "\n", "\x1b", "\ud800"}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(default_document())), st.integers(0, 30), st.text(max_size=10))
def test_any_text_is_a_policy_or_faults(start, length, inserted):
    shipped = default_document()
    text = shipped[:start] + inserted + shipped[start + length :]
    assert isinstance(policy_or_faults(text), Policy | list)
