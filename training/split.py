"""Who may learn from whom: folds in the order of time, or groups of the same facts where nothing is dated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.errors import TrainingError
from training.dataset import Rows, Table

Refit = Literal["once", "quarter", "month"]

TEST_SHARE = 0.2
LEARN_FIRST = 0.5
"""Of the rows before the test: what the first fold learns from."""

ORIGINS = 4
"""Rolling origins between the first learning and the test; the last two, a fifth of all rows, validate."""

GROUPED = (5, 2)
"""Folds and repeats where nothing is dated and nobody says how many."""

INNER_FOLDS = 5
"""Folds within the rows to learn from, where nothing is dated."""

MATURE_QUANTILE = 0.9
TEST_ROWS_MIN = 200
"""With fewer rows in the newest part, the rows of all rolling origins are judged."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows to learn from, and rows to answer that none of them knew; `start` in epoch seconds, NaN undated."""

    learn: Rows
    answer: Rows
    start: float
    is_test: bool


Turn = tuple[Fold, ...]
"""Folds in the order they are answered: what was answered before a fold settles how that one is answered."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The turns of one contest, and the turn whose answers the model to be served is put together from.

    By time there is one turn: rolling origins, then the test. Where nothing is dated, each of the `repeats` has a turn
    a fold: within its rows to learn from folds are answered first, so that its test settles nothing.
    """

    repeats: tuple[tuple[Turn, ...], ...]
    finale: Turn
    by_time: bool
    immature: int

    @property
    def judged(self) -> Rows:
        """The rows that rules and models are judged on: the test, or more where it is thin."""
        folds = [fold for turn in self.repeats[0] for fold in turn]
        test = _joined([fold.answer for fold in folds if fold.is_test])
        if not self.by_time or len(test) >= TEST_ROWS_MIN:
            return test
        # The first origin has nothing before it to be calibrated on.
        return _joined([fold.answer for fold in folds[1:]])


def plan(
    table: Table,
    *,
    test_from: datetime | None = None,
    refit: Refit = "once",
    grouped: tuple[int, int] | None = None,
    seed: int = 0,
) -> Plan:
    """Return the folds of a history: by time where it is dated, else `grouped` (folds, repeats), 5 x 2 by default.

    The test is the newest fifth of the mature rows, or everything from `test_from`; `refit` learns anew within it.
    A row is learned from only if its outcome was known when the fold starts. Raises TrainingError where no mature row
    is as new as `test_from`, and where there is no time for `test_from` or `refit` to speak of.
    """
    if grouped is not None or not table.is_dated:
        if test_from is not None or refit != "once":
            raise TrainingError(_without_time(is_grouped=grouped is not None))
        count, repeats = grouped or GROUPED
        dealt = [grouped_folds(table, count, seed=seed + repeat) for repeat in range(repeats)]
        turns = tuple(tuple(within(table, fold.learn, fold.answer, seed=seed) for fold in folds) for folds in dealt)
        return Plan(turns, grouped_folds(table, INNER_FOLDS, seed=seed), by_time=False, immature=0)
    mature = mature_rows(table)
    ordered = mature[np.argsort(table.as_of[mature], kind="stable")]
    first = round(len(ordered) * (1 - TEST_SHARE))
    if test_from is not None:
        first = int(np.searchsorted(table.as_of[ordered], test_from.timestamp()))
        if first == len(ordered):
            raise TrainingError(_nothing_so_new(table, ordered, test_from))
    tests = tuple(_periods(table, ordered[first:], refit))
    every = np.arange(len(table))
    known = _fold(table, every, tests[0], is_test=True).learn if len(ordered[first:]) else every[:0]
    turn = in_time(table, every, known[np.argsort(table.as_of[known], kind="stable")], tests)
    return Plan(((turn,),), turn, by_time=True, immature=len(table) - len(mature))


def in_time(table: Table, known: Rows, before: Rows, tests: Sequence[Rows]) -> Turn:
    """Return rolling origins over the later half of `before` (in the order of `as_of`), then the tests.

    Only rows of `known` are learned from, each once its outcome was known.
    """
    earlier = np.array_split(before[round(len(before) * LEARN_FIRST) :], ORIGINS)
    parts = [(rows, False) for rows in earlier] + [(rows, True) for rows in tests]
    return tuple(_fold(table, known, rows, is_test=is_test) for rows, is_test in parts if len(rows))


