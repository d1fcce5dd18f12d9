from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError, from_json, to_json

from mlscore.api.rendering import share, units
from mlscore.api.schemas.fields import LARGEST_AMOUNT, read_id, read_moment, read_money, read_text

KOPECKS = st.integers(-LARGEST_AMOUNT * 100, LARGEST_AMOUNT * 100)


@given(KOPECKS)
def test_money_as_a_crm_writes_it_is_read_to_the_kopeck(kopecks):
    assert read_money(from_json(f"{Decimal(kopecks) / 100:f}")) == kopecks


@given(KOPECKS)
def test_money_said_is_money_read(kopecks):
    assert read_money(from_json(to_json(units(kopecks)))) == kopecks


@given(st.integers(-(10**12), 10**12).filter(lambda n: n % 10))
def test_a_third_decimal_is_never_rounded_away(thousandths):
    with pytest.raises(PydanticCustomError, match=r"money_decimals"):
        read_money(from_json(f"{Decimal(thousandths) / 1000:f}"))


@given(st.floats(-1, 1))
def test_a_share_is_told_to_six_decimals_and_no_further(part):
    assert share(part) == float(f"{share(part):.6f}") == pytest.approx(part, abs=0.5e-6 + 1e-12)


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 - the offset is drawn beside it
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_means_the_same_whatever_its_offset(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read_moment(moment.isoformat()) == moment
    assert read_moment(moment.isoformat(sep=" ")).tzinfo is UTC


@given(st.text(min_size=1, max_size=128))
def test_an_id_is_taken_as_it_is_or_not_at_all(text):
    try:
        read = read_id(text)
    except PydanticCustomError:
        return
    assert read == text
    assert read.isprintable()
    assert not set("/\\?#%") & set(read)


@given(st.text(max_size=500).filter(lambda text: "\x00" not in text))
def test_a_text_is_taken_as_it_is_and_a_blank_one_is_unknown(text):
    assert read_text(text) == (text if text.strip() else None)
