"""PSI and KS, and how much of them chance alone gives."""

import numpy as np
import pytest

from training.watch.drift import OTHER, UNKNOWN, Column, drift_of, ks_of, psi_of

BINS = 10


def numbers(then, now) -> Column:
    return Column(fact="amount", then=np.asarray(then, dtype=float), now=np.asarray(now, dtype=float))


def levels(then: dict[str, int], now: dict[str, int]) -> Column:
    names = tuple({**then, **now})
    sides = [np.repeat(np.arange(float(len(names))), [side.get(n, 0) for n in names]) for side in (then, now)]
    return Column(fact="source", then=sides[0], now=sides[1], levels=names)


def test_the_same_shares_have_no_psi_whatever_their_number() -> None:
    psi, _, p = psi_of(np.array([200, 300, 500]), np.array([20, 30, 50]))
    assert psi < 0.001
    assert p > 0.99


def test_psi_is_the_sum_over_bins_of_the_change_of_share_times_that_of_its_logarithm() -> None:
    then, now = np.array([4000, 6000]), np.array([6000, 4000])
    psi, by_chance, p = psi_of(then, now)
    assert psi == pytest.approx(2 * 0.2 * np.log(1.5), rel=1e-3)
    assert by_chance == pytest.approx(1 / 10_000 + 1 / 10_000)
    assert p < 1e-100


@pytest.mark.parametrize(("then", "now"), [(1000, 60), (200, 200), (5000, 1000)])
def test_chance_gives_on_average_what_is_said_and_is_improbable_as_seldom_as_is_said(then, now) -> None:
    rng = np.random.default_rng(5)
    share = np.full(BINS, 1 / BINS)
    drawn = [psi_of(rng.multinomial(then, share), rng.multinomial(now, share)) for _ in range(2000)]
    psi, by_chance, p = (np.array(one) for one in zip(*drawn, strict=True))
    assert psi.mean() == pytest.approx(by_chance[0], rel=0.1)
    assert 0.03 < (p < 0.05).mean() < 0.08
    assert (p < 0.001).mean() < 0.005


def test_a_bin_that_is_empty_on_one_side_gives_a_finite_psi() -> None:
    psi, _, _ = psi_of(np.array([500, 500, 0]), np.array([50, 40, 10]))
    assert 0.1 < psi < 1


def test_one_bin_alone_cannot_drift() -> None:
    assert psi_of(np.array([300]), np.array([20])) == (0.0, 0.0, 1.0)


def test_ks_is_the_largest_distance_of_known_values() -> None:
    then, now = np.append(np.arange(100.0), np.nan), np.append(np.arange(100.0) + 30, np.nan)
    distance, p = ks_of(then, now)
    assert distance == pytest.approx(0.3)
    assert p < 0.001


def test_ks_says_nothing_of_a_few_values() -> None:
    assert ks_of(np.arange(100.0), np.append(np.arange(19.0), np.full(80, np.nan))) == (None, None)


def test_a_number_is_compared_by_deciles_of_what_was_and_the_unknown_apart() -> None:
    then = np.append(np.arange(900.0), np.full(100, np.nan))
    drift = drift_of(numbers(then, np.append(np.arange(450.0), np.full(450, np.nan))))
    assert (drift.unknown_then, drift.unknown_now) == (0.1, 0.5)
    assert drift.moved == f"{UNKNOWN} 10% -> 50%"
    assert drift.psi_by_chance == pytest.approx(10 * (1 / 1000 + 1 / 900))
    assert drift.ks == pytest.approx(0.5)


def test_a_number_of_few_values_has_as_many_bins_as_it_has_values() -> None:
    drift = drift_of(numbers([0] * 500 + [1] * 300 + [2] * 200, [0] * 50 + [1] * 30 + [2] * 20))
    assert drift.psi_by_chance == pytest.approx(2 * (1 / 1000 + 1 / 100))
    assert drift.psi < 0.001


def test_a_number_says_how_its_middle_has_moved() -> None:
    assert drift_of(numbers(np.full(500, 2.04), np.full(500, 3.1))).moved == "median 2.04 -> 3.1"
    assert drift_of(numbers(np.full(500, 41_000.0), np.full(500, 52_000.0))).moved == "median 41,000 -> 52,000"


def test_a_number_nobody_knew_before_has_moved_out_of_the_unknown() -> None:
    drift = drift_of(numbers(np.full(200, np.nan), np.arange(200.0)))
    assert (drift.unknown_then, drift.unknown_now, drift.ks) == (1.0, 0.0, None)
    assert drift.excess > 1
    assert max(drift.p_psi, drift.p_unknown) < 1e-50


def test_a_level_says_how_its_share_has_moved() -> None:
    drift = drift_of(levels({"site": 500, "fair": 500}, {"site": 30, "fair": 70}))
    assert drift.moved == "site 50% -> 30%"
    assert drift.excess > 0.1


def test_a_level_never_seen_before_is_drift() -> None:
    drift = drift_of(levels({"site": 1000}, {"site": 120, "tender": 80}))
    assert drift.psi > 1
    assert drift.p_psi < 1e-10


def test_rare_levels_are_counted_together_so_that_one_deal_more_is_no_drift() -> None:
    rare = {f"fair {n}": 1 for n in range(40)}
    drift = drift_of(levels({"site": 960, **rare}, {"site": 95, "fair 41": 5}))
    assert drift.psi_by_chance == pytest.approx(1 / 1000 + 1 / 100)
    assert drift.excess < 0.01


def test_many_rare_levels_are_drift_together() -> None:
    rare = {f"fair {n}": 2 for n in range(40)}
    drift = drift_of(levels({"site": 1000}, {"site": 120, **rare}))
    assert drift.moved in {"site 100% -> 60%", f"{OTHER} 0% -> 40%"}
    assert drift.excess > 1
