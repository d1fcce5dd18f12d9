"""Track records told slowly: a loop over closed deals, in the words of the figures, to hold the quick ones against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.policy import CustomFact, Policy
from mlscore.scoring.track_record import HALF_LIFE_DAYS, ClosedDeals, TrackRecord
from tests.builders import NOON, a_deal, a_policy

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
FUEL = CustomFact(name="fuel", kind="category", levels=("gas", "oil"))
CODES = {"pump": "pump", "насос": "pump", "pipes": "pipes"}
"""Words for a product category, and what the shipped policy calls each; any other word means none."""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A closed deal: what it was, when the firm learned of its end (None: undated), and what it brought."""

    deal: Deal
    known_at: datetime | None
    paid: bool
    profit: float

    @property
    def margin(self) -> float | None:
        """Profit as a share of the amount, within [-1, 1]; None where either is unknown."""
        amount = None if self.deal.currency == "USD" else self.deal.amount
        if not amount or amount < 0 or np.isnan(self.profit):
            return None
        return max(-1.0, min(1.0, self.profit / amount))


def a_tracked_policy() -> Policy:
    """Return the shipped policy with a category of the firm's own, which has a track record too."""
    return a_policy(custom_facts=[{"name": FUEL.name, "kind": FUEL.kind, "levels": list(FUEL.levels)}])


def closed(
    deal_id: str, *, known_at: datetime | None = NOON, paid: bool = True, profit: float = 1_000.0, **facts: object
) -> Closed:
    """Return a closed deal of these facts; half of its amount, by default, was profit."""
    deal = a_deal(**{"deal_id": deal_id, "amount": 2_000, **facts})
    return Closed(deal=deal, known_at=known_at, paid=paid, profit=profit)


def a_record(history: Sequence[Closed], policy: Policy | None = None) -> TrackRecord:
    """Return the track record of closed deals."""
    return TrackRecord(as_columns(history), policy or a_tracked_policy())


def as_columns(history: Sequence[Closed]) -> ClosedDeals:
    """Return closed deals as a track record takes them in."""
    return ClosedDeals(
        deals=Deals([one.deal for one in history]),
        deal_ids=[one.deal.deal_id for one in history],
        known_at=np.array([np.nan if c.known_at is None else c.known_at.timestamp() for c in history], dtype=float),
        paid=np.array([float(one.paid) for one in history], dtype=float),
        profit=np.array([one.profit for one in history], dtype=float),
    )


def told_slowly(history: Sequence[Closed], deal: Deal, policy: Policy) -> Mapping[str, float]:
    """Return every figure of a deal by its name, NaN unknown."""
    at = deal.as_of
    past = sorted((c for c in history if _is_known(c, deal)), key=lambda one: one.known_at or NOON)
    rate, margin = _of_the_firm(past, at, policy)
    found = {"track.firm.rate": rate if at else np.nan, "track.firm.margin": margin if at else np.nan}
    names = {
        "client": lambda one: one.company_id,
        "category": lambda one: CODES.get(one.product_category or ""),
        "channel": lambda one: one.source,
        "region": lambda one: one.region,
        "fuel": lambda one: one.extra.get("fuel"),
    }
    for subject, name_of in names.items():
        name = name_of(deal)
        own = [one for one in past if name_of(one.deal) == name]
        figures = _of_a_subject(own, at, rate, margin) if at and name is not None else {}
        statistics = ["deals", "rate", "margin", "rate_3", "margin_3", "rate_10", "margin_10"]
        for statistic in [*statistics, *(["days_since"] if subject == "client" else [])]:
            found[f"track.{subject}.{statistic}"] = figures.get(statistic, np.nan)
    return found


def _is_known(one: Closed, deal: Deal) -> bool:
    if one.known_at is None or deal.as_of is None or one.deal.deal_id == deal.deal_id:
        return False
    return one.known_at <= deal.as_of


def _of_the_firm(past: Sequence[Closed], at: datetime | None, policy: Policy) -> tuple[float, float]:
    counted, paid, margins, with_margin = _sums(past, [_weight(one, at) for one in past])
    prior = policy.prior
    rate = (paid + prior.worth_deals * prior.profitable_share) / (counted + prior.worth_deals)
    return rate, margins / with_margin if with_margin > 1e-9 else np.nan


def _of_a_subject(own: Sequence[Closed], at: datetime, rate: float, margin: float) -> dict[str, float]:
    counted, paid, margins, with_margin = _sums(own, [_weight(one, at) for one in own])
    figures = {
        "deals": float(np.log(1.0 + counted)),
        "rate": (paid + 5.0 * rate) / (counted + 5.0),
        "margin": (margins + 5.0 * margin) / (with_margin + 5.0),
    }
    for reach in (3, 10):
        newest = own[-reach:]
        counted, paid, margins, with_margin = _sums(newest, [1.0] * len(newest))
        figures[f"rate_{reach}"] = (paid + rate) / (counted + 1.0)
        figures[f"margin_{reach}"] = (margins + margin) / (with_margin + 1.0)
    if own:
        figures["days_since"] = (at - (own[-1].known_at or at)) / DAY
    return figures


def _weight(one: Closed, at: datetime | None) -> float:
    return 0.5 ** (((at or NOON) - (one.known_at or NOON)) / DAY / HALF_LIFE_DAYS)


def _sums(past: Sequence[Closed], weights: Sequence[float]) -> tuple[float, float, float, float]:
    counted = paid = margins = with_margin = 0.0
    for one, weight in zip(past, weights, strict=True):
        counted += weight
        paid += weight * one.paid
        if one.margin is not None:
            margins += weight * one.margin
            with_margin += weight
    return counted, paid, margins, with_margin