def within(table: Table, learn: Rows, answer: Rows, *, seed: int) -> Turn:
    """Return grouped folds of the rows to learn from, then the rows to answer: for a history without dates."""
    return (*grouped_folds(table, INNER_FOLDS, seed=seed, among=learn), Fold(learn, answer, np.nan, is_test=True))


def _nothing_so_new(table: Table, ordered: Rows, test_from: datetime) -> str:
    newest = f"{datetime.fromtimestamp(table.as_of[ordered[-1]], UTC):%Y-%m-%d}" if len(ordered) else "none"
    return (
        f"No deal can be judged from {test_from:%Y-%m-%d} on: the newest that is old enough is of {newest}. Choose an "
        "earlier date."
    )


def _without_time(*, is_grouped: bool) -> str:
    if is_grouped:
        return "Grouped folds know no time: give --folds, or --test-from and --refit, not both."
    return (
        "This history is not dated, so no test can begin at a date or be learned from anew: leave out --test-from and "
        "--refit, and it is judged in grouped folds (--folds 5x10). If it has dates, let the mapping read as_of."
    )


def ripe_before(table: Table, turn: Turn, place: int) -> Mapping[int, Rows]:
    """Return by their places the answered rows of earlier folds that may be judged when a fold starts.

    By time: those old enough for nine in ten of their like to have closed. The newest known are only the fast closers.
    After the last fold, or where nothing is dated, every answered row may be.
    """
    earlier = {before: fold.answer for before, fold in enumerate(turn[:place])}
    start = turn[place].start if place < len(turn) else np.nan
    if np.isnan(start):
        return earlier
    last = start - seconds_to_close(table, turn[place].learn)
    ripe = {
        before: rows[(table.known_at[rows] <= start) & (table.as_of[rows] <= last)] for before, rows in earlier.items()
    }
    return {before: rows for before, rows in ripe.items() if len(rows)}


def mature_rows(table: Table) -> Rows:
    """Return the rows old enough to be judged: the newest closed deals are only the fast closers.

    Measured on when an outcome was first known: a correction a year later does not make a deal slow to close.
    """
    if not table.is_dated:
        return np.arange(len(table))
    last = float(table.first_known_at.max()) - seconds_to_close(table, np.arange(len(table)))
    return np.flatnonzero(table.as_of <= last)


def seconds_to_close(table: Table, rows: Rows) -> float:
    """Return how long nine in ten of these deals took until their outcome was known; 0 without deals."""
    if not len(rows):
        return 0.0
    return float(np.quantile(np.maximum(table.first_known_at[rows] - table.as_of[rows], 0.0), MATURE_QUANTILE))


def grouped_folds(table: Table, count: int, *, seed: int, among: Rows | None = None) -> Turn:
    """Deal the groups of same facts out to `count` folds; every row, or every one of `among`, is answered once."""
    among = np.arange(len(table)) if among is None else among
    names, group = np.unique(table.groups[among], return_inverse=True)
    rng = np.random.default_rng(seed)
    fold_of_group = np.empty(len(names), dtype=np.intp)
    fold_of_group[rng.permutation(len(names))] = np.arange(len(names)) % count
    fold = fold_of_group[group]
    parts = [(among[fold != one], among[fold == one]) for one in range(count)]
    return tuple(Fold(learn, answer, np.nan, is_test=False) for learn, answer in parts if len(answer))


def _fold(table: Table, known: Rows, answer: Rows, *, is_test: bool) -> Fold:
    start = float(table.as_of[answer].min())
    learn = known[(table.as_of[known] < start) & (table.known_at[known] <= start)]
    return Fold(learn, answer, start, is_test)


def _periods(table: Table, rows: Rows, refit: Refit) -> Iterator[Rows]:
    if refit == "once":
        yield rows
        return
    period = np.array([_period(moment, refit) for moment in table.as_of[rows]], dtype=np.intp)
    for one in np.unique(period):
        yield rows[period == one]


def _period(moment: float, refit: Refit) -> int:
    date = datetime.fromtimestamp(moment, UTC)
    month = date.year * 12 + date.month - 1
    return month // 3 if refit == "quarter" else month


def quarters(as_of: Floats) -> Sequence[str]:
    """Name each moment's calendar quarter, as in 2026Q1; "undated" where there is none."""
    return ["undated" if np.isnan(m) else _quarter(datetime.fromtimestamp(m, UTC)) for m in as_of.tolist()]


def _quarter(date: datetime) -> str:
    return f"{date.year}Q{(date.month - 1) // 3 + 1}"


def _joined(parts: Sequence[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)
