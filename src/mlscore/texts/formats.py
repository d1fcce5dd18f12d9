"""Writes numbers, money, shares and dates as the reader's language does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.texts.languages import Language

UNKNOWN = "—"
"""Stands where a value is not known."""

_NBSP = "\N{NO-BREAK SPACE}"
_DATE_STYLES: Mapping[Language, str] = {"ru": "dd.MM.y", "en": "d MMM y"}


@lru_cache(maxsize=4096)
def number(value: float, language: Language) -> str:
    """Write a number with at most three decimals."""
    return format_decimal(value, locale=_locale(language)) if math.isfinite(value) else UNKNOWN


def percent(share: float, language: Language) -> str:
    """Write a share 0-1 as whole percents."""
    return format_percent(share, locale=_locale(language)) if math.isfinite(share) else UNKNOWN


def points(effect: float, language: Language) -> str:
    """Write how far a share was moved, without its sign, in percentage points with at most one decimal."""
    if not math.isfinite(effect):
        return UNKNOWN
    return format_decimal(abs(effect) * 100, "#,##0.#", locale=_locale(language))


@lru_cache(maxsize=4096)
def money(minor: float, language: Language, currency: str = "RUB") -> str:
    """Write minor units as money of its currency; whole amounts without decimals."""
    if not math.isfinite(minor):
        return UNKNOWN
    locale, whole = _locale(language), round(minor)
    pattern = locale.currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", f"¤{_NBSP}#")
    if whole % MINOR_UNITS == 0:
        pattern = pattern.replace(".00", "")
    amount = Decimal(whole) / MINOR_UNITS
    return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)


def day(value: date | str | float, language: Language) -> str:
    """Write a day given as a date, a moment, an ISO text, or an ordinal as columns carry it."""
    if isinstance(value, str):
        value = date.fromisoformat(value[: len("2026-01-01")])
    if not isinstance(value, date):
        value = date.fromordinal(int(value))
    return format_date(value, _DATE_STYLES[language], locale=_locale(language))


def moment(value: datetime | str, language: Language) -> str:
    """Write a day and a time, in the offset it carries."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return format_datetime(value, f"{_DATE_STYLES[language]} HH:mm", locale=_locale(language))


def formatted(value: object, kind: str, language: Language, currency: str) -> str:
    """Write a value as its kind says: number, percent, points, money, date, moment; without a kind, by its type."""
    if value is None:
        return UNKNOWN
    if not kind or (isinstance(value, str) and kind in _OF_NUMBERS):
        kind = _kind_of(value)
    return _WRITERS[kind](value, language, currency)


def _kind_of(value: object) -> str:
    if isinstance(value, date):
        return "moment" if isinstance(value, datetime) else "date"
    return "number" if isinstance(value, int | float) else "text"


_OF_NUMBERS = {"number", "percent", "points", "money"}
_WRITERS: Mapping[str, Callable[[Any, Language, str], str]] = {
    "number": lambda value, language, _: number(value, language),
    "percent": lambda value, language, _: percent(value, language),
    "points": lambda value, language, _: points(value, language),
    "money": money,
    "date": lambda value, language, _: day(value, language),
    "moment": lambda value, language, _: moment(value, language),
    "text": lambda value, *_: str(value),
}


@lru_cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)
