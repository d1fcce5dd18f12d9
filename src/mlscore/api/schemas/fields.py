"""The kinds of values a request may hold, each read strictly: nothing is guessed, nothing rounded."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from mlscore.scoring.deal import ID_LENGTH, MINOR_UNITS, Value, is_deal_id

LARGEST_AMOUNT = 10**12
LARGEST_NUMBER = 1e15
TEXT_LENGTH = 500
LONG_TEXT_LENGTH = 20_000
CUSTOM_FACTS_AT_MOST = 200

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_HARMFUL = re.compile(r"[\x00\ud800-\udfff]")
"""NUL ends a text for some databases; half a surrogate pair is no letter at all."""

_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


def wrong(code: str, **params: str | float | date) -> PydanticCustomError:
    """Return the fault of a message code, and what would be right; it never carries the value."""
    return PydanticCustomError(code, "{code}", {"code": code, **params})


def read_money(value: object) -> int:
    """Return a JSON number of whole units, at most two decimals, as minor units exactly.

    Raises PydanticCustomError for anything else, for what is not finite, and beyond 10^12.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("field.wrong_type", right="number")
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong("field.not_finite")
    if abs(value) > LARGEST_AMOUNT:
        raise wrong("field.out_of_range", least=-LARGEST_AMOUNT, most=LARGEST_AMOUNT)
    whole = int(value)
    if whole == value:
        return whole * MINOR_UNITS
    minor = Decimal(repr(value)) * MINOR_UNITS
    if minor % 1:
        raise wrong("field.money_decimals")
    return int(minor)


def read_amount(value: object) -> int:
    """Return money that cannot be below zero. Raises PydanticCustomError as `read_money` does."""
    minor = read_money(value)
    if minor < 0:
        raise wrong("field.out_of_range", least=0)
    return minor


def read_text(value: object, *, at_most: int = TEXT_LENGTH) -> str | None:
    """Return a text of at most so many characters; a blank one is unknown, as null is.

    Raises PydanticCustomError for what is no text, too long, or holds NUL or half a surrogate pair.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong("field.wrong_type", right="text")
    if len(value) > at_most:
        raise wrong("field.too_long", at_most=at_most)
    if _HARMFUL.search(value):
        raise wrong("field.bad_text")
    return value if value.strip() else None


def read_id(value: object) -> str:
    """Return what may name a deal, as `is_deal_id` tells. Raises PydanticCustomError."""
    text = read_text(value, at_most=ID_LENGTH)
    if text is None:
        raise wrong("field.wrong_type", right="text") if value is None else wrong("field.too_short")
    if not is_deal_id(text):
        raise wrong("field.bad_text", right="id")
    return text


def read_day(value: object) -> date:
    """Return a day written YYYY-MM-DD, of the years 1900 to 2199. Raises PydanticCustomError."""
    if not isinstance(value, str):
        raise wrong("field.wrong_type", right="date")
    if not _DAY.fullmatch(value):
        raise wrong("field.bad_date", right="day")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise wrong("field.bad_date", right="day") from None
    return _in_range(day)


def read_moment(value: object) -> datetime:
    """Return a moment, written with its offset, in UTC. Raises PydanticCustomError."""
    if not isinstance(value, str):
        raise wrong("field.wrong_type", right="moment")
    if not _MOMENT.fullmatch(value):
        raise wrong("field.bad_date", right="moment")
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        raise wrong("field.bad_date", right="moment") from None
    if moment.tzinfo is None:
        raise wrong("problem.naive_time")
    _in_range(moment.date())
    return moment.astimezone(UTC)


def read_extra(value: object) -> Mapping[str, Value]:
    """Return custom facts as JSON has them: numbers, texts, true, false or null by name; null is none of them.

    Raises PydanticCustomError for more than 200, and for a value of another kind or out of range.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong("field.wrong_type", right="object")
    if len(value) > CUSTOM_FACTS_AT_MOST:
        raise wrong("field.too_many", at_most=CUSTOM_FACTS_AT_MOST)
    return {name: _read_custom(fact) for name, fact in value.items()}


def _read_custom(fact: object) -> Value:
    if fact is None or isinstance(fact, bool):
        return fact
    if isinstance(fact, int | float):
        if not abs(fact) <= LARGEST_NUMBER:
            raise wrong("field.out_of_range", least=-LARGEST_NUMBER, most=LARGEST_NUMBER)
        return float(fact)
    if isinstance(fact, list | dict):
        raise wrong("field.wrong_type", right="value", given="list" if isinstance(fact, list) else "object")
    return read_text(fact)


def _in_range(day: date) -> date:
    if not _EARLIEST <= day < _LATEST:
        raise wrong("field.out_of_range", least=_EARLIEST, most=_LATEST - timedelta(days=1))
    return day


def _money_schema(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "multipleOf": 0.01, "maximum": LARGEST_AMOUNT, **bounds})


def _text_schema(at_most: int) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "maxLength": at_most}, {"type": "null"}]})


Money = Annotated[int, BeforeValidator(read_money), _money_schema(minimum=-LARGEST_AMOUNT)]
Amount = Annotated[int, BeforeValidator(read_amount), _money_schema(minimum=0)]
Number = Annotated[float, Strict(), Field(ge=0, le=LARGEST_NUMBER, allow_inf_nan=False)]
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Tri = Annotated[bool, Strict()]
DealId = Annotated[
    str,
    BeforeValidator(read_id),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": ID_LENGTH, "pattern": r"^[^/\\?#%]+$"}),
]
Text = Annotated[str | None, BeforeValidator(read_text), _text_schema(TEXT_LENGTH)]
LongText = Annotated[
    str | None, BeforeValidator(partial(read_text, at_most=LONG_TEXT_LENGTH)), _text_schema(LONG_TEXT_LENGTH)
]
Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[datetime, BeforeValidator(read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
CustomFacts = Annotated[
    dict[str, Any],
    BeforeValidator(read_extra),
    WithJsonSchema(
        {"type": ["object", "null"], "additionalProperties": {"type": ["number", "string", "boolean", "null"]},
         "maxProperties": CUSTOM_FACTS_AT_MOST}
    ),
]  # fmt: skip
