"""The interval: in nine of ten groups of a hundred like deals the share that turns out well lies within."""

import numpy as np
import pytest

from mlscore.scoring.model.calibration import sigmoid
from training.contest.calibrate import Part
from training.contest.spread import GROUP, spread_of


def answered(deals: int, *, off: float = 0.0, seed: int = 0) -> Part:
    """Return answers whose true log-odds lie about `off` away from them, alike for deals next to each other."""
    rng = np.random.default_rng(seed)
    z = np.sort(rng.normal(-0.5, 1.2, deals))
    astray = np.repeat(rng.normal(0, off, deals // GROUP + 1), GROUP)[:deals]
    return Part(z, (rng.random(deals) < sigmoid(z + astray)).astype(float))


def widths(part: Part, *, learned: float, at: tuple[float, ...] = (-2.0, 0.0, 2.0)) -> list[float]:
    spread = spread_of(part, learned=learned)
    return (np.interp(at, spread.at, spread.below) + np.interp(at, spread.at, spread.above)).tolist()


def covered(part: Part, later: Part, *, learned: float) -> float:
    """Return in how many groups of a hundred later deals the share lies in the interval of the group."""
    spread = spread_of(part, learned=learned)
    groups = np.split(np.argsort(later.log_odds), len(later.y) // GROUP)
    low, high = (
        np.array([sigmoid(z + way * np.interp(z, spread.at, side)).mean() for z in (later.log_odds[g] for g in groups)])
        for way, side in ((-1, spread.below), (1, spread.above))
    )
    share = np.array([later.y[group].mean() for group in groups])
    # Shares move in steps of one deal: half a step to either side is as near as a group of a hundred can tell.
    return float(((share >= low - 0.005) & (share <= high + 0.005)).mean())


@pytest.mark.parametrize("off", [0.0, 0.3, 0.6])
def test_nine_in_ten_groups_of_a_hundred_lie_within_however_far_the_model_is_off(off: float) -> None:
    found = [
        covered(answered(8_000, off=off, seed=seed), answered(20_000, off=off, seed=100 + seed), learned=8_000)
        for seed in range(10)
    ]
    assert np.mean(found) == pytest.approx(0.90, abs=0.04)


def test_the_further_groups_lie_from_what_was_said_the_wider_it_is() -> None:
    exact, off, far_off = (widths(answered(8_000, off=off), learned=8_000)[1] for off in (0.0, 0.4, 0.9))
    assert exact < off < far_off
    assert far_off > 1.5 * exact


def test_the_fewer_deals_were_learned_the_wider_it_is() -> None:
    none = Part(np.zeros(0), np.zeros(0))
    few, some, many = (widths(none, learned=learned)[1] for learned in (10, 100, 10_000))
    assert few > 1.3 * some > 1.3 * many
    assert many > 0


def test_few_answers_tell_little_of_a_model_and_what_was_learned_tells_the_rest() -> None:
    off_by_much = [answered(deals, off=1.5, seed=4) for deals in (40, 8_000)]
    few, many = (widths(part, learned=8_000)[1] for part in off_by_much)
    assert many > 1.3 * few


@pytest.mark.parametrize("deals", [0, 1, 19, 20, 39, 40, 250])
def test_any_number_of_answers_makes_an_interval(deals: int) -> None:
    spread = spread_of(answered(deals), learned=deals + 10)
    assert (np.diff(spread.at) > 0).all()
    for side in (spread.below, spread.above):
        assert np.isfinite(side).all()
        assert (side > 0).all()


def test_one_outcome_only_makes_an_interval_too() -> None:
    z = np.linspace(-3, 3, 400)
    for y in (np.zeros(400), np.ones(400)):
        assert np.isfinite(spread_of(Part(z, y), learned=410).below).all()


def test_in_probability_it_is_widest_for_an_even_chance() -> None:
    spread = spread_of(answered(8_000), learned=8_000)
    z = np.array([-4.0, 0.0, 4.0])
    low, high = sigmoid(z - np.interp(z, spread.at, spread.below)), sigmoid(z + np.interp(z, spread.at, spread.above))
    edge, middle, other = (high - low).tolist()
    assert middle > edge
    assert middle > other
