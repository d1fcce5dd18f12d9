"""Builders of pasts: closed deals of which the test says what was said and what they came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.verdict import judge
from mlscore.service.looking_back import Past
from tests.builders import NOON, a_good_deal, roubles

DAY = 24 * 3600.0


def a_past(
    profits: Sequence[float],
    *,
    probability: Sequence[float] | None = None,
    deals: Sequence[Deal] | None = None,
    policy: Policy | None = None,
    **columns: Any,
) -> Past:
    """Return a past of as many deals as there are profits (roubles; 0 is lost), a day apart, all good by the rules."""
    count, policy = len(profits), policy or default_policy()
    rows = deals or [a_good_deal(deal_id=f"D-{number}") for number in range(count)]
    money = np.array([roubles(one) for one in profits], dtype=np.float64)
    usual: dict[str, Any] = {
        "version": "1",
        "policy": policy,
        "label": "profitable",
        "deal_ids": [one.deal_id for one in rows],
        "deals": Deals(rows),
        "judged": judge(Deals(rows), policy),
        "as_of": NOON.timestamp() + DAY * np.arange(count),
        "closed_at": NOON.timestamp() + DAY * (np.arange(count) + 30),
        "won": money != 0,
        "paid": money >= policy.economics.floor_profit,
        "profit": money,
        "probability": np.array(probability if probability is not None else [0.5] * count, dtype=np.float64),
        "expected_profit": np.full(count, float(roubles(20_000))),
        "is_live": np.ones(count, dtype=np.bool_),
        "without_profit": 0,
    }
    return Past(**{**usual, **columns})
