"""The way up: the cheapest changes a seller can bring about for the floor, a better letter, or the team's capacity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from math import isnan

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.reasons.changes import EFFORT, SETS, Possible
from mlscore.scoring.reasons.what_if import Rows, Said, Scenarios, Tried
from mlscore.scoring.reasons.why import WORTH_SAYING
from mlscore.scoring.receipt import Goal, Step, Verdict
from mlscore.scoring.rules import GRADES, Codes, Flags
from mlscore.scoring.verdict import VERDICTS

STEPS_SHOWN = 5

_UP = (
    *(Verdict.REJECT, Verdict.REFUSE, Verdict.NURTURE, Verdict.REVIEW, Verdict.ASK),
    *(Verdict.ACCEPT_EXCEPTION, Verdict.ACCEPT),
)
_HEIGHT = np.array([_UP.index(verdict) for verdict in VERDICTS], dtype=np.intp)
"""How high each verdict stands, by its place in VERDICTS."""

_ACCEPT = VERDICTS.index(Verdict.ACCEPT)

_MADE_OF: Flags = np.array([[place in places for place in range(len(EFFORT))] for places in SETS])
_BITS = 1 << np.arange(len(EFFORT))
_IN_BITS = _MADE_OF @ _BITS
_ALONE: Flags = _MADE_OF.sum(axis=1) == 1
_CHANGE = np.array([places[0] for places in SETS])
"""The first change of each set: of a single one, itself."""


def _none_but(*facts: str) -> Flags:
    others = np.array([fact not in facts for fact in EFFORT])
    return np.asarray(~_MADE_OF[:, others].any(axis=1))


_BY_RULES: Flags = (
    _ALONE
    | _none_but("need_defined", "budget_allocated", "delivery_needed_by")
    | _none_but("need_defined", "budget_amount", "delivery_needed_by")
    | _none_but("amount", "profit_if_won")
)
"""The sets that the letter and the floor may need, and all single changes."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Sets of changes that were tried: whose deal, which set, and what came of it; cheapest first for every deal."""

    deal: Rows
    places: Rows
    verdict: Codes
    grade: Codes
    probability: Floats
    expected_profit: Floats
    above_line: Floats

    @classmethod
    def of(cls, tried: Tried) -> Ways:
        """Take them from where they were tried."""
        then, at = tried.answered, tried.at
        return cls(
            deal=tried.deal,
            places=tried.scenario,
            verdict=then.verdict[at],
            grade=then.grade[at],
            probability=then.probability[at],
            expected_profit=then.expected_profit[at],
            above_line=then.above_line[at],
        )

    def and_further(self, further: Ways) -> Ways:
        """Return these and further ones, again cheapest first."""
        both = {f.name: np.concatenate([getattr(self, f.name), getattr(further, f.name)]) for f in fields(self)}
        order = np.lexsort((both["places"], both["deal"]))
        return Ways(**{name: column[order] for name, column in both.items()})

    def lower_nothing(self, now: Said) -> Flags:
        """Tell which lower neither verdict nor letter, nor the probability and the expected profit both."""
        height = _HEIGHT[self.verdict] >= _HEIGHT[now.verdict][self.deal]
        lowers_both = self.lower_the_chance(now) & (self.expected_profit < now.expected_profit[self.deal])
        return np.asarray(height & (self.grade >= now.grade[self.deal]) & ~lowers_both)

    def lower_the_chance(self, now: Said) -> Flags:
        """Tell which lower the probability by more than is noise."""
        return np.asarray(self.probability < now.probability[self.deal] - WORTH_SAYING)

    def reach_the_line(self, now: Said) -> Flags:
        """Tell which bring a deal to the capacity line and lower nothing, the probability included."""
        return np.asarray(self.lower_nothing(now) & ~self.lower_the_chance(now) & (self.above_line >= 0.0))


def ways_up(changes: Sequence[Possible], among: Flags) -> Scenarios:
    """Return as scenarios every single change, and the sets that a letter or the floor may need.

    Each is open to the deals, `among` those given, that all its changes are open to.
    """
    is_open = np.array([change.is_open & among for change in changes]).T
    return _scenarios(changes, is_open, _BY_RULES)


