"""The contest judges nobody by what it could not have known, and what it serves is what it was judged by."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from mlscore.ports import ScoredOutcome
from mlscore.scoring.verdict import judge
from tests.training.histories import a_closed_deal, a_history, a_table, turning, undated, with_outcomes_turned
from training.contest import Contest, Round, Setting, hold
from training.contest.holding import field_of, finish, parts_before, play
from training.dataset import Table
from training.estimators import BLENDED, candidates
from training.evaluate import figures_of, money_rank, worked_of
from training.split import Fold, Plan, Turn, plan

SETTING = Setting(seed=1, threads=1)
TRACKING = replace(SETTING, is_tracked=True, half_life_days=90.0)


def held(table: Table, **how: object) -> tuple[Plan, Contest]:
    folds = plan(table, **how)
    return folds, hold(table, folds, SETTING)


@cache
def of_three_hundred() -> tuple[Table, Plan, Contest]:
    table = a_table(a_history(300))
    return (table, *held(table))


UNDATED = undated(a_history(64))


@cache
def of_undated() -> tuple[Table, Plan, Contest, list[str]]:
    """Return a contest of two repeats of two folds, and what was told of it."""
    table, told = a_table(UNDATED), list[str]()
    folds = plan(table, grouped=(2, 2))
    return table, folds, hold(table, folds, SETTING, progress=told.append), told


def answered(table: Table, turn: Turn, setting: Setting, *, by_time: bool = True, is_all: bool = False) -> Round:
    """Return the answers to every fold of a turn under one setting."""
    return play(table, turn, field_of(table, is_all=is_all), (setting,) * len(turn), by_time=by_time)


def differing(one: Round, other: Round, rows: np.ndarray) -> list[str]:
    """Name the answers to some rows that are not the same to the last bit."""
    names = ("service", "low", "high", "expected_profit", "abstained")
    columns = {name: (getattr(one, name), getattr(other, name)) for name in names}
    columns |= {f"raw {name}": (one.raw[name], other.raw[name]) for name in one.raw}
    columns |= {f"calibrated {name}": (one.log_odds[name], other.log_odds[name]) for name in one.log_odds}
    return [name for name, (a, b) in columns.items() if a[rows].tobytes() != b[rows].tobytes()]


def with_slow_ends(history: Sequence[ScoredOutcome]) -> list[ScoredOutcome]:
    """Return the history with every twelfth deal ending four months later than it did."""
    slow = []
    for number, one in enumerate(history):
        ended = one.outcome.closed_at + timedelta(days=120 if number % 12 == 0 else 0)
        slow.append(replace(one, outcome=replace(one.outcome, closed_at=ended, known_at=ended)))
    return slow


def turned(history: Sequence[ScoredOutcome], table: Table, *, after: float) -> Table:
    """Return the table as it would be had everything known after a moment ended the other way."""
    return a_table(with_outcomes_turned(history, np.flatnonzero(table.known_at > after).tolist()))


@pytest.mark.parametrize("setting", [SETTING, replace(SETTING, half_life_days=60.0)], ids=["even", "fading"])
def test_no_answer_to_a_fold_depends_on_an_outcome_unknown_when_it_starts(setting: Setting) -> None:
    history = with_slow_ends(a_history(260, seed=3))
    table = a_table(history)
    turn = plan(table).finale
    before = answered(table, turn, setting)
    for place, fold in enumerate(turn):
        other = turned(history, table, after=fold.start)
        assert (other.y != table.y).any()
        after = answered(other, turn[: place + 1], setting)
        assert differing(before, after, fold.answer) == []
        assert np.isfinite(before.service[fold.answer]).all()


def test_with_track_records_an_answer_depends_on_nothing_known_after_the_deal_itself_was_scored() -> None:
    history = a_history(260, seed=3)
    table = a_table(history)
    turn = plan(table).finale
    before = answered(table, turn, TRACKING)
    for place, fold in enumerate(turn):
        last = float(table.as_of[fold.answer].max())
        after = answered(turned(history, table, after=last), turn[: place + 1], TRACKING)
        assert differing(before, after, fold.answer) == []


def test_what_was_known_when_a_fold_starts_does_move_its_answers() -> None:
    history = a_history(260, seed=3)
    table = a_table(history)
    turn = plan(table).finale
    [before, after] = [answered(t, turn, SETTING) for t in (table, turned(history, table, after=0))]
    assert "service" in differing(before, after, turn[-1].answer)
    assert "raw lightgbm" in differing(before, after, turn[-1].answer)


def test_through_the_whole_contest_no_answer_depends_on_an_outcome_unknown_when_its_deal_was_scored() -> None:
    """Nor do setting, weights, calibration, interval and money, and a thin test is judged with folds before it."""
    history = with_slow_ends(turning(640))
    table = a_table(history)
    folds, before = held(table)
    assert before.setting.is_tracked
    assert len(folds.judged) > len(folds.finale[-1].answer)
    for fold in folds.finale[-2:]:
        last = float(table.as_of[fold.answer].max())
        _, after = held(turned(history, table, after=last))
        assert differing(before.rounds[0], after.rounds[0], fold.answer) == []


def test_a_level_first_met_in_a_fold_is_unknown_to_who_answers_it() -> None:
    history = a_history(300, seed=3)
    [*_, test] = plan(a_table(history)).finale
    new = [
        replace(one, receipt=replace(one.receipt, deal=replace(one.deal, region="Atlantis")))
        if row in test.answer
        else one
        for row, one in enumerate(history)
    ]
    none = [
        replace(one, receipt=replace(one.receipt, deal=replace(one.deal, region=None))) if row in test.answer else one
        for row, one in enumerate(history)
    ]
    tables = [a_table(one) for one in (new, none)]
    [met, unknown] = [answered(one, plan(one).finale, SETTING) for one in tables]
    assert "Atlantis" in tables[0].vocabularies["region"]
    for name, raw in met.raw.items():
        np.testing.assert_allclose(raw[test.answer], unknown.raw[name][test.answer], rtol=1e-12)


def test_where_nothing_is_dated_the_outcomes_of_a_fold_move_no_answer_to_it() -> None:
    _, folds, before, _ = of_undated()
    for turn in folds.repeats[0]:
        other = a_table(with_outcomes_turned(UNDATED, turn[-1].answer.tolist()))
        after = answered(other, turn, SETTING, by_time=False, is_all=True)
        assert differing(before.rounds[0], after, turn[-1].answer) == []


def test_an_earlier_fold_may_be_judged_once_nine_in_ten_of_its_like_have_closed() -> None:
    table, folds, _ = of_three_hundred()
    turn = folds.finale
    for place, fold in enumerate(turn):
        parts = parts_before(table, turn, place, by_time=True)
        rows = np.concatenate([np.zeros(0, dtype=np.intp), *parts])
        assert (table.known_at[rows] <= fold.start).all()
        assert len(parts) <= place
        if place == len(turn) - 1:
            assert len(rows) > 50
            assert (table.as_of[rows] < fold.start - 20 * 86_400).all()


def test_the_model_put_together_answers_as_the_last_fold_does() -> None:
    """What is served has been judged: the same members, weights, calibration, interval and money."""
    for setting in (SETTING, TRACKING):
        table, folds, _ = of_three_hundred()
        never_answered = folds.finale[0].learn[:40]
        every = Fold(np.arange(len(table)), never_answered, start=np.inf, is_test=True)
        judged = answered(table, (*folds.finale, every), setting)
        first = answered(table, folds.finale, setting)
        model, weights = finish(table, folds, first, setting)
        deals = table.deals.select(never_answered)
        said = replace(model, why_unapproved=None).answers(deals, judged=judge(deals, table.policy))
        low, high = said.interval
        for ours, theirs in (
            (said.log_odds, judged.service),
            (low, judged.low),
            (high, judged.high),
            (said.expected_profit, judged.expected_profit),
            (said.abstains, judged.abstained),
        ):
            np.testing.assert_array_equal(ours, theirs[never_answered])
        assert set(weights) <= set(BLENDED)


def test_every_judged_deal_is_answered_and_none_before_the_first_origin() -> None:
    _, folds, contest = of_three_hundred()
    [round_] = contest.rounds
    for column in (round_.service, round_.low, round_.high, round_.expected_profit, *round_.log_odds.values()):
        assert np.isfinite(column[folds.judged]).all()
        assert np.isnan(column[: len(folds.finale[0].learn)]).all()
    assert (round_.low[folds.judged] <= round_.probability()[folds.judged]).all()
    assert (round_.probability()[folds.judged] <= round_.high[folds.judged]).all()


def test_progress_is_told_fold_by_fold() -> None:
    table = a_table(a_history(120))
    told: list[str] = []
    folds = plan(table)
    hold(table, folds, SETTING, progress=told.append)
    assert len([said for said in told if said.startswith("fold ")]) == len(folds.finale)
    assert told[0].startswith("setting: track records not read")
    *_, of_repeats = of_undated()
    assert [said for said in of_repeats if said.startswith("repeat 2")] == [
        f"repeat 2 of 2, fold {fold} of 2" for fold in (1, 2)
    ]


def test_the_same_seed_holds_the_same_contest() -> None:
    table, folds, contest = of_three_hundred()
    again = hold(table, folds, SETTING)
    assert differing(contest.rounds[0], again.rounds[0], np.arange(len(table))) == []
    assert contest.weights == again.weights


def test_a_round_takes_answers_to_the_rows_it_asks_for() -> None:
    table, folds, contest = of_three_hundred()
    [round_], rows = contest.rounds, folds.judged[:5]
    taken = Round.empty(len(table), list(round_.raw))
    taken.take(rows, round_)
    assert differing(taken, round_, rows) == []
    assert np.isnan(np.delete(taken.service, rows)).all()


SMALLEST = {
    "one deal": a_history(1),
    "thirty": a_history(30),
    "thirty undated": undated(a_history(30)),
    "one outcome only": [a_closed_deal(f"D-{n}", day=n) for n in range(50)],
    "deals alike": [a_closed_deal(f"D-{n}", day=n, won=n % 2 > 0) for n in range(60)],
    "won or lost": [a_closed_deal(f"D-{n}", day=n, won=n % 3 > 0, profit=None, amount=n) for n in range(80)],
}


@pytest.mark.parametrize("history", SMALLEST.values(), ids=SMALLEST)
def test_the_smallest_histories_are_measured(history) -> None:
    table = a_table(history)
    folds, contest = held(table)
    entrants = candidates(table, seed=1, threads=1)
    figures = figures_of(table, folds.judged, contest.rounds)
    assert [f.scorer for f in figures] == ["rules", *(e.name for e in entrants), "service"]
    assert np.isfinite(contest.model.answers(table.deals, judged=table.judged).probability).all()


def test_rules_are_ranked_without_a_probability_and_candidates_have_all_figures() -> None:
    table, folds, contest = of_three_hundred()
    rules, *others = figures_of(table, folds.judged, contest.rounds)
    assert (rules.log_loss, rules.brier, rules.ece) == (None, None, None)
    assert rules.auc > 0.5
    for figures in others:
        assert {"auc", "log_loss", "brier", "ece", "slope", "profit_captured"} <= figures.numbers().keys()


def test_what_is_served_beats_the_prior_rate_and_most_single_candidates() -> None:
    table, folds, contest = of_three_hundred()
    by_name = {f.scorer: f for f in figures_of(table, folds.judged, contest.rounds)}
    service = by_name.pop("service").log_loss
    assert service < by_name["prior_rate"].log_loss - 0.05
    assert service < np.median([f.log_loss for f in by_name.values() if f.log_loss is not None])


def test_the_service_ranks_by_money_where_profit_is_recorded() -> None:
    table, _, contest = of_three_hundred()
    [round_] = contest.rounds
    spoken = ~np.isnan(round_.service) & ~round_.abstained
    assert in_order(money_rank(table, round_)[spoken]) == in_order(round_.expected_profit[spoken])
    without = a_table(SMALLEST["won or lost"])
    [round_] = held(without)[1].rounds
    spoken = ~np.isnan(round_.service) & ~round_.abstained
    assert in_order(money_rank(without, round_)[spoken]) == in_order(round_.service[spoken])


def in_order(rank: np.ndarray) -> list[int]:
    """Return the deals from the lowest to the highest."""
    return np.argsort(rank, kind="stable").tolist()


def test_repeats_of_an_undated_history_are_averaged() -> None:
    table, folds, contest, _ = of_undated()
    assert len(contest.rounds) == 2
    assert all(np.isfinite(round_.service).all() for round_ in contest.rounds)
    alone = [figures_of(table, folds.judged, [round_])[-2].log_loss for round_ in contest.rounds]
    assert figures_of(table, folds.judged, contest.rounds)[-2].log_loss == pytest.approx(np.mean(alone))


def test_a_team_that_could_work_every_deal_is_asked_for_half() -> None:
    table = a_table(a_history(100))
    assert worked_of(table, np.arange(100)) == 50
