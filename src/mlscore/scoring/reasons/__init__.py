"""Why the model said so, what to ask next, and what would change it: for whole batches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.reasons.asking import both_answers, next_questions
from mlscore.scoring.reasons.changes import possible_changes
from mlscore.scoring.reasons.path import Ways, further_ways, paths, ways_up
from mlscore.scoring.reasons.questions import usual_answers
from mlscore.scoring.reasons.what_if import Said, try_all
from mlscore.scoring.reasons.why import REASONS_SHOWN, WORTH_SAYING, model_reasons
from mlscore.scoring.receipt import NextQuestion, Route, Step
from mlscore.scoring.rules import ROUTES, Flags
from mlscore.scoring.verdict import Verdicts

__all__ = [
    "REASONS_SHOWN",
    "WORTH_SAYING",
    "LookAhead",
    "look_ahead",
    "model_reasons",
    "usual_answers",
]

_COMPANY, _REJECT = (ROUTES.index(route) for route in (Route.COMPANY, Route.REJECT))


@dataclass(frozen=True, slots=True)
class LookAhead:
    """What could still change, one entry a deal: the next question, and the path."""

    next_questions: Sequence[NextQuestion | None]
    paths: Sequence[tuple[Step, ...]]


def look_ahead(
    judged: Verdicts,
    answers: ModelAnswers | None,
    *,
    with_questions: bool = True,
    with_paths: bool = True,
    but: Collection[str] = (),
) -> LookAhead:
    """Try every answer and every change of every deal in one pass; nothing for leads that go no further.

    A second pass looks for sets of changes that bring a deal to the capacity line, where the first found none.
    No question asks for facts that were asked for in vain: `but` those.
    """
    now, deals = Said(judged, answers), len(judged)
    if not (with_questions or with_paths):
        return LookAhead((None,) * deals, ((),) * deals)
    goes_on = (judged.lead.route != _COMPANY) & (judged.lead.route != _REJECT)
    changes = possible_changes(judged)
    kinds = (
        both_answers(now, goes_on if with_questions else _none(deals), but=but),
        ways_up(changes, goes_on if with_paths else _none(deals)),
    )
    asked, tried = try_all(now, *kinds)
    ways = Ways.of(tried)
    if (now.above_line < 0.0).any():
        ways = ways.and_further(Ways.of(*try_all(now, further_ways(now, changes, ways))))
    return LookAhead(next_questions(now, asked), paths(now, changes, ways))


def _none(deals: int) -> Flags:
    return np.zeros(deals, dtype=np.bool_)
