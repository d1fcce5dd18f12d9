"""A record's figures are the same to the last bit however its deals were taken in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.track_record import TrackRecord
from tests.builders import NOON, a_deal
from tests.track_records import DAY, Closed, a_record, as_columns, closed

NAMES = st.sampled_from(["a", "b", "c", None])
MOMENTS = st.integers(0, 4_000).map(lambda quarters: NOON - quarters * DAY / 4)


@st.composite
def histories(draw: st.DrawFn, *, prefix: str, at_most: int = 25) -> list[Closed]:
    """Draw closed deals in the order of `as_of` and id, some known at the same moment."""
    drawn = [
        closed(
            f"{prefix}-{number}",
            known_at=draw(st.none() | MOMENTS),
            paid=draw(st.booleans()),
            profit=draw(st.sampled_from([0.0, 333.0, -70.1, 1e5, np.nan])),
            company_id=draw(NAMES),
            source=draw(NAMES),
            region=draw(NAMES),
            product_category=draw(st.sampled_from(["pump", "pipes", None])),
            amount=draw(st.sampled_from([None, 901, 2_003, 70_000])),
            as_of=NOON - draw(st.integers(0, 5)) * DAY,
        )
        for number in range(draw(st.integers(0, at_most)))
    ]
    return in_order(drawn)


def in_order(history: Sequence[Closed]) -> list[Closed]:
    return sorted(history, key=lambda one: (one.deal.as_of, one.deal.deal_id))


def some_deals(draw: st.DrawFn) -> list[Deal]:
    return [
        a_deal(
            deal_id=f"A-{number}",
            as_of=draw(MOMENTS),
            company_id=draw(NAMES),
            source=draw(NAMES),
            region=draw(NAMES),
            product_category=draw(st.sampled_from(["pump", "pipes", None])),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


def told(record: TrackRecord, deals: Sequence[Deal]) -> Mapping[str, np.ndarray]:
    return record.columns(Deals(deals))


def same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n], equal_nan=True) for n in one)


@given(data=st.data())
@settings(max_examples=80)
def test_deals_taken_in_later_make_the_record_of_all_of_them_taken_in_at_once(data) -> None:
    old, new = data.draw(histories(prefix="D")), data.draw(histories(prefix="N", at_most=8))
    corrected = [
        replace(one, known_at=data.draw(MOMENTS), paid=not one.paid) for one in old if data.draw(st.integers(0, 3)) == 0
    ]
    gone = {one.deal.deal_id for one in [*corrected, *(data.draw(st.sampled_from(old)) for _ in old[:1])]}
    added = in_order([*new, *corrected])
    grown = a_record(old).having(as_columns(added), instead_of=gone)
    whole = a_record(in_order([*(one for one in old if one.deal.deal_id not in gone), *added]))
    asked = [*data.draw(st.composite(some_deals)()), *(one.deal for one in [*old, *new])]
    assert len(grown) == len(whole)
    assert same(told(grown, asked), told(whole, asked))


def test_the_record_that_others_are_taken_into_stays_as_it_was() -> None:
    old = a_record([closed("D-1", company_id="a", known_at=NOON - DAY)])
    asked = [a_deal(deal_id="A", company_id="a"), a_deal(deal_id="B", company_id="b")]
    before = told(old, asked)
    grown = old.having(as_columns([closed("D-2", company_id="b", known_at=NOON - DAY)]), instead_of={"D-1"})
    assert same(told(old, asked), before)
    assert (len(old), len(grown)) == (1, 1)
    assert told(grown, asked)["track.client.deals"].tolist() == told(old, asked[::-1])["track.client.deals"].tolist()


def test_a_name_with_very_many_deals_is_summed_as_one_with_few() -> None:
    history = [closed(f"D-{n:03}", company_id="a", source="site", known_at=NOON - (200 - n) * DAY) for n in range(100)]
    deal = a_deal(deal_id="A", company_id="a", source="site")
    many = told(a_record(history), [deal])
    one_by_one = a_record([])
    for one in history:
        one_by_one = one_by_one.having(as_columns([one]), instead_of=())
    assert same(told(one_by_one, [deal]), many)
    assert np.expm1(many["track.client.deals"][0]) > 60
