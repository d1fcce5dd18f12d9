from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.crm.mapping.values import (
    TRI_WORDS,
    MomentStyle,
    NumberReader,
    NumberStyle,
    read_date,
    read_moment,
    read_text,
    read_tri,
)
from mlscore.scoring.errors import FactError

POINT, COMMA = NumberStyle("."), NumberStyle(",")
RUSSIAN_DATES = ("%d.%m.%Y %H:%M", "%d.%m.%Y")
MOSCOW = ZoneInfo("Europe/Moscow")


def number(cell, style=POINT, scale="1"):
    return NumberReader(style, Decimal(scale)).number(cell)


def money(cell, style=POINT, scale="1", *, rounded=False):
    return NumberReader(style, Decimal(scale)).money(cell, rounded=rounded)


def code_of(read, *args, **kwargs):
    with pytest.raises(FactError) as caught:
        read(*args, **kwargs)
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "style", "expected"),
    [
        ("3.5", POINT, 3.5),
        ("3,5", COMMA, 3.5),
        (" -17 ", POINT, -17.0),
        ("\u221217", POINT, -17.0),
        ("1 234,5", COMMA, 1234.5),
        ("1\u00a0234\u202f567", COMMA, 1_234_567.0),
        ("1'234.5", POINT, 1234.5),
        ("1,234.5", NumberStyle(".", ","), 1234.5),
        ("1.234.567,5", NumberStyle(",", "."), 1_234_567.5),
        ("45%", POINT, 45.0),
        ("2.5e3", POINT, 2500.0),
        ("+.5", POINT, 0.5),
        (7, POINT, 7.0),
        (0.1, POINT, 0.1),
        (Decimal("0.10"), POINT, 0.1),
    ],
)
def test_a_number_is_read_as_people_write_it(cell, style, expected):
    assert number(cell, style) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-",
        ".",
        "five",
        "nan",
        "inf",
        "1,5",
        "1 2",
        "12 34",
        "1.2.3",
        "1e",
        "٣",
        "0x10",
        "5 kg",
        True,
        date(2024, 1, 1),
    ],
)
def test_what_is_no_number_is_refused(cell):
    assert code_of(number, cell) == "import.not_a_number"


def test_a_comma_that_parts_no_thousands_is_refused_rather_than_guessed():
    assert code_of(number, "1,23", NumberStyle(".", ",")) == "import.not_a_number"


def test_a_number_beyond_what_a_column_can_tell_apart_is_refused():
    assert code_of(number, "1e300") == "import.too_large"
    assert code_of(money, "9007199254740993") == "import.too_large"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("20000.01", 2_000_001),
        ("15 000.01 ₽", 1_500_001),
        ("$0.1", 10),
        ("-3.61", -361),
        ("100 руб.", 10_000),
        (2.3, 230),
    ],
)
def test_money_is_whole_minor_units_exactly(cell, expected):
    assert money(cell) == expected


def test_money_in_millions_is_exact_after_scaling():
    assert money("1,2345678", COMMA, "1000000") == 123_456_780


def test_more_than_two_decimals_of_money_are_refused_unless_rounding_is_asked_for():
    assert code_of(money, "1.2345") == "import.money_decimals"
    assert [money(c, rounded=True) for c in ("1.2345", "1.235", "-1.235", "1.2349")] == [123, 124, -124, 123]


@given(st.integers(-(2**53), 2**53))
def test_money_written_to_the_last_kopeck_comes_back(minor):
    sign = "-" if minor < 0 else ""
    assert money(f"{sign}{abs(minor) // 100},{abs(minor) % 100:02d}", COMMA) == minor


@pytest.mark.parametrize(
    ("cell", "expected"), [("Да", True), ("нет ", False), ("YES", True), ("0", False), (1, True), (False, False)]
)
def test_yes_and_no_are_known_in_both_languages(cell, expected):
    assert read_tri(cell, TRI_WORDS) is expected


def test_a_word_that_is_neither_yes_nor_no_is_refused():
    assert code_of(read_tri, "возможно", TRI_WORDS) == "import.not_yes_or_no"


def test_a_date_is_read_in_the_first_format_that_fits():
    assert read_date("03.02.2024", RUSSIAN_DATES) == date(2024, 2, 3)
    assert read_date("2024-02-03", ("iso",)) == date(2024, 2, 3)
    assert read_date("03.02.2024 17:00", RUSSIAN_DATES) == date(2024, 2, 3)
    assert code_of(read_date, "31.02.2024", RUSSIAN_DATES) == "import.not_a_date"


def test_a_naive_moment_is_local_to_the_zone_of_the_file():
    style = MomentStyle(RUSSIAN_DATES, MOSCOW, time(9))
    assert read_moment("03.02.2024 12:30", style) == datetime(2024, 2, 3, 9, 30, tzinfo=UTC)


def test_a_date_alone_becomes_a_moment_at_the_given_time_of_day():
    style = MomentStyle(("%d.%m.%Y", "iso"), MOSCOW, time(9))
    assert read_moment("03.02.2024", style) == datetime(2024, 2, 3, 6, tzinfo=UTC)
    assert read_moment(date(2024, 2, 3), style) == datetime(2024, 2, 3, 6, tzinfo=UTC)


def test_an_offset_in_the_cell_beats_the_zone_of_the_file():
    style = MomentStyle(("iso",), MOSCOW, time())
    assert read_moment("2024-02-03T12:30:00Z", style) == datetime(2024, 2, 3, 12, 30, tzinfo=UTC)


def test_text_is_stripped_of_every_kind_of_blank():
    assert read_text("\ufeff\u00a0 ООО «Пар»\u200b ") == "ООО «Пар»"
    assert read_text("two\nlines") == "two\nlines"
    assert read_text(123.0) == "123"


def test_text_with_control_characters_is_refused():
    assert code_of(read_text, "a\x00b") == "import.control_characters"
