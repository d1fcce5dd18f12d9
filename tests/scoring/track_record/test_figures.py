"""Track records: what had become known by a deal's own moment, and not a second later."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.features import features_of, matrix
from mlscore.scoring.track_record import HALF_LIFE_DAYS, TrackRecord, column_of, statistics_of, subjects_of
from mlscore.scoring.verdict import judge
from tests.builders import NOON, a_deal, a_policy
from tests.track_records import CODES, DAY, SECOND, Closed, a_record, a_tracked_policy, closed, told_slowly

POLICY = a_tracked_policy()
SUBJECTS = {
    "client": {"company_id": "C-1"},
    "category": {"product_category": "pump"},
    "channel": {"source": "site"},
    "region": {"region": "north"},
    "fuel": {"extra": {"fuel": "gas"}},
}
"""Each subject with the facts that make a deal one of its own."""

EVERY_FACT = {name: value for facts in SUBJECTS.values() for name, value in facts.items()}
FIGURES = [(subject, statistic) for subject in ("firm", *SUBJECTS) for statistic in statistics_of(subject)]


def told(record: TrackRecord, *deals: Deal) -> list[dict[str, float]]:
    """Return the figures of each deal by name."""
    columns = record.columns(Deals(deals))
    return [{name: float(column[row]) for name, column in columns.items()} for row in range(len(deals))]


def figures(history: Sequence[Closed], deal: Deal) -> dict[str, float]:
    [found] = told(a_record(history), deal)
    return found


def same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n], equal_nan=True) for n in one)


DEAL = a_deal(deal_id="D-asked", as_of=NOON, **EVERY_FACT)
PAST = [
    closed("D-1", known_at=NOON - 400 * DAY, **EVERY_FACT),
    closed("D-2", known_at=NOON - 30 * DAY, paid=False, profit=0.0, **EVERY_FACT),
    closed("D-3", known_at=NOON - 9 * DAY, profit=300.0, **EVERY_FACT),
]


def test_every_subject_of_a_policy_has_every_figure_and_no_other_has():
    assert subjects_of(POLICY).keys() == SUBJECTS.keys()
    assert figures(PAST, DEAL).keys() == {column_of(subject, statistic) for subject, statistic in FIGURES}
    assert "fuel" not in subjects_of(a_policy())


@pytest.mark.parametrize(("subject", "statistic"), FIGURES)
@pytest.mark.parametrize("ended", [{"paid": True, "profit": 1_700.0}, {"paid": False, "profit": 0.0}])
def test_an_outcome_known_one_second_after_a_deal_was_scored_moves_no_figure_and_one_second_before_moves_each(
    subject, statistic, ended
):
    name, before = column_of(subject, statistic), figures(PAST, DEAL)
    late = closed("D-new", known_at=NOON + SECOND, **ended, **EVERY_FACT)
    assert figures([*PAST, late], DEAL)[name] == before[name]
    in_time = replace(late, known_at=NOON - SECOND)
    assert figures([*PAST, in_time], DEAL)[name] != before[name]


def test_an_outcome_known_at_the_very_moment_is_known():
    at_once = closed("D-new", known_at=NOON, company_id="C-1")
    assert figures([at_once], DEAL)["track.client.days_since"] == 0.0


@pytest.mark.parametrize(("subject", "statistic"), FIGURES)
def test_what_the_model_reads_is_the_figure_itself(subject, statistic):
    deals = Deals([DEAL])
    record = a_record(PAST)
    features = features_of(POLICY, {})
    read = matrix(features, judge(deals.having(record.columns(deals)), POLICY))[0]
    place = [one.name for one in features].index(f"track_{subject}_{statistic}")
    assert features[place].is_tracked
    assert features[place].fact == ("market" if subject == "firm" else subjects_of(POLICY)[subject])
    assert read[place] == figures(PAST, DEAL)[column_of(subject, statistic)]


@pytest.mark.parametrize("ended", [{"paid": True, "profit": 1_700.0}, {"paid": False, "profit": 0.0}])
def test_a_deals_own_outcome_never_counts(ended):
    own = closed("D-asked", known_at=NOON - DAY, **ended, **EVERY_FACT)
    for place in range(len(PAST) + 1):
        with_own = [*PAST[:place], own, *PAST[place:]]
        assert figures(with_own, DEAL) == pytest.approx(figures(PAST, DEAL), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("fact", ["company_id", "product_category", "source", "region"])
def test_where_the_name_of_a_subject_is_unknown_so_are_its_figures(fact):
    [subject] = [name for name, by in subjects_of(POLICY).items() if by == fact]
    found = figures(PAST, replace(DEAL, **{fact: None}))
    assert all(np.isnan(found[column_of(subject, statistic)]) for statistic in statistics_of(subject))
    assert found["track.firm.rate"] == figures(PAST, DEAL)["track.firm.rate"]


def test_a_word_that_means_no_category_of_the_policy_names_none_and_synonyms_name_the_same():
    assert np.isnan(figures(PAST, replace(DEAL, product_category="чайники"))["track.category.rate"])
    by_synonym = figures(PAST, replace(DEAL, product_category="Конденсатный насос"))
    assert by_synonym["track.category.rate"] == figures(PAST, DEAL)["track.category.rate"]


def test_a_deal_without_its_moment_has_no_figures():
    assert all(np.isnan(figure) for figure in figures(PAST, replace(DEAL, as_of=None)).values())


def test_an_undated_outcome_is_in_no_track_record():
    undated = [replace(one, known_at=None) for one in PAST]
    assert same(figures([*PAST, *undated], DEAL), figures(PAST, DEAL))
    assert same(figures(undated, DEAL), figures([], DEAL))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_nobody_has_dealt_with_has_the_firms_figures(subject):
    strangers = {"company_id": "C-new", "product_category": "pipes", "source": "fair", "region": "south"}
    found = figures(PAST, replace(DEAL, **strangers, extra={"fuel": "oil"}))
    for statistic in ("rate", "rate_3", "rate_10", "margin", "margin_3", "margin_10"):
        kind = statistic.split("_")[0]
        assert found[column_of(subject, statistic)] == pytest.approx(found[f"track.firm.{kind}"])
    assert found[column_of(subject, "deals")] == 0.0
    assert np.isnan(found["track.client.days_since"])


def test_before_any_deal_has_closed_the_rate_is_the_policys_prior():
    found = figures([], DEAL)
    assert found["track.firm.rate"] == POLICY.prior.profitable_share
    assert np.isnan(found["track.firm.margin"])
    assert found["track.client.rate"] == pytest.approx(POLICY.prior.profitable_share)


def test_a_closed_deal_weighs_half_as_much_after_a_half_life():
    once = [closed("D-1", known_at=NOON - HALF_LIFE_DAYS * DAY, **EVERY_FACT)]
    assert np.expm1(figures(once, DEAL)["track.client.deals"]) == pytest.approx(0.5)
    twice = [replace(once[0], known_at=NOON - 2 * HALF_LIFE_DAYS * DAY)]
    assert np.expm1(figures(twice, DEAL)["track.client.deals"]) == pytest.approx(0.25)


def test_the_newest_deals_have_a_memory_of_their_own_which_turns_at_once():
    old = [closed(f"D-{n}", known_at=NOON - (50 - n) * DAY, paid=False, profit=0.0, **EVERY_FACT) for n in range(40)]
    new = [closed(f"N-{n}", known_at=NOON - n * DAY, **EVERY_FACT) for n in range(3)]
    found = figures([*old, *new], DEAL)
    slow, quick, quickest = (found[f"track.client.{name}"] for name in ("rate", "rate_10", "rate_3"))
    assert slow < 0.2 < quick < 0.5
    assert quickest > 0.7


def test_a_client_who_pays_better_than_the_firm_has_a_better_record_drawn_to_the_firms():
    others = [closed(f"O-{n}", company_id="C-2", paid=False, profit=0.0, known_at=NOON - DAY) for n in range(20)]
    mine = [closed(f"M-{n}", company_id="C-1", known_at=NOON - DAY) for n in range(2)]
    found = figures([*others, *mine], DEAL)
    assert found["track.firm.rate"] < found["track.client.rate"] < 1.0
    more = [closed(f"M-{n}", company_id="C-1", known_at=NOON - DAY) for n in range(20)]
    assert figures([*others, *more], DEAL)["track.client.rate"] > found["track.client.rate"]


@pytest.mark.parametrize("facts", [{"amount": None}, {"amount": 0}, {"currency": "USD"}, {"profit": np.nan}])
def test_a_deal_whose_margin_nobody_knows_counts_as_a_deal_and_says_nothing_of_margins(facts):
    plain = closed("D-1", known_at=NOON - DAY, **EVERY_FACT)
    silent = closed("D-2", **{"known_at": NOON - DAY, **EVERY_FACT, **facts})
    alone, both = figures([plain], DEAL), figures([plain, silent], DEAL)
    assert both["track.client.deals"] > alone["track.client.deals"]
    assert both["track.firm.margin"] == pytest.approx(alone["track.firm.margin"])
    assert both["track.client.margin_3"] == pytest.approx(alone["track.client.margin_3"])


NAMES = st.sampled_from(["a", "b", None])
MOMENTS = st.integers(0, 20_000).map(lambda days: NOON - days * DAY / 2)
FACTS = st.fixed_dictionaries(
    {
        "company_id": NAMES,
        "product_category": st.sampled_from([*CODES, "чайники", None]),
        "source": NAMES,
        "region": NAMES,
        "currency": st.sampled_from([None, None, "RUB", "USD"]),
        "amount": st.sampled_from([None, 0, 900, 2_000, 5_000_000]),
        "extra": st.sampled_from([{}, {"fuel": "gas"}, {"fuel": "oil"}]),
    }
)


@st.composite
def histories(draw: st.DrawFn, *, at_most: int = 12) -> list[Closed]:
    """Draw closed deals: some undated, some known at the same moment, over up to 27 years."""
    count = draw(st.integers(0, at_most))
    return [
        closed(
            f"D-{number}",
            known_at=draw(st.none() | MOMENTS),
            paid=draw(st.booleans()),
            profit=draw(st.sampled_from([0.0, 700.0, -4_000.0, 2e6, np.nan])),
            **draw(FACTS),
        )
        for number in range(count)
    ]


@st.composite
def asked_of(draw: st.DrawFn, history: Sequence[Closed]) -> list[Deal]:
    """Draw deals to ask about: closed ones at their own moments, and others."""
    own = [
        replace(one.deal, as_of=draw(st.none() | MOMENTS | st.just(one.known_at))) for one in history if one.known_at
    ]
    others = [
        a_deal(deal_id=f"A-{number}", as_of=draw(st.none() | MOMENTS), **draw(FACTS))
        for number in range(draw(st.integers(1, 4)))
    ]
    return [*own, *others]


@given(data=st.data())
@settings(max_examples=60)
def test_the_figures_are_those_a_patient_reader_of_the_deals_would_find(data):
    history = data.draw(histories())
    deals = data.draw(asked_of(history))
    for deal, found in zip(deals, told(a_record(history), *deals), strict=True):
        assert found == pytest.approx(told_slowly(history, deal, POLICY), rel=1e-6, abs=1e-6, nan_ok=True)


@given(data=st.data())
@settings(max_examples=40)
def test_a_deal_has_the_same_figures_alone_in_a_batch_and_in_any_order_to_the_last_bit(data):
    history = data.draw(histories())
    deals = data.draw(asked_of(history))
    record = a_record(history)
    together = told(record, *deals)
    assert all(same(told(record, deal)[0], found) for deal, found in zip(deals, together, strict=True))
    backwards = told(record, *deals[::-1])
    assert all(same(one, other) for one, other in zip(backwards, together[::-1], strict=True))


@given(data=st.data())
@settings(max_examples=40)
def test_nothing_that_becomes_known_later_moves_a_bit_of_a_figure(data):
    history, later = data.draw(histories()), data.draw(histories())
    deals = [deal for deal in data.draw(asked_of(history)) if deal.as_of]
    for deal in deals:
        known = [one for one in history if one.known_at and one.known_at <= deal.as_of]
        unknown = [
            replace(one, deal=replace(one.deal, deal_id=f"L-{number}"), known_at=deal.as_of + (number + 1) * SECOND)
            for number, one in enumerate(later)
        ]
        assert same(figures([*known, *unknown], deal), figures(known, deal))


@pytest.mark.parametrize("years", [-60, 60])
def test_a_deal_dated_decades_off_drowns_nobody_elses_record(years):
    off = closed("D-off", known_at=NOON + years * 365 * DAY, company_id="A", region="A")
    names = [column_of(subject, statistic) for subject, statistic in FIGURES if subject in {"client", "region"}]
    with_it, without = figures([off, *PAST], DEAL), figures(PAST, DEAL)
    assert [with_it[name] for name in names] == pytest.approx([without[name] for name in names], rel=1e-9)


def test_a_record_is_as_large_as_its_deals_however_often_it_is_asked():
    def size(deals: int, *, asked: int) -> int:
        record = a_record([closed(f"D-{n}", known_at=NOON - n * DAY, company_id=f"C-{n % 90}") for n in range(deals)])
        columns = record.columns(Deals([replace(DEAL, deal_id=f"A-{n}") for n in range(asked)]))
        assert {column.shape for column in columns.values()} == {(asked,)}
        return len(pickle.dumps(record))

    assert size(1_000, asked=1) == size(1_000, asked=2_000)
    assert size(2_000, asked=1) < 2.1 * size(1_000, asked=1)
