from datetime import date

import pytest

from mlscore.scoring.errors import FactError
from mlscore.service.custom_facts import read_custom_facts
from tests.builders import a_policy

POLICY = a_policy(
    custom_facts=[
        {"name": "boiler_age", "kind": "number"},
        {"name": "has_permit", "kind": "yes_no"},
        {"name": "fuel", "kind": "category", "levels": ["gas", "oil"]},
        {"name": "inspected_on", "kind": "date"},
    ]
)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("boiler_age", 12, 12.0),
        ("boiler_age", 0.5, 0.5),
        ("has_permit", False, False),
        ("fuel", "gas", "gas"),
        ("inspected_on", "2026-02-28", date(2026, 2, 28)),
        ("inspected_on", date(2026, 2, 28), date(2026, 2, 28)),
        ("boiler_age", None, None),
    ],
)
def test_a_custom_fact_is_read_as_its_kind_is_carried(name, value, read):
    assert read_custom_facts({name: value}, POLICY) == {name: read}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("colour", "red", "field.extra_forbidden"),
        ("colour", None, "field.extra_forbidden"),
        ("boiler_age", "12", "field.wrong_type"),
        ("boiler_age", True, "field.wrong_type"),
        ("has_permit", 1, "field.wrong_type"),
        ("fuel", 3, "field.wrong_type"),
        ("fuel", "coal", "field.bad_choice"),
        ("inspected_on", "28.02.2026", "field.wrong_type"),
        ("inspected_on", 20260228, "field.wrong_type"),
    ],
)
def test_a_custom_fact_not_declared_so_is_refused_by_name(name, value, code):
    with pytest.raises(FactError) as refused:
        read_custom_facts({name: value}, POLICY)
    assert (refused.value.code, refused.value.params["fact"]) == (code, f"extra.{name}")


def test_a_deal_without_custom_facts_needs_none_declared():
    assert read_custom_facts({}, a_policy()) == {}
