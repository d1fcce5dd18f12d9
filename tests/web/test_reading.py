"""What is typed is read as the typist meant it, or told what would be right."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.errors import FactError, FaultyInputError
from mlscore.texts import LANGUAGES
from mlscore.web import reading
from mlscore.web.reading import read_any_number, read_version


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("3", "ru", "3"),
        ("3,5", "ru", "3.5"),
        ("3.5", "ru", "3.5"),
        ("3,5", "en", "3.5"),
        ("1 500 000,50", "ru", "1500000.5"),
        ("1\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}000", "ru", "1500000"),
        ("1,500,000.5", "en", "1500000.5"),
        ("1,500,000.5", "ru", "1500000.5"),
        ("1.500.000,5", "ru", "1500000.5"),
        ("1.500.000", "ru", "1500000"),
        ("1,500", "en", "1500"),
        ("1,500", "ru", "1.5"),
        ("1'500", "en", "1500"),
        ("1,2 млрд", "ru", "1200000000"),
        ("1,2 млрд руб.", "ru", "1200000000"),
        ("500 тыс.", "ru", "500000"),
        ("50к", "ru", "50000"),
        ("3.5m", "en", "3500000"),
        ("1.2 bn", "en", "1200000000"),
        ("60 %", "ru", "60"),
        ("5 т/ч", "ru", "5"),
        ("12 000 ₽", "ru", "12000"),
        ("12 000 р.", "ru", "12000"),
        ("$ 1,000", "en", "1000"),
        ("rub 5", "en", "5"),
    ],
)
def test_a_number_is_read_as_people_write_it(text, language, value):
    assert reading.read_number(text, language) == Decimal(value)


@pytest.mark.parametrize("text", ["пять", "3,5,5", "1.2.3", "1 5 apples", "--5", "1e9", ",", "1,50,000", "5 5млн6"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_is_no_number_is_refused(text, language):
    with pytest.raises(FactError) as refused:
        reading.read_number(text, language)
    assert refused.value.code == "web.desk.fault.number"


@pytest.mark.parametrize(
    "text", ["$" + " " * 2_000 + "!", "1" + " " * 20_000 + "!", "1 " * 10_000 + "!", "+" + " " * 1_500 + "1 " * 20]
)
def test_what_is_no_number_is_refused_at_once_however_long_it_is(text):
    began = time.thread_time()
    with pytest.raises(FactError):
        reading.read_number(text, "en")
    assert time.thread_time() - began < 1


@pytest.mark.parametrize("text", ["-1", "2000000000 млрд"])
def test_a_number_that_cannot_be_is_refused_with_its_limits(text):
    with pytest.raises(FactError) as refused:
        reading.read_number(text, "ru")
    assert refused.value.code == "web.desk.fault.range"


def test_money_is_exact_to_the_kopeck_and_only_what_may_be_a_loss_is_below_zero():
    assert reading.read_money("20 000,01", "ru") == 2_000_001
    assert reading.read_money("\N{MINUS SIGN}5,5", "ru", may_be_loss=True) == -550
    with pytest.raises(FactError) as refused:
        reading.read_money("1,001", "ru")
    assert refused.value.code == "web.desk.fault.kopecks"
    with pytest.raises(FactError):
        reading.read_money("-5", "ru")


@pytest.mark.parametrize("text", ["15.12.2026", "15.12.26", "15/12/2026", "2026-12-15", " 15-12-2026 "])
def test_a_day_is_read_in_every_way_people_write_it(text):
    assert reading.read_day(text) == date(2026, 12, 15)


@pytest.mark.parametrize("text", ["31.02.2026", "soon", "15.12", "1.1.1850", "2026-13-01"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(FactError):
        reading.read_day(text)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("value", [0.1, 5.0, 1234567.5, 1e12, 0.000001, Decimal("20000.01")])
def test_what_is_written_into_a_field_is_read_back_the_same(value, language):
    assert reading.read_number(reading.write_number(value, language), language) == Decimal(str(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5", "2.5"),
        ("2,5", "2.5"),
        ("1 234 567,50 ₽", "1234567.50"),
        ("1\N{NO-BREAK SPACE}234", "1234"),
        ("1,234,567.50", "1234567.50"),
        ("RUB 5 000", "5000"),
        ("5000 руб.", "5000"),
        ("-3", "-3"),
    ],
)
def test_a_number_is_read_in_either_language(text, expected):
    assert read_any_number(text, "ru") == Decimal(expected)


@pytest.mark.parametrize("text", ["", "  ", "₽"])
def test_nothing_is_nothing(text):
    assert read_any_number(text, "ru") is None


@pytest.mark.parametrize(
    "text", ["three", "1.2.3", "nan", "inf", "1e5x", "9" * 41, "9" * 17, "--1", "1e3", "1e999999", "1_0", "."]
)
def test_what_is_no_number_is_told(text):
    with pytest.raises(FaultyInputError) as told:
        read_any_number(text, "ru")
    assert told.value.code == "web.reading.number"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(LANGUAGES))
def test_what_is_written_either_way_is_read_back(value, language):
    assert read_any_number(f"{value:f}", language) == value
    assert read_any_number(f"{value:f}".replace(".", ","), language) == value


@pytest.mark.parametrize(("text", "expected"), [("12", 12), ("", 0), ("-1", 0), ("1.0", 0), ("9" * 5000, 0)])
def test_a_version_is_read_or_none_was_seen(text, expected):
    assert read_version(text) == expected
