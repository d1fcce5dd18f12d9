"""Moments as a portal writes them."""

from __future__ import annotations

from datetime import datetime

_YEARS = range(1900, 2200)
"""What is said to be of other years is said of no moment: at the ends of the calendar there is none in other zones."""


def moment_of(given: object) -> datetime | None:
    """Return a moment; None where there is none."""
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year in _YEARS else None
