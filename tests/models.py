"""Builders of models and their answers, made of planted or drawn weights: nothing here is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import Feature, Vocabularies, features_of
from mlscore.scoring.model import (
    Boosted,
    Far,
    FittedModel,
    Inputs,
    Linear,
    Member,
    PartedProfit,
    Rates,
    SameRatio,
    Sigmoid,
    Staged,
)
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.receipt import ModelAnswer
from mlscore.scoring.verdict import CELLS, Verdicts
from tests.builders import roubles


def a_model_answer(**answers: Any) -> ModelAnswer:
    """Return an answer of an approved model."""
    usual: dict[str, Any] = {
        "probability": 0.6,
        "interval": (0.5, 0.7),
        "rule_probability": 0.55,
        "expected_profit": float(roubles(7_600)),
        "label": "profitable",
        "reasons": (),
        "similar_deals": 57,
        "model_version": "7",
        "abstained": False,
        "abstained_because": None,
        "simulated": False,
        "policy_drift": False,
    }
    return ModelAnswer(**usual | answers)


def a_linear(
    features: Sequence[Feature],
    *,
    weights: Mapping[str, float] | None = None,
    unknown: Mapping[str, float] | None = None,
    intercept: float = 0.0,
) -> Linear:
    """Return a linear member with these weights by feature name; the rest weighs nothing."""
    count = len(features)
    return Linear(
        intercept=intercept,
        center=np.zeros(count),
        scale=np.ones(count),
        weight=np.array([(weights or {}).get(f.name, 0.0) for f in features]),
        unknown_weight=np.array([(unknown or {}).get(f.name, 0.0) for f in features]),
        level_weights=np.zeros((count, _most_levels(features))),
    )


def a_drawn_linear(features: Sequence[Feature], *, seed: int = 0) -> Linear:
    """Return a linear member whose every weight is drawn at random."""
    rng = np.random.default_rng(seed)
    count = len(features)
    is_category = np.array([f.levels is not None for f in features])
    levels = rng.normal(0, 0.2, (count, _most_levels(features)))
    return Linear(
        intercept=float(rng.normal()),
        center=np.where(is_category, 0.0, rng.normal(size=count)),
        scale=np.where(is_category, 1.0, rng.uniform(0.5, 3.0, count)),
        weight=np.where(is_category, 0.0, rng.normal(0, 0.2, count)),
        unknown_weight=rng.normal(0, 0.2, count),
        level_weights=np.where(is_category[:, None], levels, 0.0),
    )


def a_bent_linear(features: Sequence[Feature], *, seed: int = 0) -> Linear:
    """Return a drawn linear member whose numbers bend at three knots and say no more beyond four deviations."""
    rng = np.random.default_rng(seed)
    shape = (len(features), 3)
    is_number = np.array([f.levels is None for f in features])[:, None]
    return replace(
        a_drawn_linear(features, seed=seed),
        knots=np.where(is_number, np.sort(rng.normal(size=shape), axis=1), np.inf),
        bends=np.where(is_number, rng.normal(0, 0.2, shape), 0.0),
        reach=4.0,
    )


def a_staged(features: Sequence[Feature], *, seed: int = 0) -> Staged:
    """Return two stages of drawn members, the first of them boosted from a simpler one."""
    first = Boosted(start=some_rates(seed=seed), trees=a_drawn_linear(features, seed=seed))
    return Staged(won=first, enough=a_bent_linear(features, seed=seed + 1))


def some_rates(*, seed: int = 0) -> Rates:
    """Return rates of a history drawn at random: every rule cell has seen at least 20 deals."""
    rng = np.random.default_rng(seed)
    deals = rng.integers(20, 90, CELLS).astype(float)
    return Rates(deals=deals, positives=np.floor(deals * rng.uniform(0, 1, CELLS)), base=0.3, worth=10.0)


@dataclass(frozen=True, slots=True)
class SameProfit:
    """What every deal brings alike, in minor units: `if_good` where it pays and `if_bad` where it does not."""

    if_good: float
    if_bad: float = 0.0

    def __call__(self, inputs: Inputs, judged: Verdicts, probability: Floats) -> Floats:
        """Weigh both by the chance."""
        return probability * self.if_good + (1.0 - probability) * self.if_bad


def a_share_of_the_stated(share: float) -> PartedProfit:
    """Return a profit that expects this share of the seller's figure, whatever the chance."""
    return PartedProfit(good=SameRatio(share), bad=SameRatio(share), margin=np.nan, typical=np.nan)


def a_model(
    policy: Policy | None = None,
    *,
    members: Sequence[tuple[float, Member]] | None = None,
    vocabularies: Vocabularies | None = None,
    **parts: Any,
) -> FittedModel:
    """Return an approved model: a drawn linear member and drawn rates, unless other members are given."""
    policy, levels = policy or default_policy(), vocabularies or {}
    features = features_of(policy, levels)
    usual: dict[str, Any] = {
        "version": "7",
        "policy": policy,
        "vocabularies": levels,
        "features": features,
        "members": tuple(members or ((0.6, a_drawn_linear(features)), (0.4, some_rates()))),
        "calibration": Sigmoid(slope=0.9, intercept=0.1),
        "spread_at": np.array([-2.0, 0.0, 2.0]),
        "spread_below": np.array([0.9, 0.5, 0.7]),
        "spread_above": np.array([0.8, 0.5, 0.6]),
        "profit": a_share_of_the_stated(0.3),
        "rates": some_rates(),
        "far": Far(least=np.full(len(features), -np.inf), most=np.full(len(features), np.inf)),
        "label": "profitable",
        "simulated": False,
        "why_unapproved": None,
    }
    return FittedModel(**usual | parts)


def a_planted_model(policy: Policy | None = None, *, intercept: float = 0.0, **weights: float) -> FittedModel:
    """Return a model of one linear member with these weights by feature name, uncalibrated."""
    policy = policy or default_policy()
    linear = a_linear(features_of(policy, {}), weights=weights, intercept=intercept)
    return a_model(policy, members=((1.0, linear),), calibration=Sigmoid())


def _most_levels(features: Sequence[Feature]) -> int:
    return max([len(f.levels) for f in features if f.levels] + [1])
