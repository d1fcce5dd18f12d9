"""Members and calibration: rates, weights, and maps that never reverse an order."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.model import Inputs, Knots, Linear, Rates, Sigmoid
from mlscore.scoring.model.calibration import NEVER_SURE, logit, sigmoid
from mlscore.scoring.verdict import CELLS

LOG_ODDS = st.lists(st.floats(-50, 50), min_size=2, max_size=30).map(lambda drawn: np.array(sorted(drawn)))
LINEAR = Linear(
    intercept=0.5,
    center=np.array([10.0, 0.0]),
    scale=np.array([2.0, 1.0]),
    weight=np.array([0.3, 0.0]),
    unknown_weight=np.array([-0.2, 0.7]),
    level_weights=np.array([[0.0, 0.0, 0.0], [0.1, -0.4, 0.9]]),
)


def inputs(matrix: list[list[float]], cells: list[int] | None = None) -> Inputs:
    return Inputs(matrix=np.array(matrix, dtype=float), cells=np.array(cells or [0] * len(matrix), dtype=np.intp))


def rates(cell: int, *, deals: float, positives: float) -> Rates:
    counted, hits = np.zeros(CELLS), np.zeros(CELLS)
    counted[cell], hits[cell] = deals, positives
    return Rates(deals=counted, positives=hits, base=0.3, worth=10.0)


@st.composite
def knots(draw: st.DrawFn) -> Knots:
    # Corners closer than any answers ever are would overflow the slope between them.
    places = st.integers(-10_000, 10_000).map(lambda thousandths: thousandths / 1000)
    at = sorted(draw(st.lists(places, min_size=1, max_size=8, unique=True)))
    value = sorted(draw(st.lists(st.floats(-10, 10), min_size=len(at), max_size=len(at))))
    return Knots(at=np.array(at), value=np.array(value))


@given(z=LOG_ODDS, calibration=knots())
def test_corners_never_reverse_an_order(z, calibration):
    calibrated = calibration(z)
    rounding = 1e-12  # between two corners the last bits may differ
    assert (np.diff(calibrated) >= -rounding).all()
    assert calibrated.min() >= calibration.value[0] - rounding
    assert calibrated.max() <= calibration.value[-1] + rounding


@given(z=LOG_ODDS, slope=st.floats(0, 5), intercept=st.floats(-5, 5))
def test_platt_scaling_never_reverses_an_order(z, slope, intercept):
    assert (np.diff(Sigmoid(slope=slope, intercept=intercept)(z)) >= 0).all()


@given(z=LOG_ODDS)
def test_a_probability_rises_with_its_log_odds_and_stays_between_0_and_1(z):
    probability = sigmoid(z)
    assert (np.diff(probability) >= 0).all()
    assert ((probability > 0) & (probability <= 1)).all()


@given(p=st.floats(NEVER_SURE, 1 - NEVER_SURE))
def test_log_odds_and_probability_are_inverses(p):
    assert sigmoid(logit(np.array([p])))[0] == pytest.approx(p)


def test_the_log_odds_of_a_certainty_are_finite():
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()


def test_a_rate_moves_from_the_base_to_the_history_as_deals_close():
    seen = [rates(5, deals=n, positives=n).probability(np.array([5]))[0] for n in (0, 1, 10, 1_000)]
    assert seen[0] == pytest.approx(0.3)
    assert seen == sorted(set(seen))
    assert seen[2] == pytest.approx((10 + 3) / 20)
    assert seen[-1] > 0.99


def test_a_cell_never_seen_has_the_base_rate():
    assert rates(5, deals=500, positives=500).probability(np.array([6]))[0] == pytest.approx(0.3)


def test_a_rate_is_put_down_to_the_rules_whole():
    member = rates(5, deals=40, positives=30)
    given_inputs = inputs([[1.0, np.nan], [2.0, 0.0]], [5, 6])
    parts = member.contributions(given_inputs)
    assert parts.sum(axis=1) == pytest.approx(member.log_odds(given_inputs))
    assert np.count_nonzero(parts[:, :-2]) == 0
    assert parts[1, -2] == pytest.approx(0.0)


def test_a_linear_member_adds_numbers_levels_and_the_unknown():
    said = LINEAR.log_odds(inputs([[12.0, 2.0], [10.0, 0.0], [np.nan, 1.0], [8.0, np.nan]]))
    assert said == pytest.approx([0.5 + 0.3 + 0.9, 0.5 + 0.1, 0.5 - 0.2 - 0.4, 0.5 - 0.3 + 0.7])


def test_a_linear_member_s_parts_are_its_contributions():
    given_inputs = inputs([[12.0, 2.0], [np.nan, np.nan]])
    parts = LINEAR.contributions(given_inputs)
    assert parts.tolist() == [pytest.approx([0.3, 0.9, 0.0, 0.5]), pytest.approx([-0.2, 0.7, 0.0, 0.5])]
    assert parts.sum(axis=1) == pytest.approx(LINEAR.log_odds(given_inputs))


BENT = replace(
    LINEAR,
    knots=np.array([[-1.0, 0.5], [np.inf, np.inf]]),
    bends=np.array([[0.4, -0.9], [0.0, 0.0]]),
    reach=3.0,
)


@pytest.mark.parametrize(
    ("steam", "expected"),
    [
        (6.0, -2 * 0.3),
        (8.0, -1 * 0.3),
        (10.0, 1 * 0.4),
        (11.0, 0.5 * 0.3 + 1.5 * 0.4),
        (14.0, 2 * 0.3 + 3 * 0.4 - 1.5 * 0.9),
        (16.0, 3 * 0.3 + 4 * 0.4 - 2.5 * 0.9),
        (1e9, 3 * 0.3 + 4 * 0.4 - 2.5 * 0.9),
        (-1e9, -3 * 0.3),
    ],
)
def test_a_line_bends_at_its_knots_and_says_no_more_beyond_its_reach(steam, expected):
    given_inputs = inputs([[steam, 0.0]])
    assert BENT.log_odds(given_inputs) == pytest.approx([0.5 + 0.1 + expected])
    assert BENT.contributions(given_inputs)[0] == pytest.approx([expected, 0.1, 0.0, 0.5])


def test_a_bent_line_says_nothing_of_an_unknown_number_but_that_it_is_unknown():
    assert BENT.log_odds(inputs([[np.nan, np.nan]])) == LINEAR.log_odds(inputs([[np.nan, np.nan]]))


@given(steam=st.floats(0, 30), step=st.floats(0, 1e-6))
def test_a_bent_line_never_jumps(steam, step):
    before, after = (BENT.log_odds(inputs([[at, 0.0]]))[0] for at in (steam, steam + step))
    assert abs(after - before) <= 2.0 * step + 1e-12


def test_no_deals_have_no_log_odds():
    none = Inputs(matrix=np.empty((0, 2)), cells=np.array([], dtype=np.intp))
    assert LINEAR.log_odds(none).shape == (0,)
    assert LINEAR.contributions(none).shape == (0, 4)
