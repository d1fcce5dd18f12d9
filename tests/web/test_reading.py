"""Numbers are read as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.errors import FaultyInputError
from mlscore.web.reading import number, version


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
    assert number(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "  ", "₽"])
def test_nothing_is_nothing(text):
    assert number(text) is None


@pytest.mark.parametrize(
    "text", ["three", "1.2.3", "nan", "inf", "1e5x", "9" * 41, "9" * 17, "--1", "1e3", "1e999999", "1_0", "."]
)
def test_what_is_no_number_is_told(text):
    with pytest.raises(FaultyInputError) as told:
        number(text)
    assert told.value.code == "web.reading.number"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_what_is_written_either_way_is_read_back(value):
    assert number(f"{value:f}") == value
    assert number(f"{value:f}".replace(".", ",")) == value


@pytest.mark.parametrize(("text", "expected"), [("12", 12), ("", 0), ("-1", 0), ("1.0", 0), ("9" * 5000, 0)])
def test_a_version_is_read_or_none_was_seen(text, expected):
    assert version(text) == expected
