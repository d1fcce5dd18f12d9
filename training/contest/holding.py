"""The contest: every candidate learns and answers fold by fold; the blend is put together from what came before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import FittedModel, Inputs, Member
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.verdict import judge
from training.contest.assemble import Answered, assemble, blend_weights
from training.contest.calibrate import Part, calibrate
from training.contest.setting import Setting, choose_settings
from training.dataset import Rows, Table
from training.estimators import BLENDED, FALLBACK, STAGED, Candidate, Lesson, candidates, learn
from training.split import Plan, Turn, ripe_before

BLEND = "blend"
"""What is served: no single candidate."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """Answers by models that had not seen the row: columns over the table, NaN where no fold answers.

    `raw` are the candidates' log-odds, `log_odds` the calibrated ones. The rest is the blend's, as it would have been
    served: calibrated log-odds, the interval of the probability, expected profit in minor units, and whether it
    abstained.
    """

    raw: Mapping[str, Floats]
    log_odds: Mapping[str, Floats]
    service: Floats
    low: Floats
    high: Floats
    expected_profit: Floats
    abstained: NDArray[np.bool_]

    @classmethod
    def empty(cls, rows: int, names: Sequence[str]) -> Self:
        """Return a round in which nobody has answered yet."""

        def column() -> Floats:
            return np.full(rows, np.nan)

        raw, log_odds = ({name: column() for name in names} for _ in range(2))
        return cls(raw, log_odds, column(), column(), column(), column(), np.zeros(rows, dtype=np.bool_))

    def probability(self, name: str | None = None) -> Floats:
        """Return a candidate's probabilities, or the blend's."""
        return sigmoid(self.service if name is None else self.log_odds[name])

    def take(self, rows: Rows, other: Round) -> None:
        """Take another round's answers to some rows."""
        for name, column in self.raw.items():
            column[rows] = other.raw[name][rows]
            self.log_odds[name][rows] = other.log_odds[name][rows]
        for own, theirs in (
            (self.service, other.service),
            (self.low, other.low),
            (self.high, other.high),
            (self.expected_profit, other.expected_profit),
            (self.abstained, other.abstained),
        ):
            own[rows] = theirs[rows]


@dataclass(frozen=True, slots=True)
class Contest:
    """What came of a contest: a round a repeat, and the model put together from every row."""

    rounds: tuple[Round, ...]
    model: FittedModel
    weights: Mapping[str, float]
    setting: Setting


Field = Callable[[Setting], Sequence[Candidate]]
"""Who enters under a setting; the same names under every one."""


def field_of(table: Table, *, is_all: bool = True) -> Field:
    """Return every candidate, or only those that have a part in what is served."""

    def field(setting: Setting) -> Sequence[Candidate]:
        every = candidates(table, seed=setting.seed, threads=setting.threads, is_tracked=setting.is_tracked)
        return [one for one in every if is_all or one.name in (*BLENDED, FALLBACK)]

    return field


def hold(table: Table, plan: Plan, setting: Setting, *, progress: Progress | None = None) -> Contest:
    """Hold the contest, once for every repeat of the plan, and put the model to be served together.

    In time every fold has the setting that those before it speak for; in grouped folds it is the one given, for there
    the rows to judge by are those to be answered.
    """
    tell = progress or (lambda _: None)
    settings = choose_settings(table, plan.finale, setting) if plan.by_time else (setting,) * (len(plan.finale) + 1)
    setting = settings[-1]
    tell("setting: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in setting.written().items()))
    field, rounds = field_of(table), []
    for repeat, turns in enumerate(plan.repeats):
        found = Round.empty(len(table), [entrant.name for entrant in field(setting)])
        for place, turn in enumerate(turns):
            if not plan.by_time:
                tell(f"repeat {repeat + 1} of {len(plan.repeats)}, fold {place + 1} of {len(turns)}")
            answered = play(table, turn, field, settings, by_time=plan.by_time, progress=tell)
            found.take(_told(turn, by_time=plan.by_time), answered)
        rounds.append(found)
    tell("the blend learns from every deal")
    model, weights = finish(table, plan, rounds[0], setting)
    return Contest(tuple(rounds), model, weights, setting)


def play(
    table: Table,
    turn: Turn,
    field: Field,
    settings: Sequence[Setting],
    *,
    by_time: bool,
    progress: Progress = lambda _: None,
) -> Round:
    """Answer the folds of a turn one after the other, each under its setting."""
    found = Round.empty(len(table), [entrant.name for entrant in field(settings[0])])
    for place, (fold, setting) in enumerate(zip(turn, settings, strict=False)):
        if by_time:
            progress(f"fold {place + 1} of {len(turn)}: {len(fold.learn)} deals learned, {len(fold.answer)} answered")
        own = table.as_learned_from(fold.learn)
        lesson = Lesson.of(own, fold.learn, half_life_days=setting.half_life_days)
        members = learn(field(setting), lesson)
        inputs = Inputs(own.inputs.matrix[fold.answer], own.inputs.cells[fold.answer])
        for name, raw in found.raw.items():
            raw[fold.answer] = (members[name] if name in members else members[STAGED]).log_odds(inputs)
        if by_time or fold.is_test:
            answered = Answered(parts_before(table, turn, place, by_time=by_time), found.raw)
            _calibrate(table, fold.answer, found, answered)
            _serve(own, fold.learn, fold.answer, found, members, answered, setting)
    return found


def finish(table: Table, plan: Plan, first: Round, setting: Setting) -> tuple[FittedModel, Mapping[str, float]]:
    """Put the model to be served together: its members learn every row, and every answered fold weighs them.

    Return it with the weight of each member.
    """
    field, raw = field_of(table, is_all=False), first.raw
    if not plan.by_time:
        raw = play(table, plan.finale, field, (setting,) * len(plan.finale), by_time=False).raw
    rows = np.arange(len(table))
    lesson = Lesson.of(table, rows, half_life_days=setting.half_life_days)
    members = learn(field(setting), lesson)
    answered = Answered([fold.answer for fold in plan.finale], raw)
    weights = blend_weights(table, members, answered, learned=len(rows))
    return assemble(table, rows, members, answered, weights, setting), weights


def parts_before(table: Table, turn: Turn, place: int, *, by_time: bool) -> list[Rows]:
    """Return the answered rows of each earlier fold that may be judged when a fold starts, oldest first."""
    if not by_time:
        return [fold.answer for fold in turn[:place]]
    return list(ripe_before(table, turn, place).values())


def _calibrate(table: Table, rows: Rows, found: Round, answered: Answered) -> None:
    for name, raw in found.raw.items():
        parts = [Part(raw[part], table.y[part].astype(np.float64)) for part in answered.parts]
        found.log_odds[name][rows] = calibrate(parts)(raw[rows])


def _serve(
    table: Table,
    learned: Rows,
    rows: Rows,
    found: Round,
    members: Mapping[str, Member],
    answered: Answered,
    setting: Setting,
) -> None:
    weights = blend_weights(table, members, answered, learned=len(learned))
    model = assemble(table, learned, members, answered, weights, setting)
    deals = table.deals.select(rows)
    said = replace(model, why_unapproved=None).answers(deals, judged=judge(deals, table.policy))
    found.service[rows], found.expected_profit[rows] = said.log_odds, said.expected_profit
    found.low[rows], found.high[rows] = said.interval
    found.abstained[rows] = said.abstains


def _told(turn: Turn, *, by_time: bool) -> Rows:
    answered = [fold.answer for fold in turn if by_time or fold.is_test]
    return np.concatenate([np.zeros(0, dtype=np.intp), *answered])
