"""Calibration learns from answers given out of time, and only where that has helped on what came after."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.model import Knots, Sigmoid
from mlscore.scoring.model.calibration import sigmoid
from training.contest.calibrate import (
    CALIBRATION_ROWS_MIN,
    ISOTONIC_ROWS_MIN,
    Part,
    calibrate,
    errors_of_calibration,
    fit_isotonic,
    fit_sigmoid,
    is_beyond_chance,
    joined,
    slope_and_intercept,
)

UNCHANGED = Sigmoid()


def drawn(deals: int, *, slope: float = 1.0, intercept: float = 0.0, seed: int = 0) -> Part:
    """Return answers of a model whose log-odds should have been `slope` x its own + `intercept`."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, deals)
    return Part(z, (rng.random(deals) < sigmoid(slope * z + intercept)).astype(float))


def stepped(deals: int, *, seed: int = 3) -> Part:
    """Return answers that mean one of two chances, whatever they say."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, deals)
    return Part(z, (rng.random(deals) < np.where(z > 0, 0.7, 0.02)).astype(float))


def parts_of(*sizes: int, **how: float) -> list[Part]:
    return [drawn(size, seed=seed, **how) for seed, size in enumerate(sizes)]


def test_a_sigmoid_finds_the_slope_and_the_shift() -> None:
    fitted = fit_sigmoid(*drawn(20_000, slope=0.5, intercept=-0.4))
    assert fitted.slope == pytest.approx(0.5, abs=0.03)
    assert fitted.intercept == pytest.approx(-0.4, abs=0.05)


def test_a_few_answers_move_a_sigmoid_little() -> None:
    few, many = ([fit_sigmoid(*drawn(deals, slope=0.3, seed=s)).slope for s in range(20)] for deals in (20, 2_000))
    assert 0.9 > np.mean(few) > np.mean(many) + 0.1


def test_a_calibration_never_reverses_an_order() -> None:
    backwards = [drawn(500, slope=-2.0, seed=seed) for seed in range(5)]
    fitted = calibrate(backwards)
    assert fitted != UNCHANGED
    assert (np.diff(fitted(np.linspace(-4, 4, 50))) >= 0).all()
    assert fit_sigmoid(*backwards[0]).slope > 0


@given(seed=st.integers(0, 10**6), slope=st.floats(-3, 3), sizes=st.lists(st.integers(0, 700), max_size=5))
@settings(max_examples=30)
def test_whatever_was_answered_the_order_stays(seed, slope, sizes) -> None:
    fitted = calibrate([drawn(size, slope=slope, seed=seed + place) for place, size in enumerate(sizes)])
    said = fitted(np.linspace(-8, 8, 200))
    assert np.isfinite(said).all()
    assert (np.diff(said) >= -1e-12).all()


@pytest.mark.parametrize("y", [np.zeros(200), np.ones(200), np.array([1.0, 0.0])])
def test_too_few_answers_or_one_outcome_change_nothing(y) -> None:
    part = Part(np.linspace(-1, 1, len(y)), y)
    assert calibrate([part, part]) == UNCHANGED


def test_without_answers_or_with_one_part_alone_there_is_nothing_to_prove_it_on() -> None:
    assert calibrate([]) == UNCHANGED
    assert calibrate([drawn(5_000, slope=0.3)]) == UNCHANGED


def test_over_confident_answers_are_drawn_in() -> None:
    fitted = calibrate(parts_of(300, 300, 300, slope=0.4))
    assert isinstance(fitted, Sigmoid)
    assert fitted.slope == pytest.approx(0.4, abs=0.1)


def test_answers_that_mean_what_they_say_are_left_alone() -> None:
    changed = sum(calibrate([drawn(200, seed=10 * run + k) for k in range(4)]) != UNCHANGED for run in range(20))
    assert changed <= 5


@pytest.mark.parametrize(("deals", "is_followed"), [(50, False), (200_000, True)])
def test_a_gain_that_may_be_chance_changes_nothing(deals: int, is_followed: bool) -> None:
    """The past says seven in ten where even odds were given, and of what came after six in ten are good."""
    before = Part(np.zeros(100), np.repeat([0.0, 1.0], [30, 70]))
    after = Part(np.zeros(deals), np.repeat([0.0, 1.0], [4, 6]).repeat(deals // 10))
    assert (calibrate([before, after]) != UNCHANGED) == is_followed


def test_where_the_market_turns_every_time_the_past_misleads_and_nothing_is_changed() -> None:
    turning = [drawn(400, intercept=2.0 if place % 2 else -2.0, seed=place) for place in range(4)]
    assert fit_sigmoid(*joined(turning[:1])).intercept < -1
    assert calibrate(turning) == UNCHANGED


def test_a_shift_that_lasts_is_followed() -> None:
    fitted = calibrate(parts_of(300, 300, 300, intercept=-1.5))
    assert fitted != UNCHANGED
    assert sigmoid(fitted(np.array([0.0])))[0] == pytest.approx(sigmoid(np.array([-1.5]))[0], abs=0.05)


def test_isotonic_needs_a_thousand_answers_and_must_win() -> None:
    def of(size: int, how) -> object:
        return calibrate([how(size // 3, seed=seed) for seed in range(3)])

    assert isinstance(of(ISOTONIC_ROWS_MIN * 6, stepped), Knots)
    assert isinstance(of(ISOTONIC_ROWS_MIN - 1, stepped), Sigmoid)
    assert isinstance(of(ISOTONIC_ROWS_MIN * 6, drawn), Sigmoid)


def test_the_whole_past_is_learned_from_not_the_newest_part_alone() -> None:
    old, new = drawn(700, slope=0.3, seed=1), drawn(100, slope=0.3, seed=2)
    fitted = calibrate([old, new, new])
    assert isinstance(fitted, Sigmoid)
    assert fitted == fit_sigmoid(*joined([old, new, new]))


def test_twenty_answers_are_the_fewest_a_sigmoid_learns_from() -> None:
    few = [drawn(CALIBRATION_ROWS_MIN - 1, slope=-1.0), drawn(500, slope=0.1, seed=1)]
    enough = [drawn(CALIBRATION_ROWS_MIN * 5, slope=0.1), drawn(500, slope=0.1, seed=1)]
    assert calibrate(few) == UNCHANGED
    assert calibrate(enough) != UNCHANGED


def test_an_isotonic_map_is_never_certain() -> None:
    z = np.linspace(-3, 3, 1500)
    answers = sigmoid(fit_isotonic(z, (z > 0).astype(float))(z))
    assert 0 < answers.min() < 0.001
    assert 0.999 < answers.max() < 1


def test_calibration_is_measured_as_slope_and_as_shift_in_the_large() -> None:
    z, y = drawn(20_000)
    assert slope_and_intercept(z, y) == pytest.approx((1.0, 0.0), abs=0.05)
    assert slope_and_intercept(4 * z, y)[0] == pytest.approx(0.25, abs=0.02)
    assert slope_and_intercept(z + 0.8, y)[1] == pytest.approx(-0.8, abs=0.05)


@pytest.mark.parametrize(
    ("gain", "told"),
    [
        (np.zeros(0), False),
        (np.array([1.0]), False),
        (np.array([1.0, 1.0]), True),
        (np.array([-1.0, -1.0]), False),
        (np.zeros(50), False),
        (np.tile([3.0, -2.9], 8), False),
        (np.tile([3.0, -2.9], 8_000), True),
    ],
)
def test_a_gain_is_beyond_chance_when_it_is_more_than_a_standard_error(gain, told) -> None:
    assert bool(is_beyond_chance(gain)) is told


def test_parts_joined_are_all_their_answers() -> None:
    first, second = drawn(3), drawn(2, seed=1)
    assert joined([first, second]).log_odds.tolist() == [*first.log_odds, *second.log_odds]
    assert joined([first, second]).y.tolist() == [*first.y, *second.y]
    assert [len(column) for column in joined([])] == [0, 0]


def test_the_errors_of_calibration_are_how_far_right_probabilities_scatter() -> None:
    rng = np.random.default_rng(5)
    z = rng.normal(0.0, 1.0, 200)
    drawn = [slope_and_intercept(z, (rng.random(len(z)) < sigmoid(z)).astype(float)) for _ in range(400)]
    assert errors_of_calibration(z) == pytest.approx(np.std(drawn, axis=0), rel=0.15)
    assert errors_of_calibration(np.zeros(9))[0] == np.inf
