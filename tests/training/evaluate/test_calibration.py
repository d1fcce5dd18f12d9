"""Said against seen, in groups of like probability."""

import numpy as np
import pytest

from training.evaluate import calibration_groups, interval_groups, share_within


def test_deals_of_like_probability_stand_together() -> None:
    said = np.array([0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1])
    y = np.array([1, 0, 1, 0, 0, 0, 1, 1], dtype=bool)
    low, high = calibration_groups(y, said, groups=2)
    assert (low.deals, low.said, low.seen) == (4, pytest.approx(0.1), 0.25)
    assert (high.deals, high.said, high.seen) == (4, pytest.approx(0.9), 0.75)


def test_nine_shares_in_ten_of_honest_probabilities_lie_within_the_band() -> None:
    rng = np.random.default_rng(5)
    said = rng.uniform(0.05, 0.95, 20_000)
    groups = calibration_groups(rng.random(20_000) < said, said, groups=200)
    assert 0.87 < share_within(groups) < 0.97
    overconfident = np.where(said > 0.5, np.sqrt(said), said**2)
    assert share_within(calibration_groups(rng.random(20_000) < said, overconfident, groups=200)) < 0.5


def test_fewer_deals_than_groups_stand_alone() -> None:
    assert [g.deals for g in calibration_groups(np.array([True, False]), np.array([0.2, 0.8]))] == [1, 1]
    assert calibration_groups(np.zeros(0, dtype=bool), np.zeros(0)) == ()


def test_an_interval_is_judged_on_a_hundred_deals_at_once() -> None:
    said = np.repeat([0.3, 0.6], 100)
    y = np.concatenate([np.arange(100) < 35, np.arange(100) < 80])
    first, second = interval_groups(y, said, low=said - 0.1, high=said + 0.1)
    assert (first.deals, first.seen, first.low, first.high) == (100, 0.35, pytest.approx(0.2), pytest.approx(0.4))
    assert (first.is_within, second.is_within) == (True, False)
    assert share_within((first, second)) == 0.5


def test_of_fewer_than_a_hundred_deals_no_interval_can_be_judged() -> None:
    said = np.full(99, 0.5)
    groups = interval_groups(np.ones(99, dtype=bool), said, low=said, high=said)
    assert groups == ()
    assert share_within(groups) is None
