"""Deals as rows and as columns say the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS, Deal, Deals, Floats, Kind
from mlscore.scoring.policy import default_policy
from mlscore.scoring.verdict import judge
from tests import columns as col
from tests.strategies import a_value_of, batches, deals


def answers_to(built: Deals) -> col.Columns:
    judged = judge(built, default_policy())
    return dict(col.rule_columns(judged)) | dict(col.feature_columns(judged))


def as_columns(rows: list[Deal]) -> dict[str, Any]:
    built = Deals(rows)
    return {n: built.texts(n) if f.kind is Kind.TEXT else built.numbers(n) for n, f in FACTS.items()}


def same(these: Deals, those: Deals) -> bool:
    every = range(len(those))
    return len(these) == len(those) and not col.differing(answers_to(these), answers_to(those), every)


def test_every_fact_has_a_kind():
    assert set(FACTS) | {"deal_id", "extra"} == set(Deal.__dataclass_fields__)


def test_unknown_is_nan_in_numbers_and_none_in_texts():
    built = Deals([Deal(deal_id="D-1")])
    assert all(np.isnan(built.numbers(n)[0]) for n, f in FACTS.items() if f.kind is not Kind.TEXT)
    assert all(built.texts(n)[0] is None for n, f in FACTS.items() if f.kind is Kind.TEXT)
    assert np.isnan(built.numbers("never_declared")[0])
    assert built.texts("never_heard_of")[0] is None


def test_facts_are_carried_in_their_units():
    moscow = datetime(2026, 3, 2, 15, tzinfo=timezone(timedelta(hours=3)))
    deal = Deal(deal_id="D-1", as_of=moscow, asap=False, delivery_needed_by=date(2026, 3, 2), amount=2_000_001)
    built = Deals([deal])
    assert built.numbers("as_of")[0] == datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    assert built.numbers("delivery_needed_by")[0] == date(2026, 3, 2).toordinal()
    assert (built.numbers("asap")[0], built.numbers("amount")[0]) == (0.0, 2_000_001.0)


def test_custom_facts_are_columns_too():
    built = Deals([Deal(deal_id="D-1", extra={"boiler_age": 12, "fuel": "gas"}), Deal(deal_id="D-2")])
    assert np.array_equal(built.numbers("boiler_age"), [12.0, np.nan], equal_nan=True)
    assert built.texts("fuel").tolist() == ["gas", None]


@given(rows=batches())
@settings(max_examples=25)
def test_rows_and_columns_are_judged_alike(rows: list[Deal]):
    assert same(Deals.of_columns(as_columns(rows), size=len(rows)), Deals(rows))


@given(rows=batches(), data=st.data())
@settings(max_examples=25)
def test_selected_deals_are_those_deals(rows: list[Deal], data: st.DataObject):
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8))
    expected = [rows[at] for at in picked]
    assert same(Deals(rows).select(picked), Deals(expected))
    assert same(Deals.of_columns(as_columns(rows), size=len(rows)).select(picked), Deals(expected))


CHANGES = st.lists(
    st.lists(st.sampled_from(sorted(FACTS)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.none() | a_value_of(name) for name in names})
    ),
    min_size=1,
    max_size=5,
)


@given(before=deals(), other=deals(), changes=CHANGES)
@settings(max_examples=50)
def test_a_varied_deal_is_the_deal_with_those_facts(before: Deal, other: Deal, changes: list[dict[str, Any]]):
    expected = Deals([replace(before, **change) for change in changes])
    assert same(Deals([other, before]).varied(1, changes), expected)
    assert same(Deals.of_columns(as_columns([before]), size=1).varied(0, changes), expected)


def test_varying_a_deal_leaves_it_as_it_was():
    built = Deals([Deal(deal_id="D-1", steam_tph=5.0, industry="dairy")])
    built.varied(0, [{"steam_tph": 1.0, "industry": "meat"}])
    assert (built.numbers("steam_tph")[0], built.texts("industry")[0]) == (5.0, "dairy")


def test_facts_of_many_deals_are_written_over_at_once():
    built = Deals([a_deal_of(steam_tph=5.0, industry="dairy"), a_deal_of(extra={"insulated": True, "fuel": "gas"})])
    rows = np.array([1, 0, 1])
    made = built.rewritten(
        rows,
        [
            ("steam_tph", np.array([0, 1]), np.array([7.0, 8.0])),
            ("industry", np.array([2]), "meat"),
            ("insulated", np.array([0, 1]), 0.0),
            ("fuel", np.array([2]), np.array(["oil"], dtype=object)),
        ],
    )
    assert np.array_equal(made.numbers("steam_tph"), [7.0, 8.0, np.nan], equal_nan=True)
    assert made.texts("industry").tolist() == [None, "dairy", "meat"]
    assert made.numbers("insulated").tolist() == [0.0, 0.0, 1.0]
    assert made.texts("fuel").tolist() == ["gas", None, "oil"]
    assert np.array_equal(built.numbers("steam_tph"), [5.0, np.nan], equal_nan=True)
    assert built.texts("industry").tolist() == ["dairy", None]


def test_what_was_selected_can_be_selected_from_and_varied():
    built = Deals([a_deal_of(steam_tph=float(at), extra={"fuel": "gas"}) for at in range(4)])
    picked = built.select([3, 1, 0]).select([1, 1, 2])
    assert picked.numbers("steam_tph").tolist() == [1.0, 1.0, 0.0]
    varied = picked.varied(2, [{"steam_tph": 9.0}, {"fuel": "oil"}])
    assert (varied.numbers("steam_tph").tolist(), varied.texts("fuel").tolist()) == ([9.0, 0.0], ["gas", "oil"])


@given(rows=batches(), data=st.data())
@settings(max_examples=25)
def test_deals_may_have_columns_more_whatever_they_are_made_of(rows: list[Deal], data: st.DataObject):
    more = {"track.client.rate": np.arange(len(rows)) / 2, "steam_tph": np.full(len(rows), 7.0)}
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    expected = [replace(row, steam_tph=7.0, extra={"track.client.rate": at / 2}) for at, row in enumerate(rows)]
    whole = range(len(rows))
    for built in (Deals(rows), Deals.of_columns(as_columns(rows), size=len(rows)), Deals(rows).select(whole)):
        made = built.having(more)
        assert same(made, Deals(expected))
        assert same(made.select(picked), Deals([expected[at] for at in picked]))
        assert same(made.varied(picked[0], [{"asap": True}]), Deals([replace(expected[picked[0]], asap=True)]))
        assert same(built, Deals(rows))


def a_deal_of(**facts: Any) -> Deal:
    return Deal(deal_id="D-1", **facts)


def test_custom_facts_vary_like_any_other():
    built = Deals([Deal(deal_id="D-1", extra={"boiler_age": 12.0, "fuel": "gas"})])
    varied = built.varied(0, [{"boiler_age": 3}, {"fuel": "oil"}, {"insulated": True}, {"colour": "red"}])
    assert varied.numbers("boiler_age").tolist() == [3.0, 12.0, 12.0, 12.0]
    assert varied.texts("fuel").tolist() == ["gas", "oil", "gas", "gas"]
    assert np.array_equal(varied.numbers("insulated"), [np.nan, np.nan, 1.0, np.nan], equal_nan=True)
    assert varied.texts("colour").tolist() == [None, None, None, "red"]


@pytest.mark.parametrize("first", ["a note", 5])
def test_an_undeclared_fact_of_two_kinds_harms_nobody(first: object):
    second = 5 if first == "a note" else "a note"
    rows = [Deal(deal_id="D-1", extra={"note": first}, steam_tph=4.0), Deal(deal_id="D-2", extra={"note": second})]
    assert Deals(rows).varied(0, [{"steam_tph": 9.0}]).numbers("steam_tph").tolist() == [9.0]
    assert Deals(rows).select([1, 0]).numbers("steam_tph")[1] == 4.0


def test_a_custom_fact_of_another_kind_than_asked_for_is_unknown():
    built = Deals([Deal(deal_id="A", extra={"boiler": "new"}), Deal(deal_id="B", extra={"boiler": 3.0})])
    assert np.array_equal(built.numbers("boiler"), [np.nan, 3.0], equal_nan=True)
    assert built.texts("boiler").tolist() == [None, None]
    again = Deals([Deal(deal_id="A", extra={"boiler": "new"})])
    assert again.texts("boiler").tolist() == ["new"]
    assert np.isnan(again.numbers("boiler")).all()


def test_a_custom_text_may_become_unknown_and_stays_where_nothing_changed_it():
    known = Deals([Deal(deal_id="a", extra={"fuel": "gas", "boiler_age": 7.0})])
    varied = known.varied(0, [{"fuel": None}, {"boiler_age": None}, {"asap": True}])
    assert varied.texts("fuel").tolist() == [None, "gas", "gas"]
    assert np.array_equal(varied.numbers("boiler_age"), [7.0, np.nan, 7.0], equal_nan=True)


def test_what_is_made_of_a_fact_is_made_once_and_picked_for_what_would_be():
    made = []

    def lengths(deals: Deals) -> Floats:
        made.append(len(deals))
        return np.array([len(text or "") for text in deals.texts("region")], dtype=np.float64)

    known = Deals([Deal(deal_id="a", region="Omsk"), Deal(deal_id="b", region="Kazan")])
    same = known.rewritten(np.array([1, 1, 0]), [("amount", np.array([0]), 5.0)])
    other = known.rewritten(np.array([1, 1]), [("region", np.array([0]), "Ufa")])
    assert [made_of.derived("lengths", "region", lengths).tolist() for made_of in (known, same, other)] == [
        [4, 5],
        [5, 5, 4],
        [3, 5],
    ]
    assert made == [2, 2]
    assert known.having({"amount": np.zeros(2)}).derived("lengths", "region", lengths).tolist() == [4, 5]
    assert made == [2, 2]
    elsewhere = np.array(["Tver", None], dtype=object)
    assert known.having({"region": elsewhere}).derived("lengths", "region", lengths).tolist() == [4, 0]
