"""The blend: members weighed by what they lost out of time, held even where few deals have been answered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.comparison import log_loss
from mlscore.scoring.model.calibration import sigmoid
from training.contest.blend import LEAST_WEIGHT, RANDOM, WHOLE, even_weights, weigh

EVEN = np.array([0.5, 0.5])


def good_and_bad(deals: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers of a member that knows the chances and of one that guesses, and what became of the deals."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 2, deals)
    return np.column_stack([true, rng.normal(0, 1, deals)]), (rng.random(deals) < sigmoid(true)).astype(float)


@given(
    deals=st.integers(0, 400),
    members=st.integers(1, 4),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([0.0, 0.5, 4.0, 60.0]),
)
@settings(max_examples=60)
def test_weights_are_never_below_nothing_and_add_up_to_one(deals, members, seed, scale) -> None:
    rng = np.random.default_rng(seed)
    raw, y = rng.normal(0, 1, (deals, members)) * scale, (rng.random(deals) < 0.4).astype(float)
    weights = weigh(raw, y, start=np.full(members, 1 / members))
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert ((weights == 0) | (weights >= LEAST_WEIGHT * 0.99)).all()


def test_with_many_answers_the_better_member_has_the_say() -> None:
    weights = weigh(*good_and_bad(3_000), start=EVEN)
    assert weights[0] > 0.85


def test_with_few_answers_the_weights_stay_near_even() -> None:
    weights = weigh(*good_and_bad(15), start=EVEN)
    assert weights == pytest.approx(EVEN, abs=0.25)


def test_the_more_answers_the_further_from_even() -> None:
    moved = [weigh(*good_and_bad(deals, seed=3), start=EVEN)[0] for deals in (12, 60, 300, 3_000)]
    assert moved == sorted(moved)
    assert 0.5 < moved[0] < moved[-1]


@pytest.mark.parametrize("y", [np.zeros(0), np.zeros(30), np.ones(30)])
def test_where_nothing_or_one_outcome_was_seen_the_weights_are_even(y) -> None:
    raw = np.random.default_rng(0).normal(size=(len(y), 2))
    assert weigh(raw, y, start=EVEN).tolist() == EVEN.tolist()


def test_a_member_that_says_next_to_nothing_is_left_out() -> None:
    raw, y = good_and_bad(3_000)
    weights = weigh(np.column_stack([raw, -raw[:, 0]]), y, start=np.full(3, 1 / 3))
    assert weights[2] == 0.0
    assert weights[0] > 0.9


def test_two_members_that_err_apart_are_better_together() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(0, 1.5, 4_000)
    raw = np.column_stack([true + rng.normal(0, 1, 4_000) for _ in range(2)])
    y = (rng.random(4_000) < sigmoid(true)).astype(float)
    weights = weigh(raw, y, start=np.array([1.0, 0.0]))
    assert weights == pytest.approx([0.5, 0.5], abs=0.15)
    assert log_loss(y > 0, sigmoid(raw @ weights)) < min(log_loss(y > 0, sigmoid(raw[:, m])) for m in (0, 1))


NAMES = ("logistic", "lightgbm", WHOLE, RANDOM)


@pytest.mark.parametrize("names", [NAMES, tuple(name for name in NAMES if name != WHOLE)])
@pytest.mark.parametrize("learned", [0, 100, 10**6])
def test_even_weights_are_even_among_those_who_have_a_part(names, learned) -> None:
    weights = even_weights(names, learned=learned)
    assert weights.sum() == pytest.approx(1.0)
    assert len(set(weights[weights > 0].tolist())) == 1
    assert weights[names.index("logistic")] > 0


def test_with_many_deals_the_one_question_at_once_takes_the_place_of_the_random_trees() -> None:
    few, many = (dict(zip(NAMES, even_weights(NAMES, learned=n).tolist(), strict=True)) for n in (100, 10**6))
    assert (few[WHOLE], many[RANDOM]) == (0.0, 0.0)
    assert few[RANDOM] == many[WHOLE] > 0
    without = [name for name in NAMES if name != WHOLE]
    assert even_weights(without, learned=10**6)[without.index(RANDOM)] > 0
