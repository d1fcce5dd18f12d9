"""Expected profit as it is learned: totals as realised, and the seller's own figure where there is little to learn."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.registry import BoosterRatio
from mlscore.scoring.model import PartedProfit, SameRatio, stated_profit
from tests.builders import roubles
from tests.training.histories import a_closed_deal, a_history, a_table, undated
from training.contest import Setting
from training.contest.profit import BOOSTED_ROWS_MIN, fit_profit

SETTING = Setting(seed=1, threads=1)


def fitted(table, rows: np.ndarray | None = None) -> PartedProfit:
    return fit_profit(table, np.arange(len(table)) if rows is None else rows, SETTING)


def expected(table, chance: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    return fitted(table, rows)(table.inputs, table.judged, chance)


def as_it_ended(table) -> np.ndarray:
    return table.y.astype(float)


def many(deals: int = 800):
    """Return a table in which sellers promise twice of what deals with a defined need bring, and half of the others."""
    rng = np.random.default_rng(4)
    history = []
    for number in range(deals):
        need, stated = bool(rng.random() < 0.5), float(rng.integers(8_000, 40_000))
        brought = round(stated * (0.8 if need else 1.6) * float(np.exp(rng.normal(0, 0.1))), 2)
        won = bool(rng.random() < 0.75)
        history.append(
            a_closed_deal(
                f"D-{number}", day=number, won=won, profit=brought, need_defined=need, profit_if_won=roubles(stated)
            )
        )
    return a_table(history)


def test_what_deals_that_paid_were_expected_to_bring_adds_up_to_what_they_brought() -> None:
    table = many()
    learned = fitted(table)
    assert isinstance(learned.good, BoosterRatio)
    assert (table.y.sum() >= BOOSTED_ROWS_MIN, learned.bad) == (True, SameRatio(0.0))
    assert expected(table, as_it_ended(table)).sum() == pytest.approx(table.profit.sum())


def test_whose_promises_are_kept_is_learned_from_many_deals() -> None:
    table = many()
    ratio = fitted(table).good(table.inputs)
    need = np.array([deal == 1.0 for deal in table.deals.numbers("need_defined")])
    assert ratio[need].mean() == pytest.approx(0.8, abs=0.1)
    assert ratio[~need].mean() == pytest.approx(1.6, abs=0.1)


def test_a_hundred_deals_teach_one_ratio_near_what_was_brought() -> None:
    table = many(150)
    learned = fitted(table)
    assert isinstance(learned.good, SameRatio)
    paid = table.y
    true = table.profit[paid].sum() / table.judged.economy.profit[paid].sum()
    assert min(true, 1.0) < learned.good.value < max(true, 1.0)
    assert learned.good.value == pytest.approx(true, rel=0.1)


def test_deals_that_pay_too_little_bring_something_and_lost_ones_nothing() -> None:
    small = [a_closed_deal(f"S-{n}", day=n, profit=1_000, profit_if_won=roubles(10_000)) for n in range(40)]
    lost = [a_closed_deal(f"L-{n}", day=n, won=False, profit_if_won=roubles(10_000)) for n in range(40)]
    good = [a_closed_deal(f"G-{n}", day=n, profit=10_000, profit_if_won=roubles(10_000)) for n in range(40)]
    assert fitted(a_table([*small, *good])).bad.value == pytest.approx(0.1, abs=0.02)
    assert fitted(a_table([*small, *lost, *good])).bad.value == pytest.approx(0.05, abs=0.01)
    assert fitted(a_table([*lost, *good])).bad == SameRatio(0.0)


def test_losses_are_expected_too_where_there_were_any() -> None:
    losing = [a_closed_deal(f"S-{n}", day=n, profit=-4_000, profit_if_won=roubles(10_000)) for n in range(100)]
    good = [a_closed_deal(f"G-{n}", day=n, profit=10_000, profit_if_won=roubles(10_000)) for n in range(100)]
    table = a_table([*losing, *good])
    money = expected(table, as_it_ended(table))
    assert money[table.profit < 0].mean() < 0 < money[table.profit > 0].mean()


def test_the_few_are_drawn_to_what_a_seller_says() -> None:
    one = a_table([a_closed_deal("D-1", profit=30_000, profit_if_won=roubles(10_000)), a_closed_deal("D-2", won=False)])
    learned = fitted(one)
    assert 1.0 < learned.good.value < 2.0
    assert learned.bad == SameRatio(0.0)


def test_where_nothing_was_stated_the_amount_and_the_usual_stand_in() -> None:
    history = [
        a_closed_deal("D-1", profit=8_000, amount=roubles(40_000)),
        a_closed_deal("D-2", profit=12_000, amount=roubles(40_000)),
        a_closed_deal("D-3", won=False, amount=roubles(99_000)),
        a_closed_deal("D-4", won=False),
    ]
    learned = fitted(a_table(history))
    assert learned.margin == pytest.approx(0.25)
    assert learned.typical == pytest.approx(roubles(10_000))


def test_only_rows_it_may_know_teach_it() -> None:
    table = many(300)
    rows = np.arange(0, 200)
    other = replace(table, profit=np.where(np.arange(300) < 200, table.profit, table.profit * 7))
    chance = np.full(300, 0.5)
    np.testing.assert_array_equal(expected(table, chance, rows), expected(other, chance, rows))


@pytest.mark.parametrize("history", [[a_closed_deal(profit=None), a_closed_deal("D-2", won=False)], []])
def test_without_recorded_profit_or_deals_the_sellers_figure_is_trusted(history) -> None:
    learned = fitted(a_table(history))
    assert (learned.good, learned.bad) == (stated_profit().good, stated_profit().bad)
    assert np.isnan([learned.margin, learned.typical]).all()


def test_where_no_deal_has_paid_there_is_no_usual_margin() -> None:
    lost = [a_closed_deal(f"D-{n}", won=False, amount=roubles(9_000), profit_if_won=roubles(900)) for n in range(5)]
    learned = fitted(a_table(lost))
    assert np.isnan([learned.margin, learned.typical]).all()
    assert (learned.good, learned.bad) == (SameRatio(1.0), SameRatio(0.0))


def test_figures_at_or_below_nothing_teach_no_ratio() -> None:
    sound = [a_closed_deal(f"G-{n}", day=n, profit=10_000, profit_if_won=roubles(10_000)) for n in range(30)]
    odd = [a_closed_deal(f"O-{n}", day=n, profit=9_000, profit_if_won=roubles(-n)) for n in range(30)]
    assert fitted(a_table([*sound, *odd])).good == fitted(a_table(sound)).good


def test_the_same_seed_learns_the_same_profit() -> None:
    table = many()
    chance = np.full(len(table), 0.4)
    np.testing.assert_array_equal(expected(table, chance), expected(table, chance))


def test_an_undated_history_teaches_it_too() -> None:
    table = a_table(undated(a_history(120)))
    assert expected(table, as_it_ended(table)).sum() == pytest.approx(table.profit.sum(), rel=0.05)


def test_a_stated_loss_is_believed_and_grows_with_the_chance_while_a_stated_nothing_stays_nothing() -> None:
    table = a_table(
        [a_closed_deal(f"D-{n}", day=n, profit_if_won=roubles(10_000), amount=roubles(50_000)) for n in range(30)]
        + [
            a_closed_deal(f"L-{n}", day=40 + n, profit_if_won=roubles(p), amount=roubles(50_000))
            for n, p in enumerate((-4_000, 0))
        ]
    )
    low, high = (expected(table, np.full(len(table), chance)) for chance in (0.2, 0.8))
    assert (high[:30] > low[:30]).all()
    assert high[30] < low[30] < 0
    assert high[31] == low[31] == 0
