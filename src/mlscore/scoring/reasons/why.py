"""Why the model said so: what each business fact did to the probability, for all deals of a batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import isnan

import numpy as np

from mlscore.scoring.deal import FACTS, Floats, Kind
from mlscore.scoring.features import within
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.model.calibration import NEVER_SURE, sigmoid
from mlscore.scoring.policy.facts import TURNOVER
from mlscore.scoring.receipt import ModelReason, Param
from mlscore.scoring.verdict import Verdicts

CLIENT = "company_id"

REASONS_SHOWN = 6
WORTH_SAYING = 0.005
"""Half a probability point: less is noise to a reader."""


def model_reasons(answers: ModelAnswers) -> tuple[tuple[ModelReason, ...], ...]:
    """Return, for every deal, what moved its probability from the usual one, by business fact, largest first."""
    facts, every = answers.model.grouping.facts, effects(answers)
    largest = np.argsort(-np.abs(every), axis=1, kind="stable")[:, :REASONS_SHOWN]
    shown = every[np.arange(len(every))[:, None], largest]
    values = _Values(answers.judged)
    return tuple(
        tuple(
            ModelReason(fact=facts[at], value=values.of(facts[at])[row], effect=effect)
            for at, effect in zip(places, moved, strict=True)
            if abs(effect) >= WORTH_SAYING
        )
        for row, (places, moved) in enumerate(zip(largest.tolist(), shown.tolist(), strict=True))
    )


def effects(answers: ModelAnswers) -> Floats:
    """Return deals x facts in probability points: they add up to the deal's probability less the usual one.

    The usual probability is that of the rest of the log-odds alone, with no fact counted. Contributions are exact in
    log-odds. What all raising facts do together, with and without the lowering ones, is shared out among them by their
    contributions, and likewise what the lowering ones do: no fact is said to do more than all of its side did.
    """
    contributions = answers.contributions(np.arange(len(answers)))
    parts, rest = answers.model.grouping(contributions), contributions[:, -1]
    up, down = np.maximum(parts, 0.0), np.minimum(parts, 0.0)
    raised, lowered = up.sum(axis=1), down.sum(axis=1)
    usual, above, below = _probability(answers, np.stack([rest, rest + raised, rest + lowered]))
    reached = answers.probability
    for_raised = ((above - usual) + (reached - below)) / 2.0
    for_lowered = ((below - usual) + (reached - above)) / 2.0
    return up * _over(for_raised, raised) + down * _over(for_lowered, lowered)


def _probability(answers: ModelAnswers, raw: Floats) -> Floats:
    return within(sigmoid(answers.model.calibration(raw)), NEVER_SURE, 1.0 - NEVER_SURE)


def _over(points: Floats, log_odds: Floats) -> Floats:
    """Return a column of points for a unit of log-odds, 0 where nothing moved."""
    moved = np.abs(log_odds) > np.finfo(np.float64).tiny
    return np.divide(points, log_odds, out=np.zeros(len(points)), where=moved)[:, None]


class _Values:
    """What is known of facts, as a reason carries it: each fact read once for a batch."""

    def __init__(self, judged: Verdicts) -> None:
        self._judged = judged
        self._custom = {fact.name for fact in judged.policy.custom_facts if fact.kind != "category"}
        self.of = cache(self._read)

    def _read(self, fact: str) -> Sequence[Param]:
        """Return one value a deal; None where it is unknown, stands for several facts, or only names the client."""
        facts, known = self._judged.facts, FACTS.get(fact)
        if fact == CLIENT:
            return [None] * facts.size
        if known is not None and known.kind is Kind.TEXT:
            return [None if text is None else str(text) for text in facts.text(fact)]
        if known is None and fact not in self._custom:
            return [None] * facts.size
        numbers = facts.number(TURNOVER if fact == "annual_turnover_rub" else fact).tolist()
        is_yes_no = known is not None and known.kind is Kind.TRI
        return [None if isnan(number) else bool(number) if is_yes_no else number for number in numbers]
