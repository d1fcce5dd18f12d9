"""`speed`: what each part of an answer costs, measured side by side in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from rich.table import Table as RichTable

from mlscore.registry import BoosterMember
from mlscore.scoring.deal import Deals
from mlscore.scoring.decision import decide
from mlscore.scoring.explanation import explain
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.reasons import look_ahead, model_reasons
from mlscore.scoring.track_record import TrackRecord
from mlscore.scoring.verdict import judge
from training.commands.console import out, refusing, telling
from training.dataset import Table
from training.estimators import Lesson, SmallTrees
from training.playground import simulated_firm
from training.retrain import Progress, Terms, investigate
from training.workshop import now

DEALS, SEED = 1_500, 20
ROUNDS, CALLS = 7, 30
BATCH = 1_000

Call = Callable[[], object]


def speed_command() -> None:
    """Print what one deal and a batch cost, part by part, against the bare booster on a ready row.

    Medians of several rounds, taken in turn, in microseconds. The model is trained on a small simulated history.
    """
    with refusing():
        table, record, model, row_only = _fitted(telling())
        deals = table.deals.select(range(min(BATCH, len(table))))
        single = deals.select([0])
        one = {"the bare booster on a ready row": row_only, **_parts(single, table.policy, record, model)}
        out.print(_table("One deal, microseconds", _medians(one, calls=CALLS), per=1))
        many = _columns(deals, table.policy, record, model)
        out.print(_table(f"A batch of {len(deals)}, microseconds a deal", _medians(many, calls=1), per=len(deals)))


def _fitted(progress: Progress) -> tuple[Table, TrackRecord | None, FittedModel, Call]:
    progress("importing a simulated history")
    with simulated_firm(deals=DEALS, seed=SEED) as workshop:
        table = workshop.table(known_by=now())
        record = workshop.store.track_records.of(workshop.firm, workshop.policy)
    terms = Terms(seed=SEED, simulated=True)
    model = investigate(workshop.firm, table, terms, at=now(), progress=progress).model
    lesson = Lesson.of(table, np.arange(len(table)))
    member = SmallTrees(seed=SEED, threads=1, is_whole=True).fit(lesson)
    row = member.design(table.inputs.matrix[:1]) if isinstance(member, BoosterMember) else table.inputs.matrix[:1]
    booster = member.booster if isinstance(member, BoosterMember) else None
    bare: Call = (lambda: booster.predict(row, raw_score=True, num_threads=1)) if booster else (lambda: None)
    return table, record, replace(model, members=((1.0, member),)), bare


def _parts(deals: Deals, policy: Policy, record: TrackRecord | None, model: FittedModel) -> dict[str, Call]:
    def judged_and_explained() -> None:
        explain(judge(_fresh(deals), policy), 0)

    def looked_up() -> None:
        explain(judge(_seen(deals, record), policy), 0)

    def answered() -> None:
        judged = judge(_seen(deals, record), policy)
        explain(judged, 0)
        model.answers(judged.facts.deals, judged=judged).answer(0)

    def reasoned() -> None:
        judged = judge(_seen(deals, record), policy)
        explain(judged, 0)
        answers = model.answers(judged.facts.deals, judged=judged)
        answers.answer(0, reasons=model_reasons(answers)[0])

    return {
        "the rules' verdict": lambda: judge(_fresh(deals), policy),
        "with the rules' reasons": judged_and_explained,
        "with the firm's track record": looked_up,
        "with probability, interval, expected profit": answered,
        "with the model's reasons": reasoned,
        "with the next question and the path": lambda: _complete(deals, policy, record, model),
    }


def _columns(deals: Deals, policy: Policy, record: TrackRecord | None, model: FittedModel) -> dict[str, Call]:
    def answered() -> None:
        judged = judge(_seen(deals, record), policy)
        answers = model.answers(judged.facts.deals, judged=judged)
        _ = answers.interval, answers.expected_profit

    def explained() -> None:
        judged = judge(_fresh(deals), policy)
        for row in range(len(deals)):
            explain(judged, row)

    return {
        "verdicts, as columns": lambda: judge(_fresh(deals), policy).cell,
        "the firm's track record, as columns": lambda: _seen(deals, record),
        "verdicts, track record and probabilities, as columns": answered,
        "verdicts with their reasons, deal by deal": explained,
        "everything said of every deal": lambda: _complete(deals, policy, record, model),
    }


def _complete(deals: Deals, policy: Policy, record: TrackRecord | None, model: FittedModel) -> None:
    judged = judge(_seen(deals, record), policy)
    answers = model.answers(judged.facts.deals, judged=judged)
    look_ahead(judged, answers)
    for row, reasons in enumerate(model_reasons(answers)):
        rule, said = explain(judged, row), answers.answer(row, reasons=reasons)
        decide(rule, said, policy)


def _fresh(deals: Deals) -> Deals:
    return deals.select(range(len(deals)))


def _seen(deals: Deals, record: TrackRecord | None) -> Deals:
    fresh = _fresh(deals)
    return fresh if record is None else fresh.recorded(record.columns)


def _medians(calls_of: Mapping[str, Call], *, calls: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in calls_of}
    for _ in range(ROUNDS):
        for name, call in calls_of.items():
            begun = time.perf_counter()
            for _ in range(calls):
                call()
            taken[name].append((time.perf_counter() - begun) / calls)
    return {name: statistics.median(times) * 1e6 for name, times in taken.items()}


def _table(title: str, medians: Mapping[str, float], *, per: int) -> RichTable:
    table = RichTable("", "microseconds", "ratio to the first", title=title)
    first = next(iter(medians.values()))
    for name, microseconds in medians.items():
        table.add_row(name, f"{microseconds / per:,.1f}", f"{microseconds / first:,.1f}")
    return table
