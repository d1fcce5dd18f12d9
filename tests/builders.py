"""Builders: a test says only what matters to it, the rest is unknown or unremarkable."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from mlscore.scoring.deal import FACTS, MINOR_UNITS, Deal, Deals, Kind
from mlscore.scoring.explanation import explain
from mlscore.scoring.policy import Policy, default_document, default_policy, read_policy
from mlscore.scoring.receipt import RuleAnswer
from mlscore.scoring.verdict import judge

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_policy(**changes: Any) -> Policy:
    """Return the shipped policy with some of its terms changed, written as in its document; raises PolicyError."""
    return read_policy(_changed(_shipped(), changes)) if changes else default_policy()


def roubles(amount: object) -> Any:
    """Return the same money in kopecks, exactly; unknown stays unknown."""
    minor = None if amount is None else Decimal(str(amount)) * MINOR_UNITS
    assert minor is None or minor == minor.to_integral_value(), f"{amount} is finer than a kopeck"
    return None if minor is None else int(minor)


def a_deal(**facts: Any) -> Deal:
    """Return a deal at noon of the builders' today, of which only these facts are known; money in kopecks."""
    return Deal(**{"deal_id": "D-1", "as_of": NOON} | facts)


def a_deal_in_roubles(**facts: Any) -> Deal:
    """Return the same with its money written in roubles, as people write it."""
    return a_deal(**{n: roubles(v) if n in FACTS and FACTS[n].kind is Kind.MONEY else v for n, v in facts.items()})


FIRE: Mapping[str, Any] = {
    "steam_tph": 5.0,
    "annual_turnover_rub": 1.2e9,
    "industry": "dairy",
    "in_nomenclature": True,
}
"""A target client who asks for what the firm supplies."""

PLUSES: Mapping[str, Any] = {
    "need_defined": True,
    "budget_allocated": True,
    "budget_amount": roubles(40_000),
    "asap": True,
}
"""Need, budget and urgency: AAA."""


def a_fire_deal(**facts: Any) -> Deal:
    """Return a deal of the second funnel: a target client with a target request, and these facts."""
    return a_deal(**{**FIRE, **facts})


def a_good_deal(**facts: Any) -> Deal:
    """Return an AAA deal well above the floor, changed by these facts."""
    return a_fire_deal(**{**PLUSES, "amount": roubles(40_000), "profit_if_won": roubles(12_000), **facts})


def rules_on(deal: Deal, policy: Policy | None = None) -> RuleAnswer:
    """Return what the rules say of one deal, by the shipped policy unless another is given."""
    return explain(judge(Deals([deal]), policy or default_policy()), 0)


@cache
def _shipped() -> Mapping[str, Any]:
    return tomllib.loads(default_document(), parse_float=Decimal)


def _changed(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        n: _changed(cast("Mapping[str, Any]", document.get(n) or {}), c) if isinstance(c, Mapping) else c
        for n, c in changes.items()
    }
    return {**document, **both}
