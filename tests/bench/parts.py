"""Where each microsecond of an answer goes: every step of it timed by itself, in this process, on fresh deals."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mlscore.api import rendering
from mlscore.api.schemas.requests import DealIn
from mlscore.bootstrap import build_service
from mlscore.cli.server import settled
from mlscore.http.json_answer import JsonAnswer
from mlscore.http.json_body import read_json
from mlscore.scoring.deal import Deals
from mlscore.scoring.decision import decide
from mlscore.scoring.explanation import explain
from mlscore.scoring.reasons import look_ahead, model_reasons
from mlscore.scoring.receipt import Answer, Receipt
from mlscore.scoring.verdict import judge
from mlscore.service.application import Application
from mlscore.service.history import with_history
from mlscore.service.track_record import with_track_record
from mlscore.settings import Settings
from mlscore.texts.answers import Sentences
from tests.bench.ground import Ground

GROUPS = (1, 8, 1000)
ROUNDS, DEALS_AT_LEAST = 40, 5000

Value = TypeVar("Value")


@dataclass(slots=True)
class Clock:
    """Times steps by the processor's time of this thread: what else runs on the machine is not counted."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def __call__(self, name: str, step: Callable[[], Value]) -> Value:
        """Take a step."""
        begun = time.thread_time()
        found = step()
        self.taken.setdefault(name, []).append(time.thread_time() - begun)
        return found


def parts_table(ground: Ground) -> str:
    """Return the table: one line a step, one column a size of group, microseconds a deal."""
    columns = {size: _medians(ground, size) for size in GROUPS}
    head = ["microseconds a deal", *("alone" if size == 1 else f"{size:,} together" for size in GROUPS)]
    rows = [[name, *(f"{columns[size][name]:,.0f}" for size in GROUPS)] for name in columns[GROUPS[0]]]
    rows.append(["**all of it**", *(f"**{sum(columns[size].values()):,.0f}**" for size in GROUPS)])
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---|" + "---:|" * len(GROUPS), *lines[1:]])


def _medians(ground: Ground, size: int) -> dict[str, float]:
    clock, sent = Clock(), ground.deals()
    with _application(ground) as application:
        rounds = max(5, min(ROUNDS * 5, DEALS_AT_LEAST // size))
        for number in range(rounds + 1):
            begin = number * size % (len(sent) - size)
            _answer(application, sent[begin : begin + size], Clock() if number == 0 else clock)
    return {name: statistics.median(taken) / size * 1e6 for name, taken in clock.taken.items()}


@contextmanager
def _application(ground: Ground) -> Iterator[Application]:
    settings = Settings(
        database=f"sqlite:///{ground.folder / 'mlscore.db'}", models=ground.folder / "models", firm="main"
    )
    with build_service(settings) as application, settled():
        yield application


def _answer(application: Application, sent: Sequence[dict[str, Any]], clock: Clock) -> None:
    scoring, firm, now = application.scoring, application.firm, application.clock()
    policy, model = application.policies.current(firm).policy, application.champions.serving(firm).model
    assert model is not None
    bodies = [json.dumps(deal, ensure_ascii=False).encode() for deal in sent]
    read = clock("JSON read", lambda: [read_json(body) for body in bodies])
    deals = clock("facts checked, each by its kind", lambda: [DealIn.model_validate(one).deal() for one in read])
    asked = [replace(deal, as_of=now) for deal in deals]
    known = clock(
        "history of the companies read", lambda: with_history(firm, asked, receipts=scoring.receipts, policy=policy)
    )
    tracked = clock(
        "track record", lambda: with_track_record(firm, Deals(known), model, track_records=scoring.track_records)
    )
    judged = clock("rules", lambda: judge(tracked, policy))
    answers = clock("probability", lambda: model.answers(tracked, judged=judged))
    clock("interval, expected profit, doubts", lambda: (answers.interval, answers.within_capacity, answers.abstains))
    reasons = clock("the model's reasons", lambda: model_reasons(answers))
    ahead = clock("next question and path", lambda: look_ahead(judged, answers))

    def receipt(row: int) -> Receipt:
        rule, said = explain(judged, row), answers.answer(row, reasons=reasons[row])
        answer = Answer(
            rule=rule,
            model=said,
            decision=decide(rule, said, policy),
            next_question=ahead.next_questions[row],
            path=ahead.paths[row],
        )
        deal = known[row]
        return Receipt(receipt_id=scoring.new_id(), deal=deal, as_of=deal.as_of, scored_at=now, answer=answer)

    receipts = clock("the rules' reasons, and receipts made", lambda: [receipt(row) for row in range(len(known))])
    clock("receipts stored, one commit", lambda: scoring.receipts.keep(firm, receipts))
    say = Sentences("en", policy)
    written = clock("sentences", lambda: [rendering.score(one, say) for one in receipts])
    clock("JSON written", lambda: [JsonAnswer(one) for one in written])
