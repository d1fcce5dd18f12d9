"""Reads what people type: numbers and money as they are written in either language."""

from __future__ import annotations

import re
from decimal import Decimal

from mlscore.scoring.errors import FaultyInputError

_BLANKS = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'₽$€]|(?i:rub|руб\.?|р\.)")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"-?(\d{1,16}(\.\d*)?|\.\d+)")
"""Without an exponent: of 1e999999 every digit would be written out."""

LENGTH_AT_MOST = 40
_VERSION_LENGTH = 9


def number(text: str) -> Decimal | None:
    """Read a number: 1 234 567,50 and 1,234,567.50, with or without a currency; None for nothing.

    Raises FaultyInputError for anything else.
    """
    bare = _BLANKS.sub("", text)
    if not bare:
        return None
    plain = bare.replace(",", "") if _GROUPED.fullmatch(bare) else bare.replace(",", ".")
    if not _PLAIN.fullmatch(plain) or len(text) > LENGTH_AT_MOST:
        raise FaultyInputError(f"{text!r} is no number.", code="web.reading.number", given=text[:LENGTH_AT_MOST])
    return Decimal(plain)


def version(text: str) -> int:
    """Read which version of something a form was filled in over; 0 where it does not say."""
    return int(text) if text.isdecimal() and len(text) <= _VERSION_LENGTH else 0
