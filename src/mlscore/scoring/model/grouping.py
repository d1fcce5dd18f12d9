"""From the features of a model to the business facts a person knows them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import Feature

RULES = "rules"
"""The fact under which the rules' own answers, and so their cell, are told."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which features make up each business fact: `order` puts them side by side, each fact beginning at `starts`."""

    facts: tuple[str, ...]
    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, features: Sequence[Feature]) -> Grouping:
        """Group features, and the rules' cell that stands after them."""
        named = [*(feature.fact for feature in features), RULES]
        facts = tuple(dict.fromkeys(named))
        positions = np.array([facts.index(name) for name in named], dtype=np.intp)
        starts = np.searchsorted(np.sort(positions), np.arange(len(facts)))
        return cls(facts, np.argsort(positions, kind="stable"), starts)

    def __call__(self, contributions: Floats) -> Floats:
        """Return deals x facts: the contributions of each fact's features, added up; the rest is left out."""
        # `take` and `reduceat` go row by row: a deal's sums do not depend on how many stand beside it.
        return np.add.reduceat(np.take(contributions, self.order, axis=1), self.starts, axis=1)
