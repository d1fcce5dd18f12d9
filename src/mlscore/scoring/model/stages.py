"""Members made of members: won and then enough, or trees that mend what a simpler member left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model.members import Inputs, Member

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Staged:
    """P(profitable) = P(won) x P(profit at or above the floor, if won): two easier questions than the one.

    `won` learned from every deal, `enough` from those won.
    """

    won: Member
    enough: Member

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return the log-odds of the product."""
        return both(self.won.log_odds(inputs), self.enough.log_odds(inputs))

    def contributions(self, inputs: Inputs) -> Floats:
        """Share the product's log-odds among the features of both stages, exactly.

        What each stage moved is its Shapley value in a game of two (the mean over both orders of asking); within a
        stage it is shared as the stage's own log-odds are (the rescale rule of DeepLIFT, Shrikumar et al. 2017).
        """
        first, second = self.won.contributions(inputs), self.enough.contributions(inputs)
        a, b, a0, b0 = first.sum(axis=1), second.sum(axis=1), first[:, -1], second[:, -1]
        whole, only_first, only_second, neither = both(np.array([a, a, a0, a0]), np.array([b, b0, b, b0]))
        of_first = (whole - only_second + only_first - neither) / 2.0
        of_second = (whole - only_first + only_second - neither) / 2.0
        shares = first * _rate(of_first, a - a0)[:, None] + second * _rate(of_second, b - b0)[:, None]
        shares[:, -1] = whole - shares[:, :-1].sum(axis=1)
        return shares


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trees that begin where a simpler member ends: their log-odds add up."""

    start: Member
    trees: Member

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return the sum."""
        return self.start.log_odds(inputs) + self.trees.log_odds(inputs)

    def contributions(self, inputs: Inputs) -> Floats:
        """Return the sum of both members' shares."""
        return self.start.contributions(inputs) + self.trees.contributions(inputs)


def both(a: Floats, b: Floats) -> Floats:
    """Return the log-odds that two things of these log-odds both hold, independent of each other."""
    return -np.logaddexp(np.logaddexp(-a, -b), -a - b)


def _rate(moved: Floats, by: Floats) -> Floats:
    """Return how far the whole moved for each unit a stage moved; a stage that did not move shares out nothing."""
    is_moved = np.abs(by) > _SAME
    return np.where(is_moved, moved / np.where(is_moved, by, 1.0), 0.0)
