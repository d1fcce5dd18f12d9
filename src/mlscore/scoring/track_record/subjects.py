"""What has a track record, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlscore.scoring.policy import Policy

FEW, MANY = 3, 10
"""How many of the newest closed deals the short memories hold: they turn at once where a market turns."""

FIRM = "firm"
CLIENT = "client"

_STANDARD_SUBJECTS = {CLIENT: "company_id", "category": "product_category", "channel": "source", "region": "region"}
_OF_EVERY_SUBJECT = ("deals", "rate", "margin", f"rate_{FEW}", f"margin_{FEW}", f"rate_{MANY}", f"margin_{MANY}")
"""Closed deals (decayed, in logs), the share that paid, profit / amount, and the last two of the newest alone."""


def subjects_of(policy: Policy) -> Mapping[str, str]:
    """Return what has a track record under a policy, and the fact that names it: the policy's own categories too."""
    own = {fact.name: fact.name for fact in policy.custom_facts if fact.kind == "category"}
    return _STANDARD_SUBJECTS | own


def statistics_of(subject: str) -> tuple[str, ...]:
    """Return what is told of a subject; how long ago it last closed a deal tells of clients alone."""
    if subject == FIRM:
        return ("rate", "margin")
    return (*_OF_EVERY_SUBJECT, "days_since") if subject == CLIENT else _OF_EVERY_SUBJECT


def column_of(subject: str, statistic: str) -> str:
    """Return the name under which `Deals` carries a figure; the dot keeps it apart from every fact's name."""
    return f"track.{subject}.{statistic}"


def columns_of(policy: Policy) -> Iterator[str]:
    """Yield the name of every figure a track record has under a policy."""
    for subject in (FIRM, *subjects_of(policy)):
        yield from (column_of(subject, statistic) for statistic in statistics_of(subject))
