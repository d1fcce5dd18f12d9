"""Writes numbers, money, shares and dates as the reader's language does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_percent, get_currency_symbol

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.texts.languages import Language

UNKNOWN = "—"
"""Stands where a value is not known."""

_NBSP = "\N{NO-BREAK SPACE}"
_TENTH, _THOUSANDTH = Decimal("0.1"), Decimal("0.001")
_CLOSE = 1e-6
"""So near to half-way it is decided by the decimals as written, as everywhere else."""
_EXACT = Context(prec=400)
"""Digits enough for any float."""

_DATE_STYLES: Mapping[Language, str] = {"ru": "dd.MM.y", "en": "d MMM y"}


def number(value: float, language: Language) -> str:
    """Write a number with at most three decimals."""
    return _digits(_rounded(value, _THOUSANDTH), language) if math.isfinite(value) else UNKNOWN


@lru_cache(maxsize=4096)
def percent(share: float, language: Language) -> str:
    """Write a share 0-1 as whole percents."""
    return format_percent(share, locale=_locale(language)) if math.isfinite(share) else UNKNOWN


def points(effect: float, language: Language) -> str:
    """Write how far a share was moved, without its sign, in percentage points with at most one decimal."""
    return _digits(_rounded(abs(effect) * 100, _TENTH), language) if math.isfinite(effect) else UNKNOWN


def to_a_tenth_of_a_point(effect: float) -> float:
    """Return how far a share was moved, without its sign, as far as `points` tells it: many effects read alike."""
    tenths = abs(effect) * 1000
    if abs(tenths % 1 - 0.5) > _CLOSE:
        return round(tenths) / 1000
    return float(_rounded(abs(effect) * 100, _TENTH)) / 100


def money(minor: float, language: Language, currency: str = "RUB") -> str:
    """Write minor units as money of its currency; whole amounts without decimals."""
    if not math.isfinite(minor):
        return UNKNOWN
    whole = round(minor)
    units, rest = divmod(abs(whole), MINOR_UNITS)
    before, after = _around_money(language, currency, is_negative=whole < 0)
    amount = f"{units:,}.{rest:02}" if rest else f"{units:,}"
    return f"{before}{amount.translate(_signs(language))}{after}"


def _rounded(value: float, to: Decimal) -> Decimal:
    return Decimal(str(value)).quantize(to, ROUND_HALF_EVEN, _EXACT) + 0  # of nothing less there is none: no "-0"


@lru_cache(maxsize=4096)
def _digits(value: Decimal, language: Language) -> str:
    """Write a number in groups of three, its decimals as far as they are not 0."""
    written = f"{value:,f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written).translate(_signs(language))


@cache
def _signs(language: Language) -> Mapping[int, str]:
    """Return what stands for the separators and the minus as Python writes them."""
    symbols = _locale(language).number_symbols["latn"]
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": symbols["minusSign"]})


@lru_cache(maxsize=1024)
def _around_money(language: Language, currency: str, *, is_negative: bool) -> tuple[str, str]:
    """Return what stands before and after an amount of a currency."""
    locale = _locale(language)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    if get_currency_symbol(currency, locale=locale)[-1].isalpha():
        pattern = pattern.replace("¤#", f"¤{_NBSP}#")
    one = format_currency(-1 if is_negative else 1, currency, pattern, locale=locale, currency_digits=False)
    before, _, after = one.partition("1")
    return before, after


def day(value: date | str | float, language: Language) -> str:
    """Write a day given as a date, a moment, an ISO text, or an ordinal as columns carry it."""
    if isinstance(value, str):
        value = date.fromisoformat(value[: len("2026-01-01")])
    if not isinstance(value, date):
        value = date.fromordinal(int(value))
    return _day(value, language)


@lru_cache(maxsize=4096)
def _day(value: date, language: Language) -> str:
    return format_date(value, _DATE_STYLES[language], locale=_locale(language))


def month(value: date, language: Language) -> str:
    """Write a month and its year."""
    return format_date(value, "LLL y", locale=_locale(language))


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
