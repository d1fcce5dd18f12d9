"""A lesson: which rows, what became of every row, and what each weighs."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.training.histories import a_closed_deal, a_history, a_table, undated
from training.estimators import Lesson


def known_on(*days: float):
    """Return the table of deals whose outcomes became known on these days."""
    return a_table([a_closed_deal(f"D-{n}", day=n, days_to_close=day - n, amount=n) for n, day in enumerate(days)])


def test_without_a_half_life_every_deal_weighs_the_same() -> None:
    assert Lesson.of(known_on(5, 90, 400), np.arange(3)).weights.tolist() == [1.0, 1.0, 1.0]


def test_an_outcome_known_a_half_life_before_the_newest_weighs_half_of_it() -> None:
    lesson = Lesson.of(known_on(10, 190, 370), np.arange(3), half_life_days=180.0)
    assert lesson.weights / lesson.weights.max() == pytest.approx([0.25, 0.5, 1.0])


def test_fading_takes_no_weight_away_from_all_of_them_together() -> None:
    lesson = Lesson.of(known_on(10, 190, 370), np.arange(3), half_life_days=180.0)
    assert lesson.weights.mean() == pytest.approx(1.0)


def test_weights_go_by_the_newest_of_the_rows_learned_not_of_the_table() -> None:
    lesson = Lesson.of(known_on(10, 190, 370), np.array([1, 0]), half_life_days=180.0)
    assert lesson.weights / lesson.weights.max() == pytest.approx([1.0, 0.5])


def test_a_corrected_outcome_is_as_new_as_its_correction() -> None:
    first, second = a_closed_deal("D-1", day=0, days_to_close=10), a_closed_deal("D-2", day=1, days_to_close=9)
    corrected = replace(first, outcome=replace(first.outcome, known_at=first.outcome.known_at + timedelta(days=180)))
    lesson = Lesson.of(a_table([corrected, second]), np.arange(2), half_life_days=180.0)
    assert lesson.weights / lesson.weights.max() == pytest.approx([1.0, 0.5])


def test_undated_deals_all_weigh_the_same_whatever_the_half_life() -> None:
    table = a_table(undated(a_history(30)))
    assert (Lesson.of(table, np.arange(30), half_life_days=30.0).weights == 1.0).all()


def test_a_lesson_of_no_rows_is_thin_and_weighs_nothing() -> None:
    lesson = Lesson.of(a_table(a_history(9)), np.zeros(0, dtype=np.intp), half_life_days=30.0)
    assert (lesson.is_thin, lesson.weights.shape, lesson.y.shape) == (True, (0,), (0,))


@pytest.mark.parametrize(("won", "lost", "is_thin"), [(10, 10, False), (16, 3, True), (3, 16, True), (6, 6, True)])
def test_a_lesson_needs_enough_deals_of_both_kinds(won: int, lost: int, is_thin: bool) -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, won=n < won, amount=n) for n in range(won + lost)])
    assert Lesson.of(table, np.arange(len(table))).is_thin is is_thin


def test_another_question_may_be_asked_of_the_same_rows_or_of_some() -> None:
    table = a_table(a_history(60))
    lesson = Lesson.of(table, np.arange(10, 60), half_life_days=20.0)
    won = lesson.about(table.won)
    assert (won.rows is lesson.rows or won.rows.tolist() == lesson.rows.tolist(), won.y.tolist()) == (
        True,
        table.won[10:].astype(float).tolist(),
    )
    enough = lesson.about(table.y, among=table.won)
    assert enough.rows.tolist() == np.flatnonzero(table.won)[np.flatnonzero(table.won) >= 10].tolist()
    assert enough.weights.tolist() == lesson.weights[table.won[10:]].tolist()
    assert enough.y.tolist() == table.y[enough.rows].astype(float).tolist()
