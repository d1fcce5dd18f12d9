"""Turns the cells of a file into facts: numbers, exact money, yes and no, dates and moments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.errors import FactError
from mlscore.scoring.policy.values import LARGEST

Cell = str | int | float | bool | Decimal | date | datetime | None
"""What a file holds: a CSV only texts, Parquet values of their own."""

ISO = "iso"
TRI_WORDS: Mapping[str, bool] = dict.fromkeys(
    ("yes", "y", "true", "1", "да", "д", "истина", "+"), True
) | dict.fromkeys(("no", "n", "false", "0", "нет", "н", "ложь"), False)
"""How yes and no are usually written, in lower case."""

_CURRENCY = r"(?:[$€£₽¥]|руб(?:лей|\.)?|р\.|rub|usd|eur)"
_SIGNS = re.compile(rf"^{_CURRENCY}\s*|\s*(?:{_CURRENCY}|%)$", re.IGNORECASE)
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are written; spaces of any kind between thousands are always read."""

    decimal: str = "."
    thousands: str = ""

    def pattern(self) -> re.Pattern[str]:
        """Return what a number looks like, before spaces, separators and signs are taken out."""
        between = rf"[\s'{re.escape(self.thousands)}]"
        whole = rf"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+"
        return re.compile(rf"[+-]?(?:{whole})?(?:{re.escape(self.decimal)}[0-9]*)?{_EXPONENT}")


@dataclass(frozen=True, slots=True)
class MomentStyle:
    """How dates are written, where the clock stands, and what a date alone means."""

    formats: tuple[str, ...]
    zone: tzinfo
    time_of_day: time


def plain(text: str) -> str:
    """Strip a cell of every kind of blank around it, a stray byte order mark included."""
    return text.strip().strip("\ufeff\u200b").strip() if text and not text.isalnum() else text


def read_text(cell: Cell) -> str:
    """Return a cell as text. Raises FactError for control characters."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = plain(str(cell))
    if not text.isprintable() and any(
        unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\r\t" for letter in text
    ):
        raise FactError("Take the control characters out of the text.", code="import.control_characters")
    return text


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\r\t"


class NumberReader:
    """Reads numbers of one style, multiplied by a scale."""

    __slots__ = ("_pattern", "_scale", "_style")

    def __init__(self, style: NumberStyle, scale: Decimal) -> None:
        self._style, self._scale, self._pattern = style, scale, style.pattern()

    def number(self, cell: Cell) -> float:
        """Return a finite number, and 0 for -0: equal cells are remembered as one. Raises FactError."""
        return float(self._scaled(cell)) + 0.0

    def money(self, cell: Cell, *, rounded: bool) -> int:
        """Return whole minor units, exactly; `rounded` takes further decimals half up. Raises FactError."""
        minor = self._scaled(cell) * MINOR_UNITS
        whole = minor.to_integral_value(ROUND_HALF_UP)
        if whole != minor and not rounded:
            raise FactError(
                "Money has at most two decimals; say round = true in the mapping to round it.",
                code="import.money_decimals",
            )
        if abs(whole) > LARGEST:
            raise FactError("The number is too large to be true.", code="import.too_large")
        return int(whole)

    def _scaled(self, cell: Cell) -> Decimal:
        try:
            scaled = self._decimal(cell) * self._scale
        except InvalidOperation:
            raise _not_a_number() from None
        if not scaled.is_finite():
            raise _not_a_number()
        if abs(scaled) > LARGEST:
            raise FactError("The number is too large to be true.", code="import.too_large")
        return scaled

    def _decimal(self, cell: Cell) -> Decimal:
        if isinstance(cell, str):
            text = _SIGNS.sub("", plain(cell)).translate(_MINUS)
            if not self._pattern.fullmatch(text):
                raise _not_a_number()
            return Decimal(self._bare(text))
        if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
            return Decimal(str(cell))
        raise _not_a_number()

    def _bare(self, text: str) -> str:
        if text.isascii() and text.isalnum():
            return text
        bare = "".join(text.split()).replace("'", "")
        if self._style.thousands:
            bare = bare.replace(self._style.thousands, "")
        return bare.replace(self._style.decimal, ".")


def read_tri(cell: Cell, words: Mapping[str, bool | None]) -> bool | None:
    """Return yes, no or unknown by the words of the file, in lower case. Raises FactError for any other."""
    if isinstance(cell, bool):
        return cell
    word = read_text(cell).casefold()
    if word not in words:
        raise FactError(
            "Neither yes, no nor unknown: add the word to the levels of the mapping.",
            code="import.not_yes_or_no",
        )
    return words[word]


def read_date(cell: Cell, formats: tuple[str, ...]) -> date:
    """Return a calendar day; the time of a moment is dropped. Raises FactError."""
    found = _date_or_moment(cell, formats)
    return found.date() if isinstance(found, datetime) else found


def read_moment(cell: Cell, style: MomentStyle) -> datetime:
    """Return a moment with its offset: a naive one is local to the file's zone. Raises FactError."""
    found = _date_or_moment(cell, style.formats)
    if not isinstance(found, datetime):
        found = datetime.combine(found, style.time_of_day)
    return found if found.tzinfo is not None else found.replace(tzinfo=style.zone)


def _date_or_moment(cell: Cell, formats: tuple[str, ...]) -> date | datetime:
    if isinstance(cell, date):
        return cell
    text = read_text(cell)
    for form in formats:
        try:
            return _iso(text) if form == ISO else _formatted(text, form)
        except ValueError:
            continue
    raise FactError(
        "Not a date in any of the mapping's date_formats.",
        code="import.not_a_date",
    )


def _iso(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _formatted(text: str, form: str) -> date | datetime:
    moment = datetime.strptime(text, form)  # noqa: DTZ007 - most forms hold no zone: the caller adds the file's
    return moment if _has_time(form) else moment.date()


def _has_time(form: str) -> bool:
    return any(mark in form for mark in ("%H", "%I", "%X", "%c", "%T"))


def _not_a_number() -> FactError:
    return FactError(
        "Not a number as the mapping says they are written (decimal, thousands).",
        code="import.not_a_number",
    )
