"""Who learns from what, and answers whom: by time with refits, or in grouped folds; and how a history is cut down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from training.dataset import Rows, Table
from training.split import Fold, Refit, Turn, in_time, plan, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """By time from `test_from` (by default the newest fifth), learned anew every `refit`; or in `grouped` folds."""

    test_from: datetime | None = None
    refit: Refit = "once"
    grouped: tuple[int, int] | None = None

    def tests(self, table: Table, *, seed: int) -> Iterator[Fold]:
        """Yield what is to be answered, with everything that may be learned before."""
        turns = plan(table, test_from=self.test_from, refit=self.refit, grouped=self.grouped, seed=seed).repeats
        for repeat in turns:
            yield from (fold for turn in repeat for fold in turn if fold.is_test)


def cut_down(table: Table, fold: Fold, size: int | None, *, seed: int) -> Rows:
    """Return `size` of the rows a fold may learn from: the newest known, or drawn where nothing is dated; None: all."""
    if size is None or size >= len(fold.learn):
        return fold.learn
    if np.isnan(fold.start):
        return np.sort(np.random.default_rng(seed).choice(fold.learn, size=size, replace=False))
    newest = fold.learn[np.lexsort((table.as_of[fold.learn], table.known_at[fold.learn]))]
    return np.sort(newest[len(newest) - size :])


def turn_of(table: Table, learn: Rows, fold: Fold, *, seed: int) -> Turn:
    """Return the turn the service's own pipeline plays on these rows: what it tries out, and then the test."""
    if np.isnan(fold.start):
        return within(table, learn, fold.answer, seed=seed)
    ordered = learn[np.argsort(table.as_of[learn], kind="stable")]
    return in_time(table, learn, ordered, (fold.answer,))
