"""Two questions instead of one: is the deal won, and does it then bring enough."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.model import Inputs, Staged
from mlscore.scoring.model.calibration import sigmoid
from tests.builders import a_policy
from tests.training.histories import a_closed_deal, a_history, a_table
from training.estimators import Lesson, Logistic, RandomTrees, SmallTrees
from training.estimators.stages import can_stage

STAGED = [Logistic(), SmallTrees(seed=1, threads=1), RandomTrees(seed=1, threads=1)]
TABLE = a_table(a_history(300))


def lesson_of(table) -> Lesson:
    return Lesson.of(table, np.arange(len(table)))


def small_wins(count: int):
    """Return 60 deals of which 30 were won, `count` of these below the floor."""
    return a_table(
        [
            a_closed_deal(f"D-{n}", day=n, won=n % 2 > 0, profit=100 if n // 2 < count else 9_000, amount=n)
            for n in range(60)
        ]
    )


@pytest.mark.parametrize(("count", "told"), [(0, False), (4, False), (5, True), (25, True), (26, False)])
def test_both_questions_need_answers_of_both_kinds(count: int, told: bool) -> None:
    assert can_stage(lesson_of(small_wins(count))) is told


def test_where_the_label_is_winning_there_is_one_question() -> None:
    assert can_stage(lesson_of(TABLE))
    won = a_table(a_history(300), a_policy(training={"label": "won"}))
    assert not can_stage(lesson_of(won))
    for candidate in STAGED:
        assert not isinstance(candidate.fit(lesson_of(won)), Staged)


@pytest.mark.parametrize("candidate", STAGED, ids=lambda one: one.name)
def test_winning_is_learned_from_every_deal_and_bringing_enough_from_those_won(candidate) -> None:
    member = candidate.fit(lesson_of(TABLE))
    assert isinstance(member, Staged)
    won = np.flatnonzero(TABLE.won)
    assert sigmoid(member.won.log_odds(TABLE.inputs)).mean() == pytest.approx(TABLE.won.mean(), abs=0.05)
    among_won = Inputs(TABLE.inputs.matrix[won], TABLE.inputs.cells[won])
    assert sigmoid(member.enough.log_odds(among_won)).mean() == pytest.approx(TABLE.y[won].mean(), abs=0.05)


@pytest.mark.parametrize("candidate", STAGED, ids=lambda one: one.name)
def test_what_a_lost_deal_was_like_says_nothing_of_what_a_won_one_brings(candidate) -> None:
    scrambled = TABLE.inputs.matrix.copy()
    lost = np.flatnonzero(~TABLE.won)
    rng = np.random.default_rng(0)
    scrambled[lost] = np.column_stack([rng.permutation(column) for column in scrambled[lost].T])
    changed = replace(TABLE, inputs=Inputs(scrambled, TABLE.inputs.cells))
    plain, other = (candidate.fit(lesson_of(table)) for table in (TABLE, changed))
    np.testing.assert_array_equal(plain.enough.log_odds(TABLE.inputs), other.enough.log_odds(TABLE.inputs))
    assert not np.array_equal(plain.won.log_odds(TABLE.inputs), other.won.log_odds(TABLE.inputs))


@pytest.mark.parametrize("candidate", STAGED, ids=lambda one: one.name)
def test_each_question_is_answered_by_the_facts_that_settle_it(candidate) -> None:
    """Whether a deal is won hangs on its budget, whether it pays on its amount; neither stage mixes them up."""
    rng = np.random.default_rng(5)
    budget, large = rng.random(400) < 0.5, rng.random(400) < 0.5
    history = [
        a_closed_deal(
            f"D-{n}",
            day=n,
            won=bool(rng.random() < (0.9 if budget[n] else 0.3)),
            profit=9_000 if rng.random() < (0.9 if large[n] else 0.1) else 900,
            budget_allocated=bool(budget[n]),
            amount=int(rng.integers(3_000_000, 9_000_000) if large[n] else rng.integers(500_000, 2_000_000)),
        )
        for n in range(400)
    ]
    table = a_table(history)
    member = candidate.fit(lesson_of(table))
    won, enough = (sigmoid(stage.log_odds(table.inputs)) for stage in (member.won, member.enough))
    assert won[budget].mean() - won[~budget].mean() > 0.3 > abs(won[large].mean() - won[~large].mean())
    assert enough[large].mean() - enough[~large].mean() > 0.3 > abs(enough[budget].mean() - enough[~budget].mean())


def test_trees_may_be_asked_the_one_question_at_once() -> None:
    assert not isinstance(SmallTrees(seed=1, threads=1, is_whole=True).fit(lesson_of(TABLE)), Staged)
