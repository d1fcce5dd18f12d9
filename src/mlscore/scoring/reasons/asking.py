"""What to ask next: the one unknown fact whose answer is expected to change most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from math import isnan

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.explanation import missing_facts
from mlscore.scoring.policy import Policy
from mlscore.scoring.reasons.questions import questions_of
from mlscore.scoring.reasons.what_if import Said, Scenarios, Tried
from mlscore.scoring.receipt import NextQuestion
from mlscore.scoring.rules import Codes, Flags

_EITHER_WAY = 0.5
"""How likely a yes is where no history says."""

_DECIMALS = 12
"""Rounded so that the noise of arithmetic puts no question before another."""


def both_answers(now: Said, among: Flags, *, but: Collection[str] = ()) -> Scenarios:
    """Return yes and no to the first question, yes and no to the second and so on, as scenarios.

    Behind them stands what a yes leads to, of the questions of which it is weighed so. Each is open to the deals that
    leave the question open, `among` those given; nobody is asked for facts that were asked for in vain, `but` those.
    """
    judged = now.judged
    questions = questions_of(judged.policy)
    is_open = np.array([question.is_open(judged) & among & (question.fact not in but) for question in questions]).T
    edits = [edit for question in questions for edit in (question.if_yes(judged), question.if_no(judged))]
    edits += [question.leads_to(judged) for question in questions if question.leads_to]
    open_to = np.hstack([np.repeat(is_open, 2, axis=1), is_open[:, _weighed_by_more(judged.policy)]])
    return Scenarios(tuple(edits), np.eye(len(edits), dtype=np.bool_), open_to)


@lru_cache(maxsize=64)
def _weighed_by_more(policy: Policy) -> Codes:
    questions = questions_of(policy)
    return np.array([place for place, question in enumerate(questions) if question.leads_to], dtype=np.intp)


def next_questions(now: Said, tried: Tried) -> tuple[NextQuestion | None, ...]:
    """Return, for every deal, the question whose answer would in expectation change most, with both outcomes.

    First counts the chance that the decision turns, then how far the probability is expected to move, then the letter;
    how likely a yes is, the history says. Where no answer changes anything, it is the first fact the verdict waits
    for; None where it waits for nothing.
    """
    facts = [question.fact for question in questions_of(now.judged.policy)]
    shape = (len(now.judged), 2 * len(facts) + len(_weighed_by_more(now.judged.policy)))
    outcome, is_open = np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_)
    outcome[tried.deal, tried.scenario] = tried.answered.probability[tried.at]
    is_open[tried.deal, tried.scenario] = True
    is_open = is_open[:, : 2 * len(facts) : 2]
    said: list[NextQuestion | None] = []
    for row, (place, chances) in enumerate(
        zip(_most(_worth(now, tried, shape), is_open).tolist(), outcome.tolist(), strict=True)
    ):
        chosen = place if place >= 0 else _awaited(now, row, facts, is_open[row])
        if chosen is None:
            said.append(None)
        else:
            if_yes, if_no = (None if isnan(chance) else chance for chance in chances[2 * chosen : 2 * chosen + 2])
            said.append(NextQuestion(fact=facts[chosen], if_yes=if_yes, if_no=if_no))
    return tuple(said)


def _worth(now: Said, tried: Tried, shape: tuple[int, int]) -> Floats:
    """Return what each question is expected to change, of decision, probability and letter x deals x questions."""
    then, at, deal = tried.answered, tried.at, tried.deal
    changes = np.array(
        [
            then.action[at] != now.action[deal],
            np.nan_to_num(np.abs(then.probability[at] - now.probability[deal])),
            np.abs(then.grade[at] - now.grade[deal]),
        ]
    )
    expected = np.zeros((len(changes), *shape))
    more, likelihood = _weighed_by_more(now.judged.policy), _likelihood(now)
    expected[:, deal, tried.scenario] = changes * np.append(likelihood, likelihood[2 * more])[tried.scenario]
    end = shape[1] - len(more)
    expected[..., 2 * more] = expected[..., end:]
    return np.round(expected[..., :end:2] + expected[..., 1:end:2], _DECIMALS)


def _likelihood(now: Said) -> Floats:
    """Return how likely a yes to the first question is, a no to it, a yes to the second and so on."""
    usual: Mapping[str, float] = {} if now.answers is None else now.answers.model.usual
    yes = np.array([usual.get(question.name, _EITHER_WAY) for question in questions_of(now.judged.policy)])
    return np.column_stack([yes, 1.0 - yes]).ravel()


def _most(worth: Floats, is_open: Flags) -> Codes:
    """Return the place of each deal's first question of the most worth; -1 where none is worth anything."""
    best = is_open
    for expected in worth:
        weighed = np.where(best, expected, -1.0)
        best = best & (weighed == weighed.max(axis=1, keepdims=True))
    place = best.argmax(axis=1)
    is_worth_it = is_open.any(axis=1) & worth[:, np.arange(len(place)), place].any(axis=0)
    return np.where(is_worth_it, place, -1)


def _awaited(now: Said, row: int, facts: Sequence[str], is_open: Flags) -> int | None:
    """Return the place of the first open question whose fact the verdict waits for."""
    open_facts = {facts[place]: place for place in np.flatnonzero(is_open)[::-1].tolist()}
    awaited = missing_facts(now.judged, row, now.judged.told.money[row])
    return next((open_facts[fact] for fact in awaited if fact in open_facts), None)
