"""What moves the model's answers: each business fact on the whole, and value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import FittedModel
from mlscore.scoring.reasons.why import effects
from mlscore.scoring.verdict import Verdicts, judge
from training.dataset import Rows, Table
from training.readings import Mask, Reading, ranges, reading_of

MOVED_ROWS_MAX = 5_000
"""No more deals are looked at: the newest."""

VALUE_ROWS_MIN = 5
"""A name that fewer deals have stands among the others."""

NAMES_SHOWN = 8
UNKNOWN, OTHERS = "unknown", "others"


@dataclass(frozen=True, slots=True)
class Moves:
    """What each fact did to the probability of some deals, in probability points: `points` is deals x facts."""

    facts: tuple[str, ...]
    points: Floats
    judged: Verdicts


@dataclass(frozen=True, slots=True)
class Influence:
    """How far a fact moves the probability of a deal, up or down, on average; 0.1 is 10 probability points."""

    fact: str
    points: float


@dataclass(frozen=True, slots=True)
class Insight:
    """What a value of a fact does to the probability on average, among the deals that have it."""

    fact: str
    value: str
    deals: int
    points: float


def moves_of(model: FittedModel, table: Table, rows: Rows) -> Moves:
    """Return what moved the model's answers to these deals, the newest 5 000 of them at most."""
    deals = table.deals.select(rows[-MOVED_ROWS_MAX:])
    judged = judge(deals, table.policy)
    answers = model.answers(deals, judged=judged)
    return Moves(model.grouping.facts, effects(answers), judged)


def influences(moves: Moves) -> tuple[Influence, ...]:
    """Return every fact that moves anything, the strongest first."""
    if not len(moves.points):
        return ()
    mean = np.abs(moves.points).mean(axis=0)
    order = np.argsort(-mean, kind="stable").tolist()
    return tuple(Influence(moves.facts[place], float(mean[place])) for place in order if mean[place] > 0)


def insights(moves: Moves, *, facts: int = 6) -> tuple[Insight, ...]:
    """Return the strongest `facts` that have values to look at, value by value."""
    found: list[Insight] = []
    told = 0
    for influence in influences(moves):
        reading = reading_of(influence.fact, moves.judged)
        if reading is None or told == facts:
            continue
        points = moves.points[:, moves.facts.index(influence.fact)]
        found += [
            Insight(influence.fact, value, int(among.sum()), float(points[among].mean()))
            for value, among in values_of(reading)
            if among.any()
        ]
        told += 1
    return tuple(found)


def values_of(reading: Reading) -> Iterator[tuple[str, Mask]]:
    """Yield each value, or range of values, and which deals have it; those of an unknown value come last."""
    column = reading.column
    yield from _names(column, reading.levels) if reading.levels is not None else ranges(column)
    yield UNKNOWN, np.isnan(column)


def _names(column: Floats, levels: Sequence[str]) -> Iterator[tuple[str, Mask]]:
    counts = np.array([int((column == place).sum()) for place in range(len(levels))], dtype=np.intp)
    most = np.sort(np.argsort(-counts, kind="stable")[:NAMES_SHOWN])
    shown = [place for place in most.tolist() if counts[place] >= VALUE_ROWS_MIN]
    for place in shown:
        yield levels[place], column == place
    yield OTHERS, ~np.isnan(column) & ~np.isin(column, shown)
