"""Every candidate learns, answers in plain arrays or text, and does the same again for the same seed."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mlscore.registry.parts import MEMBERS, PartReader, PartWriter
from mlscore.scoring.comparison import log_loss
from mlscore.scoring.model import Inputs, Member, Rates
from mlscore.scoring.model.calibration import sigmoid
from tests.training.histories import a_closed_deal, a_history, a_table, undated
from training.dataset import Table
from training.estimators import (
    BLENDED,
    FALLBACK,
    VERY_MANY_ROWS,
    Candidate,
    Lesson,
    PriorRate,
    RuleRates,
    candidates,
    learn,
)


@cache
def the_table() -> Table:
    """Return a table of 300 deals that has track records, levels, numbers and much that is unknown."""
    rng = np.random.default_rng(3)
    drawn = rng.choice(["pump", "valve", "north"], (300, 3)).tolist()
    history = []
    for c, (company, region, category) in zip(a_history(300), drawn, strict=True):
        deal = replace(c.receipt.deal, company_id=company, region=region, product_category=category)
        history.append(replace(c, receipt=replace(c.receipt, deal=deal)))
    return a_table(history)


ENTRANTS = [
    *candidates(the_table(), seed=1, threads=1),
    *(one for one in candidates(the_table(), seed=1, threads=1, is_tracked=True) if getattr(one, "is_tracked", False)),
]


def named(candidate: Candidate) -> str:
    return candidate.name + (" with track records" if getattr(candidate, "is_tracked", False) else "")


every_candidate = pytest.mark.parametrize("candidate", ENTRANTS, ids=named)


def a_lesson(table: Table | None = None, deals: int | None = None) -> Lesson:
    """Teach the first deals of a table, all of them unless told."""
    table = table or the_table()
    return Lesson.of(table, np.arange(len(table) if deals is None else deals))


@cache
def learned(candidate: Candidate) -> Member:
    return candidate.fit(a_lesson())


def asked(rows: np.ndarray | slice = slice(None)) -> Inputs:
    inputs = the_table().inputs
    return Inputs(inputs.matrix[rows], inputs.cells[rows])


def test_every_name_is_one_candidates_and_the_blended_are_among_them() -> None:
    names = [one.name for one in candidates(the_table(), seed=1, threads=1)]
    assert len(set(names)) == len(names)
    assert {*BLENDED, FALLBACK} <= set(names)


def test_where_there_is_but_one_question_nobody_asks_it_twice() -> None:
    won_or_lost = [a_closed_deal(f"D-{n}", day=n, won=n % 2 > 0, profit=None) for n in range(60)]
    for history in (a_history(8), won_or_lost):
        table = a_table(history)
        entrants = candidates(table, seed=1, threads=1)
        names = learn(entrants, a_lesson(table)).keys()
        assert "lightgbm" in names
        assert "lightgbm_whole" not in names
    assert "lightgbm_whole" in learn(candidates(the_table(), seed=1, threads=1), a_lesson())


def test_a_very_long_history_is_left_to_those_who_are_quick_or_serve() -> None:
    table, times = the_table(), VERY_MANY_ROWS // len(the_table()) + 1
    long = replace(table, y=np.tile(table.y, times), won=np.tile(table.won, times))
    few, usual = ([one.name for one in candidates(each, seed=1, threads=1)] for each in (long, table))
    assert set(few) < set(usual)
    assert {FALLBACK, "logistic", "lightgbm"} <= set(few)
    assert [name for name in usual if name in few] == few


@every_candidate
def test_the_same_seed_gives_the_same_answers(candidate) -> None:
    again = candidate.fit(a_lesson()).log_odds(asked())
    np.testing.assert_array_equal(again, learned(candidate).log_odds(asked()))


@pytest.mark.parametrize("candidate", [one for one in ENTRANTS if hasattr(one, "threads")], ids=named)
def test_on_more_threads_the_work_comes_out_the_same(candidate) -> None:
    on_two = replace(candidate, threads=2).fit(a_lesson()).log_odds(asked())
    np.testing.assert_array_equal(on_two, learned(candidate).log_odds(asked()))


@every_candidate
def test_a_deal_is_answered_the_same_alone_in_a_batch_and_in_any_order(candidate) -> None:
    member = learned(candidate)
    log_odds, shares = member.log_odds(asked()), member.contributions(asked())
    order = np.random.default_rng(0).permutation(len(the_table()))
    assert member.log_odds(asked(order)).tobytes() == log_odds[order].tobytes()
    assert member.contributions(asked(order)).tobytes() == shares[order].tobytes()
    for row in (0, 7, 299):
        assert member.log_odds(asked(slice(row, row + 1))).tobytes() == log_odds[[row]].tobytes()
        assert member.contributions(asked(slice(row, row + 1))).tobytes() == shares[[row]].tobytes()


@every_candidate
def test_shares_of_the_features_add_up_to_the_answer(candidate) -> None:
    parts = learned(candidate).contributions(asked())
    assert parts.shape == (len(the_table()), len(the_table().features) + 2)
    np.testing.assert_allclose(parts.sum(axis=1), learned(candidate).log_odds(asked()), atol=1e-6)


@every_candidate
def test_missing_facts_wild_numbers_and_levels_never_met_are_answered(candidate) -> None:
    wild = [np.full(len(the_table().features), value) for value in (np.nan, 0.0, 1e12, -1e12, 77.0)]
    inputs = Inputs(np.array(wild), np.arange(len(wild), dtype=np.intp))
    assert np.isfinite(learned(candidate).log_odds(inputs)).all()
    parts = learned(candidate).contributions(inputs)
    np.testing.assert_allclose(parts.sum(axis=1), learned(candidate).log_odds(inputs), atol=1e-6)


@every_candidate
def test_its_member_is_written_to_a_bundle_and_read_back_to_the_last_bit(candidate) -> None:
    writer = PartWriter()
    written = writer.write(learned(candidate), MEMBERS)
    read = PartReader(writer.files, features=len(the_table().features)).read(written, MEMBERS)
    assert read.log_odds(asked()).tobytes() == learned(candidate).log_odds(asked()).tobytes()
    assert read.contributions(asked()).tobytes() == learned(candidate).contributions(asked()).tobytes()


@every_candidate
def test_it_tells_what_it_learned_better_than_the_prior_rate_does(candidate) -> None:
    prior = log_loss(the_table().y, sigmoid(PriorRate().fit(a_lesson()).log_odds(asked())))
    own = log_loss(the_table().y, sigmoid(learned(candidate).log_odds(asked())))
    assert own < prior if candidate.name not in {"prior_rate", "naive_bayes"} else own < 2 * prior


@pytest.mark.parametrize("candidate", [one for one in ENTRANTS if one.name != "naive_bayes"], ids=named)
def test_a_number_only_pulls_the_way_its_feature_points(candidate) -> None:
    table, member = the_table(), learned(candidate)
    for place, feature in enumerate(table.features):
        known = table.inputs.matrix[:, place]
        if feature.levels is not None or not feature.direction:
            continue
        steps, rows = np.linspace(np.nanmin(known) - 1, np.nanmax(known) + 1, 25), np.arange(0, len(table), 5)
        swept = np.repeat(table.inputs.matrix[rows], len(steps), axis=0)
        swept[:, place] = np.tile(steps, len(rows))
        said = member.log_odds(Inputs(swept, np.zeros(len(swept), dtype=np.intp))).reshape(len(rows), -1)
        assert (np.diff(said, axis=1) * feature.direction >= -1e-9).all(), feature.name


@every_candidate
def test_who_reads_no_track_record_is_not_moved_by_one(candidate) -> None:
    tracked = [place for place, feature in enumerate(the_table().features) if feature.is_tracked]
    changed = the_table().inputs.matrix.copy()
    changed[:, tracked] = np.random.default_rng(2).normal(size=(len(changed), len(tracked)))
    said = learned(candidate).log_odds(Inputs(changed, the_table().inputs.cells))
    is_moved = not np.array_equal(said, learned(candidate).log_odds(asked()))
    assert is_moved == getattr(candidate, "is_tracked", False)


@every_candidate
def test_a_deal_may_weigh_more_than_another(candidate) -> None:
    lesson = a_lesson()
    heavier = replace(lesson, weights=np.where(lesson.y > 0, 3.0, 1.0))
    assert candidate.fit(heavier).log_odds(asked()).mean() > learned(candidate).log_odds(asked()).mean()


@every_candidate
@pytest.mark.parametrize("deals", [0, 1, 15])
def test_too_few_deals_teach_rates_only(candidate, deals) -> None:
    assert isinstance(candidate.fit(a_lesson(deals=deals)), Rates)


@every_candidate
def test_one_outcome_only_teaches_rates_only(candidate) -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, amount=n) for n in range(80)])
    member = candidate.fit(a_lesson(table))
    assert isinstance(member, Rates)
    assert np.isfinite(member.log_odds(table.inputs)).all()


@every_candidate
def test_deals_that_differ_in_nothing_are_answered_alike(candidate) -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, won=n % 2 > 0, amount=n % 3) for n in range(60)])
    blind = replace(table, inputs=Inputs(np.zeros_like(table.inputs.matrix), table.inputs.cells))
    said = candidate.fit(a_lesson(blind)).log_odds(blind.inputs)
    assert len(np.unique(said)) == 1
    assert np.isfinite(said).all()


@every_candidate
def test_an_undated_history_teaches_too(candidate) -> None:
    table = a_table(undated(a_history(80)))
    assert np.isfinite(candidate.fit(a_lesson(table)).log_odds(table.inputs)).all()


def test_what_the_prior_rate_answers_is_the_share_drawn_to_the_policys_prior() -> None:
    member = PriorRate().fit(a_lesson())
    share = (the_table().y.sum() + 10 * 0.3) / (len(the_table()) + 10)
    np.testing.assert_allclose(member.probability(the_table().inputs.cells), share)


def test_rule_rates_are_the_smoothed_rates_of_the_cells() -> None:
    table, member = the_table(), RuleRates().fit(a_lesson())
    cell = np.bincount(table.inputs.cells).argmax()
    inside = table.inputs.cells == cell
    expected = (table.y[inside].sum() + 10 * member.base) / (inside.sum() + 10)
    assert member.probability(np.array([cell]))[0] == pytest.approx(expected)
