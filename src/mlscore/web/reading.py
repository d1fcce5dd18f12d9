"""Reads what a person types: 1 500 000,50, "3,5 млн", "60 %", 15.12.2026; a ? is asked, and not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.errors import FactError, FaultyInputError
from mlscore.texts import Language

ASKED_IN_VAIN = "?"
LARGEST_AMOUNT, LARGEST_NUMBER = 10**12, 10**15
TEXT_LENGTH, LONG_TEXT_LENGTH = 500, 20_000
SHOWN_AT_MOST, _VERSION_LENGTH = 40, 9

_MANY: Mapping[str, int] = {
    **dict.fromkeys(("тыс", "тысяч", "тысячи", "тысяча", "тр", "т.р", "k", "к", "thousand"), 10**3),
    **dict.fromkeys(("млн", "миллион", "миллиона", "миллионов", "m", "mln", "million"), 10**6),
    **dict.fromkeys(("млрд", "миллиард", "миллиарда", "миллиардов", "bn", "b", "billion"), 10**9),
}
_UNITS = r"(?:руб(?:лей|ля|ль)?\.?|р\.?|₽|rub|usd|eur|[$€£¥%]|т/ч|t/h|тонн|чел(?:овек)?\.?)"
_SIGN = r"(?:[$€£₽¥]|rub|usd|eur)?"
# Over single blanks: where several may stand, each of the places for them would be tried with each of the others.
_NUMBER = re.compile(rf"{_SIGN} ?([+-]?) ?([\d.,' ]*\d[.,]?) ?([^\W\d_]+(?:\.[^\W\d_])?)??\.? ?{_UNITS}?")
_RUSSIAN = str.maketrans(",.", "\N{NO-BREAK SPACE},")
_MINUS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_IN_GROUPS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",."}
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)
_HARMFUL = re.compile(r"[\x00\ud800-\udfff]")


def read_number(text: str, language: Language, *, least: float = 0, most: float = LARGEST_NUMBER) -> Decimal:
    """Return a number as people of a language write it. Raises FactError."""
    found = _NUMBER.fullmatch(" ".join(text.split()).casefold().translate(_MINUS))
    many = 1 if found is None or not found[3] else _MANY.get(found[3], 0)
    plain = None if found is None else _plain(found[2].replace(" ", "").replace("'", ""), language)
    if found is None or plain is None or not many:
        raise FactError("Not a number.", code="web.desk.fault.number")
    value = Decimal(found[1] + plain) * many
    if not least <= value <= most:
        raise FactError("Too small or too large.", code="web.desk.fault.range", least=float(least), most=float(most))
    return value


def read_any_number(text: str, language: Language) -> Decimal | None:
    """Return a number, None where nothing was typed. Raises FaultyInputError, which repeats what was typed."""
    if not text.strip().strip("₽$€"):
        return None
    try:
        return read_number(text, language, least=-LARGEST_NUMBER)
    except FactError:
        shown = text[:SHOWN_AT_MOST]
        raise FaultyInputError(f"{shown!r} is no number.", code="web.reading.number", given=shown) from None


def read_version(text: str) -> int:
    """Return which version of something a form was filled in over; 0 where it does not say."""
    return int(text) if text.isdecimal() and len(text) <= _VERSION_LENGTH else 0


def read_money(text: str, language: Language, *, may_be_loss: bool = False) -> int:
    """Return money in minor units. Raises FactError."""
    value = read_number(text, language, least=-LARGEST_AMOUNT if may_be_loss else 0, most=LARGEST_AMOUNT) * MINOR_UNITS
    if value % 1:
        raise FactError("Money has at most two decimals.", code="web.desk.fault.kopecks")
    return int(value)


def read_share(text: str, language: Language) -> float:
    """Return percents, 0 to 100, as a share. Raises FactError."""
    return float(read_number(text, language, most=100) / 100)


def read_day(text: str) -> date:
    """Return a day written 15.12.2026 or 2026-12-15. Raises FactError."""
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            day = date.fromisoformat(text.strip())
        else:
            year = int(found[3])
            day = date(year if year >= _EARLIEST.year else 2000 + year, int(found[2]), int(found[1]))
    except ValueError:
        raise FactError("Not a day.", code="web.desk.fault.day") from None
    if not _EARLIEST <= day <= _LATEST:
        raise FactError("Not a day.", code="web.desk.fault.day")
    return day


def read_text(text: str, *, at_most: int = TEXT_LENGTH) -> str:
    """Return a text. Raises FactError for one too long, or with what is no letter."""
    if len(text) > at_most:
        raise FactError("Too long.", code="web.desk.fault.long", most=at_most)
    if _HARMFUL.search(text):
        raise FactError("Not a text.", code="web.desk.fault.text")
    return text


def write_number(value: float | Decimal, language: Language) -> str:
    """Write a number in full as it would be typed: 1 500 000,5 or 1,500,000.5."""
    written = f"{Decimal(repr(value) if isinstance(value, float) else value):,f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return written.translate(_RUSSIAN) if language == "ru" else written


def _plain(digits: str, language: Language) -> str | None:
    """Return digits with a point before the decimals, None where the separators make no sense."""
    marks = [mark for mark in ",." if mark in digits]
    if set(marks) == {",", "."}:  # the later of the two stands before the decimals
        decimal = max(marks, key=digits.rfind)
        between = "." if decimal == "," else ","
        digits = digits.replace(between, "") if _grouped(digits, between, decimal) else ""
        marks = [decimal]
    elif (
        marks and _IN_GROUPS[marks[0]].fullmatch(digits) and (digits.count(marks[0]) > 1 or _parts(marks[0], language))
    ):
        digits, marks = digits.replace(marks[0], ""), []
    bare = digits.replace(marks[0], ".") if marks else digits
    return bare if re.fullmatch(r"\d+(?:\.\d*)?", bare) else None


def _grouped(digits: str, between: str, decimal: str) -> bool:
    whole, _, rest = digits.rpartition(decimal)
    return _IN_GROUPS[between].fullmatch(whole) is not None and between not in rest


def _parts(mark: str, language: Language) -> bool:
    """Tell whether a single mark with three digits behind it parts thousands: 1,500 does in English."""
    return mark == "," and language == "en"
