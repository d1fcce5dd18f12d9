from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal
from mlscore.service.ordering import CHUNK, Told, in_order_of_knowledge

NOON = datetime(2024, 3, 2, 12, tzinfo=UTC)
DAYS = st.integers(0, 40)


@st.composite
def histories(draw):
    told = []
    for number in range(draw(st.integers(0, 12))):
        asked = draw(st.none() | DAYS)
        as_of = None if asked is None else NOON + timedelta(days=asked)
        company = draw(st.sampled_from(["CL-1", "CL-2", None]))
        counts = draw(st.none() | DAYS)
        counts_from = None if counts is None or as_of is None else as_of + timedelta(days=counts)
        told.append(Told(Deal(deal_id=f"D-{number:02d}", as_of=as_of, company_id=company), counts_from))
    return told


@given(histories())
def test_every_deal_comes_once(told):
    given_out = [deal for chunk in in_order_of_knowledge(told) for deal in chunk]
    assert sorted(d.deal_id for d in given_out) == [t.deal.deal_id for t in told]


@given(histories())
def test_a_deal_comes_after_every_deal_of_its_company_that_counts_for_it(told):
    place = {deal.deal_id: n for n, chunk in enumerate(in_order_of_knowledge(told)) for deal in chunk}
    for one in told:
        for other in told:
            is_before = other.deal.as_of and one.deal.as_of and other.deal.as_of < one.deal.as_of
            is_of_one_company = one.deal.company_id is not None and other.deal.company_id == one.deal.company_id
            if is_before and is_of_one_company and other.counts_from and other.counts_from <= one.deal.as_of:
                assert place[other.deal.deal_id] < place[one.deal.deal_id]


@given(histories())
def test_the_oldest_deal_comes_first_and_alone_and_undated_ones_last(told):
    chunks = list(in_order_of_knowledge(told))
    dated = [t.deal.as_of for t in told if t.deal.as_of]
    if dated:
        assert [deal.as_of for deal in chunks[0]] == [min(dated)]
    flags = [deal.as_of is None for chunk in chunks for deal in chunk]
    assert flags == sorted(flags)


def test_a_long_history_comes_in_chunks_of_bounded_size():
    told = [Told(Deal(deal_id=f"D-{n}", as_of=NOON + timedelta(days=n)), None) for n in range(2 * CHUNK + 2)]
    assert [len(chunk) for chunk in in_order_of_knowledge(told)] == [1, CHUNK, CHUNK, 1]
