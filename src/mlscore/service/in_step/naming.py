"""Names a score by what it is of, so that who has to make it again finds it made."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from mlscore.ports import Current
from mlscore.scoring.deal import FACTS, Deal

_NAMES = UUID("6c0d3f0e-5e6a-5b7a-9a3f-0d8f1c2b7e41")
_BUSINESS = tuple(name for name in FACTS if name != "as_of")
_BUSINESS_OF = attrgetter(*_BUSINESS)


def facts_digest(deal: Deal) -> str:
    """Return the SHA-256 of what is known of a deal, whenever it was known: equal facts have equal scores that day."""
    known = {name: value for name, value in zip(_BUSINESS, _BUSINESS_OF(deal), strict=True) if value is not None}
    extra = {name: value for name, value in deal.extra.items() if value is not None}
    written = json.dumps([known, extra], sort_keys=True, ensure_ascii=True, default=_as_text)
    return hashlib.sha256(written.encode()).hexdigest()


def score_name(firm: str, deal_id: str, digest: str, current: Current, *, timezone: str, scores: int) -> str:
    """Return the id of the receipt of these facts under this policy and model on this day.

    `scores` counts those the item had before: facts that come back after others are a score of their own.
    """
    day = current.at.astimezone(ZoneInfo(timezone)).date()
    of = (firm, deal_id, digest, current.policy_version, current.model_version or "", day.isoformat(), str(scores))
    return uuid5(_NAMES, "\n".join(of)).hex


def next_day(at: datetime, timezone: str) -> datetime:
    """Return when the day after this moment begins where the firm is."""
    zone = ZoneInfo(timezone)
    tomorrow = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A fact is no {type(value).__name__}.")
