"""Deals as they would be if some facts changed: every hypothesis of a batch judged and scored in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats, Texts, Write
from mlscore.scoring.decision import actions
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.rules import Codes, Flags
from mlscore.scoring.verdict import Verdicts, judge

Rows = NDArray[np.intp]
Written = Mapping[str, Floats | Texts | float | str]
"""What facts become: one value for all deals, or one each."""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Sets of edits to be tried on deals.

    `edits` are what may be written; `sets` says which of them make up a scenario (scenarios x edits); `open_to` which
    deals it is tried on (deals x scenarios).
    """

    edits: tuple[Written, ...]
    sets: Flags
    open_to: Flags


class Said:
    """What rules and model say of some rows, column by column: of deals as they are, or as they would be."""

    def __init__(self, judged: Verdicts, answers: ModelAnswers | None) -> None:
        self.judged = judged
        self.answers = answers

    @property
    def verdict(self) -> Codes:
        """The rules' verdict."""
        return self.judged.verdict

    @property
    def grade(self) -> Codes:
        """The official letter."""
        return self.judged.bant.official

    @cached_property
    def action(self) -> Codes:
        """What the CRM would be told."""
        return actions(self.judged, self.answers)

    @cached_property
    def probability(self) -> Floats:
        """The model's probability, NaN without a model."""
        return np.full(len(self.judged), np.nan) if self.answers is None else self.answers.probability

    @cached_property
    def expected_profit(self) -> Floats:
        """What it is expected to bring in minor units, NaN without a model."""
        return np.full(len(self.judged), np.nan) if self.answers is None else self.answers.expected_profit

    @cached_property
    def above_line(self) -> Floats:
        """By how much it is expected to bring more than the capacity line; minor units, NaN where that is not said."""
        return np.full(len(self.judged), np.nan) if self.answers is None else self.answers.above_line


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one kind of scenarios: row by row whose deal it was and which scenario, `at` where in `answered`.

    Rows are in the order of the deals, those of a deal in the order of the scenarios.
    """

    deal: Rows
    scenario: Rows
    at: slice
    answered: Said


def try_all(now: Said, *kinds: Scenarios) -> tuple[Tried, ...]:
    """Try every scenario on every deal it is open to, all kinds of them in one pass."""
    pairs = [np.nonzero(kind.open_to) for kind in kinds]
    deals = np.concatenate([deal for deal, _ in pairs])
    ends = np.cumsum([len(deal) for deal, _ in pairs]).tolist()
    at = [slice(end - len(deal), end) for end, (deal, _) in zip(ends, pairs, strict=True)]
    said = now
    if len(deals):
        writes = [w for k, (d, s), a in zip(kinds, pairs, at, strict=True) for w in _writes(k, d, s, begin=a.start)]
        judged = judge(now.judged.facts.deals.rewritten(deals, writes), now.judged.policy)
        said = Said(judged, None if now.answers is None else _asked_again(now.answers, judged, deals))
    return tuple(Tried(deal, scenario, a, said) for (deal, scenario), a in zip(pairs, at, strict=True))


def _asked_again(answers: ModelAnswers, judged: Verdicts, deals: Rows) -> ModelAnswers:
    return answers.model.answers(judged.facts.deals, judged=judged, origin=(answers, deals))


def _writes(kind: Scenarios, deal: Rows, scenario: Rows, *, begin: int) -> Iterator[Write]:
    edited = kind.sets[scenario]
    for place in np.flatnonzero(edited.any(axis=0)).tolist():
        rows = edited[:, place].nonzero()[0]
        whose, at = deal[rows], rows + begin
        for fact, values in kind.edits[place].items():
            yield fact, at, values[whose] if isinstance(values, np.ndarray) else values