def further_ways(now: Said, changes: Sequence[Possible], ways: Ways) -> Scenarios:
    """Return as scenarios the sets the capacity line may need, for deals below it that no single change brings there.

    They are made of changes each of which raises the expected profit by itself.
    """
    deal, is_alone = ways.deal, _ALONE[ways.places]
    needs_more = now.above_line < 0.0
    needs_more[deal[is_alone & ways.reach_the_line(now)]] = False
    raises = is_alone & (ways.above_line > now.above_line[deal]) & needs_more[deal]
    helps = np.zeros((len(needs_more), len(changes)), dtype=np.bool_)
    helps[deal[raises], _CHANGE[ways.places[raises]]] = True
    return _scenarios(changes, helps, ~_BY_RULES)


def _scenarios(changes: Sequence[Possible], is_open: Flags, sets: Flags) -> Scenarios:
    open_in_bits = (is_open @ _BITS)[:, None]
    return Scenarios(
        edits=tuple(change.writes for change in changes),
        sets=_MADE_OF,
        open_to=((open_in_bits & _IN_BITS) == _IN_BITS) & sets,
    )


def paths(now: Said, changes: Sequence[Possible], ways: Ways) -> tuple[tuple[Step, ...], ...]:
    """Return, for every deal, the cheapest way to each goal, then the single changes that only lift the probability.

    The goals: the floor, every better letter, the capacity line. No step lowers the verdict or the letter, and one that
    lowers the probability is shown for the floor or a letter alone, unless the expected profit falls with it.
    """
    found: list[dict[int, Goal]] = [{} for _ in range(len(now.judged))]
    for goal, rows in _reached(now, ways):
        for deal, row in zip(ways.deal[rows].tolist(), rows.tolist(), strict=True):
            found[deal].setdefault(row, goal)
    shown = [list(steps.items())[:STEPS_SHOWN] for steps in found]
    rows = np.array([row for steps in shown for row, _ in steps], dtype=np.intp)
    columns = (ways.deal, ways.places, ways.verdict, ways.grade, ways.probability)
    told = zip(*(column[rows].tolist() for column in columns), strict=True)
    return tuple(tuple(_step(changes, goal, *next(told)) for _, goal in steps) for steps in shown)


def _reached(now: Said, ways: Ways) -> Iterator[tuple[Goal, Rows]]:
    """Give the rows that reach each goal: each deal's cheapest; of those that lift the probability all, most first."""
    deal, verdict, grade = ways.deal, ways.verdict, ways.grade
    verdict_now, grade_now = now.verdict[deal], now.grade[deal]
    fits = ways.lower_nothing(now)
    yield "floor", _cheapest(deal, fits & (verdict == _ACCEPT) & (verdict_now != _ACCEPT))
    for letter in range(1, len(GRADES)):
        yield "grade", _cheapest(deal, fits & (grade_now < letter) & (letter <= grade))
    yield "capacity", _cheapest(deal, ways.reach_the_line(now) & (now.above_line[deal] < 0.0))
    lift = ways.probability - now.probability[deal]
    only_lifts = _ALONE[ways.places] & (verdict == verdict_now) & (grade == grade_now) & (lift > WORTH_SAYING)
    lifting = only_lifts.nonzero()[0]
    yield "probability", lifting[np.argsort(-lift[lifting], kind="stable")]


def _cheapest(deal: Rows, reached: Flags) -> Rows:
    """Return the first row of each deal that reaches the goal."""
    rows = reached.nonzero()[0]
    whose = deal[rows]
    is_first = np.ones(len(rows), dtype=np.bool_)
    is_first[1:] = whose[1:] != whose[:-1]
    return rows[is_first]


def _step(
    changes: Sequence[Possible], goal: Goal, deal: int, places: int, verdict: int, grade: int, probability: float
) -> Step:
    first, *further = (made for place in SETS[places] for made in changes[place].made(deal))
    return Step(
        fact=first.fact,
        to=first.to,
        verdict=VERDICTS[verdict],
        grade=GRADES[grade],
        probability=None if isnan(probability) else probability,
        goal=goal,
        also=tuple(further),
    )
