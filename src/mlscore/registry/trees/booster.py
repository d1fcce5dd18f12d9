"""LightGBM boosters as parts of a model: text on disk, one thread when they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from mlscore.registry.trees.grove import Grove, grown
from mlscore.registry.trees.plain import AnyBooster, PlainBooster, plain_trees, whole_booster
from mlscore.registry.trees.shares import TreeShares, tree_shares
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Design, Inputs

if TYPE_CHECKING:
    pass


def read_booster(text: str) -> AnyBooster:
    """Return the booster of a text that is known to be whole: a damaged one can end the process."""
    plain = plain_trees(text)
    if plain is None:
        return whole_booster(text)
    return PlainBooster(text, plain)


def count_trees(text: str) -> int:
    """Return how many trees a booster's text holds."""
    return text.count("\nTree=")


def is_averaged(text: str) -> bool:
    """Tell whether the trees vote (a forest, LightGBM's `boosting=rf`) instead of adding up."""
    return "\naverage_output\n" in text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booster's trees stand among those of its model."""

    grove: Grove
    at: int

    def read(self, inputs: Inputs) -> Floats:
        """Return the raw sum of the booster's leaves, bit for bit what LightGBM makes of it."""
        return np.array(self.grove(inputs)[self.at])

    def ways(self, inputs: Inputs) -> NDArray[np.uint8]:
        """Return deals x trees: the way each of the booster's trees goes."""
        begins = (0, *self.grove.ends)
        return self.grove.ways(inputs).view(np.uint8)[:, begins[self.at] : begins[self.at + 1]]


@dataclass(frozen=True)
class BoosterMember:
    """A booster of log-odds on the columns of a design."""

    booster: AnyBooster
    design: Design
    place: Place | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def share(self) -> float:
        """What a tree's vote is worth: of a forest LightGBM gives the raw sum, not the mean."""
        text = self.booster.model_to_string()
        return 1.0 / max(count_trees(text), 1) if is_averaged(text) else 1.0

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return the raw score."""
        if self.place is not None:
            return self.share * self.place.read(inputs)
        return self.share * _predict(self.booster, self.design(inputs.matrix), raw_score=True)

    @cached_property
    def looked_up(self) -> TreeShares | None:
        """The shares of small trees, worked out when they are first asked for; None where only LightGBM has them."""
        return tree_shares(self.booster)

    def contributions(self, inputs: Inputs) -> Floats:
        """Return the exact TreeSHAP shares; the rules' column is 0 and the booster's mean stands last."""
        deals, features = inputs.matrix.shape
        if not deals:
            return np.zeros((0, features + 2))
        shares = self._shares(inputs)
        parts = self.design.gathered(shares[:, :-1], features, room=2)
        parts[:, -1] = shares[:, -1]
        return self.share * parts

    def _shares(self, inputs: Inputs) -> Floats:
        """Return deals x (columns + 1)."""
        width = len(self.design.source)
        if self.looked_up is not None and self.place is not None:
            return self.looked_up.of_ways(self.place.ways(inputs), width)
        columns = self.design(inputs.matrix)
        if self.looked_up is not None:
            return self.looked_up(columns)
        return _predict(self.booster, columns, pred_contrib=True).reshape(len(columns), width + 1)


@dataclass(frozen=True)
class BoosterRatio:
    """What a deal brings as a multiple of its reference: `scale` x what the booster says of a design's columns."""

    booster: AnyBooster
    design: Design
    scale: float = 1.0
    place: Place | None = field(default=None, init=False, repr=False, compare=False)

    def __call__(self, inputs: Inputs) -> Floats:
        """Return one ratio a deal."""
        if self.place is not None:
            return self.scale * self.place.read(inputs)
        return self.scale * _predict(self.booster, self.design(inputs.matrix))


def plant(parts: Sequence[BoosterMember | BoosterRatio], *, features: int) -> None:
    """Put the boosters of a model where their trees are walked together, if they can be."""
    grove = grown([(part.booster, part.design) for part in parts], features=features)
    if grove is not None:
        for at, part in enumerate(parts):
            if isinstance(part, BoosterRatio) and not grove.is_plain[at]:
                continue  # asked for its answer, not for the sum
            object.__setattr__(part, "place", Place(grove, at))


def _predict(booster: AnyBooster, columns: Floats, *, raw_score: bool = False, pred_contrib: bool = False) -> Floats:
    if not len(columns):
        return np.zeros(0)
    # More threads slow small batches down, and far worse on shared cores.
    return cast("Floats", booster.predict(columns, raw_score=raw_score, pred_contrib=pred_contrib, num_threads=1))
