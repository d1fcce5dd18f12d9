"""Calibration learns from answers given out of time; the interval says how far it may be off."""

import numpy as np
import pytest

from mlscore.scoring.model import Knots, Sigmoid
from mlscore.scoring.model.calibration import sigmoid
from tests.training.histories import a_history, a_table
from training.contest.calibrate import calibrate, fit_isotonic, fit_sigmoid, slope_and_intercept, spread_of
from training.estimators import Logistic, RuleRates


def drawn(deals, *, slope=1.0, intercept=0.0, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, deals)
    return z, (rng.random(deals) < sigmoid(slope * z + intercept)).astype(float)


def test_a_sigmoid_finds_the_slope_and_the_shift() -> None:
    fitted = fit_sigmoid(*drawn(20_000, slope=0.5, intercept=-0.4))
    assert fitted.slope == pytest.approx(0.5, abs=0.03)
    assert fitted.intercept == pytest.approx(-0.4, abs=0.05)


def test_a_calibration_never_reverses_an_order() -> None:
    z, y = drawn(500, slope=-2.0)
    assert fit_sigmoid(z, y).slope > 0
    assert (np.diff(fit_isotonic(np.sort(z), y)(np.linspace(-4, 4, 50))) >= 0).all()


@pytest.mark.parametrize("y", [np.zeros(200), np.ones(200), np.array([1.0, 0.0])])
def test_too_few_answers_or_one_outcome_change_nothing(y) -> None:
    assert calibrate(np.linspace(-1, 1, len(y)), y) == Sigmoid()


def stepped(deals):
    rng = np.random.default_rng(3)
    z = rng.normal(0, 1.5, deals)
    return z, (rng.random(deals) < np.where(z > 0, 0.7, 0.02)).astype(float)


def test_isotonic_needs_a_thousand_answers_and_must_win() -> None:
    assert isinstance(calibrate(*stepped(999)), Sigmoid)
    assert isinstance(calibrate(*stepped(4000)), Knots)
    assert isinstance(calibrate(*drawn(4000)), Sigmoid)


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


def test_the_interval_is_wider_the_fewer_deals_there_are() -> None:
    widths = []
    for deals in (60, 600):
        table = a_table(a_history(deals))
        spread = spread_of(RuleRates(), table, np.arange(deals), held_out=(np.zeros(0), np.zeros(0)), seed=1)
        assert (np.diff(spread.at) > 0).all()
        assert (spread.below > 0).all()
        assert (spread.above > 0).all()
        widths.append(float((spread.below + spread.above).mean()))
    assert widths[0] > 1.5 * widths[1]


def test_the_interval_is_the_same_for_the_same_seed() -> None:
    table = a_table(a_history(200))
    first, second = (spread_of(Logistic(), table, np.arange(200), held_out=drawn(80), seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.below, second.below)
    np.testing.assert_array_equal(first.at, second.at)


def test_one_deal_has_an_interval() -> None:
    table = a_table(a_history(1))
    spread = spread_of(RuleRates(), table, np.arange(1), held_out=(np.zeros(0), np.zeros(0)), seed=1)
    assert np.isfinite(spread.below).all()
