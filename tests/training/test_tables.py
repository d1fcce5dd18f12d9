"""Found rows as tables a person reads."""

import re
from dataclasses import dataclass

import numpy as np
from rich.console import Console

from mlscore.scoring.comparison import Interval
from training.evaluate import Figures
from training.tables import NOTHING, rich_table, to_read


@dataclass(frozen=True)
class Part:
    deals: int
    is_whole: bool


@dataclass(frozen=True)
class Row:
    first_name: str
    money: float | None
    share: float
    surplus: Interval
    kept: Part


ROWS = (
    Row("a_b", 1234567.4, 0.1234, Interval(1.0, -2_000.0, np.nan), Part(1_000, is_whole=True)),
    Row("c", None, 99.0, Interval(np.nan, np.nan, np.nan), Part(3, is_whole=False)),
)


def cells(rows) -> list[list[str]]:
    html = to_read(rows).to_html()
    return [re.findall(r">([^<]*)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html, flags=re.DOTALL)]


def test_a_screen_of_80_columns_shows_every_figure() -> None:
    money = dict.fromkeys(("auc", "average_precision", "log_loss", "brier", "ece", "slope"), -0.1234)
    figures = [Figures(scorer="boosted_logistic", deals=9, profit_captured=123_456_789.0, **money)]
    console = Console(width=80)
    with console.capture() as screen:
        console.print(rich_table(figures, title="9 deals"))
    assert "profit captured" in screen.get()
    assert "boosted logistic" in screen.get()
    assert "123,456,789" in screen.get()


def test_names_are_words_and_an_interval_is_told_with_its_bounds() -> None:
    assert cells(ROWS)[0] == [
        "first name",
        "money",
        "share",
        "surplus",
        "surplus, low",
        "surplus, high",
        "kept: deals",
        "kept: is whole",
    ]


def test_large_numbers_have_no_decimals_small_ones_three_digits_and_the_unknown_a_dash() -> None:
    assert cells(ROWS)[1:] == [
        ["a b", "1,234,567", "0.123", "1", "-2,000", NOTHING, "1,000", "yes"],
        ["c", NOTHING, "99", NOTHING, NOTHING, NOTHING, "3", "no"],
    ]


def test_one_row_needs_no_list() -> None:
    assert cells(ROWS[0]) == cells(ROWS[:1])
