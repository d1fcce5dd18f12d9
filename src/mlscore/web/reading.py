"""Reads what people type: numbers and money as they are written in either language."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from mlscore.scoring.errors import FaultyInputError

_BLANKS = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'₽$€]|(?i:rub|руб\.?|р\.)")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
LENGTH_AT_MOST = 40


def number(text: str) -> Decimal | None:
    """Read a number: 1 234 567,50 and 1,234,567.50, with or without a currency; None for nothing.

    Raises FaultyInputError for anything else.
    """
    bare = _BLANKS.sub("", text)
    if not bare:
        return None
    plain = bare.replace(",", "") if _GROUPED.fullmatch(bare) else bare.replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or len(text) > LENGTH_AT_MOST:
        raise FaultyInputError(f"{text!r} is no number.", code="web.reading.number", given=text[:LENGTH_AT_MOST])
    return found
