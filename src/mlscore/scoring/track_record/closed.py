"""Which closed deals a training learns from, and what each came to: a track record stands on the very same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np

from mlscore.scoring.deal import SECONDS_A_DAY, Deal, Deals, Floats, Outcome
from mlscore.scoring.economics import has_paid, realised
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Label
from mlscore.scoring.track_record.record import ClosedDeals


class ClosedDeal(Protocol):
    """A closed deal as it was known at `as_of`, and the newest version of how it ended."""

    @property
    def deal(self) -> Deal:
        """The facts."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """When they were known."""
        ...

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        ...


def teaching(closed: Sequence[ClosedDeal], label: Label, policy: Policy) -> ClosedDeals:
    """Return as columns the closed deals that a track record holds: the dated ones that can teach."""
    dated = [one for one in closed if one.as_of is not None]
    return as_columns([one for one in dated if why_it_cannot_teach(one, label, policy) is None], label, policy)


def why_it_cannot_teach(one: ClosedDeal, label: Label, policy: Policy) -> str | None:
    """Return why nothing may be learned from a deal, None where it may."""
    if has_paid(one.outcome, label, policy) is None:
        return "profit_not_recorded"
    return "scored_after_closing" if is_late(one.as_of, one.outcome) else None


def is_late(as_of: datetime | None, outcome: Outcome) -> bool:
    """Tell whether a deal was scored more than a day after it had closed: what was known then may tell the end."""
    closed_at = outcome.closed_at
    return as_of is not None and closed_at is not None and (as_of - closed_at).total_seconds() > SECONDS_A_DAY


def known_at(one: ClosedDeal) -> datetime | None:
    """Return when the firm could learn from a deal: told late, closed, or - where neither is dated - asked."""
    known = one.outcome.known_at or one.outcome.closed_at
    return known if one.as_of is not None and known is not None else one.as_of


def as_columns(closed: Sequence[ClosedDeal], label: Label, policy: Policy) -> ClosedDeals:
    """Return closed deals of which each can teach as columns, in the order given."""
    return ClosedDeals(
        deals=Deals([one.deal for one in closed]),
        deal_ids=[one.deal.deal_id for one in closed],
        known_at=seconds([known_at(one) for one in closed]),
        paid=np.array([bool(has_paid(one.outcome, label, policy)) for one in closed], dtype=np.float64),
        profit=np.array([realised(one.outcome) for one in closed], dtype=np.float64),
    )


def seconds(moments: Sequence[datetime | None]) -> Floats:
    """Return moments as epoch seconds, NaN where there is none."""
    return np.array([np.nan if moment is None else moment.timestamp() for moment in moments], dtype=np.float64)
