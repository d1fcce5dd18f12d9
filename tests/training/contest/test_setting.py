"""How candidates read a history is tried on the deals before the test, and changed only for a gain beyond chance."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.histories import a_closed_deal, a_history, a_table, turning, undated, with_outcomes_turned
from training.contest import Setting
from training.contest.setting import choose_settings
from training.split import plan

SIMPLEST = Setting(seed=1, threads=1)
DEALS = 600


def chosen(history) -> Setting:
    """Return the setting of the test fold."""
    return settings_of(history)[-2]


def settings_of(history) -> tuple[Setting, ...]:
    table = a_table(history)
    return choose_settings(table, plan(table).finale, SIMPLEST)


def reversed_once(*, seed: int = 0):
    """Return a history in which what made a deal good makes it bad from the middle on."""
    rng = np.random.default_rng(seed)
    sides = [rng.random(DEALS) < 0.5 for _ in range(3)]
    good = np.where(np.arange(DEALS) < DEALS * 0.45, sides[0], ~sides[0])
    won = rng.random(DEALS) < np.where(good, 0.9, 0.1)
    return [
        a_closed_deal(
            f"D-{n}",
            day=2 * n,
            won=bool(won[n]),
            days_to_close=3,
            asap=bool(sides[0][n]),
            trial_order=bool(sides[1][n]),
        )
        for n in range(DEALS)
    ]


def test_on_a_history_that_does_not_change_the_simplest_setting_stands() -> None:
    found = [chosen(a_history(1_500, seed=seed)) for seed in range(4)]
    assert sum(one == SIMPLEST for one in found) >= 3


@pytest.mark.parametrize("seed", [0, 1])
def test_where_the_fortunes_of_categories_turn_track_records_are_read(seed: int) -> None:
    assert chosen(turning(seed=seed)).is_tracked


@pytest.mark.parametrize("seed", [0, 1])
def test_where_what_was_good_turns_bad_old_deals_fade(seed: int) -> None:
    assert chosen(reversed_once(seed=seed)).half_life_days is not None


def test_an_undated_history_is_read_as_it_is() -> None:
    assert chosen(undated(turning())) == SIMPLEST


def test_with_few_deals_to_try_it_on_nothing_is_tried() -> None:
    assert chosen(turning()[:200]) == SIMPLEST


def test_what_becomes_of_the_test_deals_settles_nothing() -> None:
    """The fortunes of the categories never turn but among the test deals, where a track record alone would see it."""
    history = turning(days=10 * DEALS)
    table = a_table(history)
    [test] = [fold.answer for fold in plan(table).finale if fold.is_test]
    assert chosen(with_outcomes_turned(history, test.tolist())) == chosen(history)
    assert not chosen(history).is_tracked


@pytest.mark.parametrize("history", [turning(), reversed_once()], ids=["turning", "reversed"])
def test_no_folds_setting_depends_on_an_outcome_unknown_when_it_starts(history) -> None:
    table = a_table(history)
    turn = plan(table).finale
    before = settings_of(history)
    assert len(set(before)) > 1
    for place, fold in enumerate(turn):
        unknown = np.flatnonzero(table.known_at > fold.start).tolist()
        assert settings_of(with_outcomes_turned(history, unknown))[place] == before[place]


def test_the_first_fold_has_nobody_before_it_to_try_on() -> None:
    assert settings_of(turning())[0] == SIMPLEST


def test_a_setting_is_written_in_words() -> None:
    assert SIMPLEST.written() == {"track_records": "not read", "half_life": "none"}
    fading = replace(SIMPLEST, is_tracked=True, half_life_days=365.0)
    assert fading.written() == {"track_records": "read", "half_life": "365 days"}
