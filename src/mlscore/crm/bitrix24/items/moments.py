"""Moments as a portal writes them."""

from __future__ import annotations

from datetime import datetime


def moment_of(given: object) -> datetime | None:
    """Return a moment; None where there is none."""
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
