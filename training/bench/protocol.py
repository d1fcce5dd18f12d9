"""Who learns from what, and answers whom: by time with refits, or in grouped folds; and how a history is cut down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mlscore.scoring.errors import TrainingError
from training.dataset import Rows, Table
from training.split import GROUPED, Fold, Refit, Turn, in_time, plan, within

DRAWS_MAX, DRAWN_ROWS = 8, 2000
"""A small history is cut out so often, and no more rows than these are used up by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """By time from `test_from` (by default the newest fifth), learned anew every `refit`; or in `grouped` folds."""

    test_from: datetime | None = None
    refit: Refit = "once"
    grouped: tuple[int, int] | None = None

    def told(self, table: Table) -> str:
        """Return in words which deals of a history are answered, and how often it is learned from anew."""
        if self.grouped is not None or not table.is_dated:
            folds, repeats = self.grouped or GROUPED
            return f"{repeats} times {folds} grouped folds"
        deals = "the newest fifth" if self.test_from is None else f"from {self.test_from:%Y-%m-%d}"
        return deals if self.refit == "once" else f"{deals}, learned anew each {self.refit}"

    def passes(self, table: Table, *, seed: int) -> list[tuple[Fold, ...]]:
        """Return what is to be answered, with everything that may be learned before; each pass answers a deal once."""
        repeats = plan(table, test_from=self.test_from, refit=self.refit, grouped=self.grouped, seed=seed).repeats
        return [tuple(fold for turn in repeat for fold in turn if fold.is_test) for repeat in repeats]


def sizes_within(sizes: Sequence[int | None], passes: Sequence[Sequence[Fold]]) -> tuple[int | None, ...]:
    """Return the sizes that every fold can learn (None: all there are). Raises TrainingError where none is left."""
    most = min((len(fold.learn) for folds in passes for fold in folds), default=0)
    left = tuple(size for size in sizes if size is None or size <= most)
    if not left:
        raise TrainingError(f"There are {most} deals to learn from at most: ask for --sizes up to that, or for all.")
    return left


def draws_of(size: int | None, fold: Fold) -> int:
    """Return how often a history of `size` is cut out of what a fold may learn from: chance rules the small ones."""
    if size is None or not size or np.isnan(fold.start):
        return 1
    return max(1, min(DRAWS_MAX, DRAWN_ROWS // size, len(fold.learn) // size))


def cut_down(table: Table, fold: Fold, size: int | None, *, draw: int, seed: int) -> Rows:
    """Return `size` of the rows a fold may learn from (None: all).

    By time: the newest known, and for every further draw those before; drawn at random where nothing is dated.
    """
    if size is None or size >= len(fold.learn):
        return fold.learn
    if np.isnan(fold.start):
        return np.sort(np.random.default_rng(seed).choice(fold.learn, size=size, replace=False))
    oldest_first = fold.learn[np.lexsort((table.as_of[fold.learn], table.known_at[fold.learn]))]
    end = len(oldest_first) - draw * size
    return np.sort(oldest_first[end - size : end])


def turn_of(table: Table, test: Fold, *, seed: int) -> Turn:
    """Return the turn the service's own pipeline plays on a fold's rows: what it tries out, and then the test."""
    if np.isnan(test.start):
        return within(table, test.learn, test.answer, seed=seed)
    ordered = test.learn[np.argsort(table.as_of[test.learn], kind="stable")]
    return in_time(table, test.learn, ordered, (test.answer,))
