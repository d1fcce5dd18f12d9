"""Scores deals: fills in what the store knows, asks rules and model, decides, keeps the receipts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from mlscore.ports import Champions, Clock, Receipts, Serving, TrackRecords, kept_in
from mlscore.scoring.deal import AHEAD_AT_MOST, Deal, Deals, Value, changed
from mlscore.scoring.decision import decide
from mlscore.scoring.errors import FactError, NotFoundError, StoreUnavailableError
from mlscore.scoring.explanation import explain
from mlscore.scoring.model import ModelAnswers
from mlscore.scoring.policy import Policy
from mlscore.scoring.reasons import look_ahead, model_reasons
from mlscore.scoring.receipt import Answer, ModelReason, NextQuestion, Receipt, Step
from mlscore.scoring.verdict import Verdicts, judge
from mlscore.service.custom_facts import read_custom_facts
from mlscore.service.history import has_open_history, with_history
from mlscore.service.policies import CurrentPolicies
from mlscore.service.track_record import reads_the_same, with_track_record

Part = Literal["reasons", "next_question", "path"]
EVERY_PART: frozenset[Part] = frozenset({"reasons", "next_question", "path"})

AT_ONCE = 500
"""Deals worked out in one pass: more would be no faster, only larger in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringService:
    """Everything between a deal and its receipt.

    A `new_id` begins with its moment: receipts made one after the other lie side by side in the database's index, which
    then writes few pages, and the rest of it cannot be guessed.
    """

    receipts: Receipts
    track_records: TrackRecords
    policies: CurrentPolicies
    champions: Champions
    clock: Clock
    new_id: Callable[[], str] = lambda: f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"

    def score(
        self,
        firm: str,
        deals: Sequence[Deal],
        *,
        include: Collection[Part] = EVERY_PART,
        dry_run: bool = False,
        sandbox: bool = False,
        receipt_ids: Sequence[str] | None = None,
        but: Collection[str] = (),
    ) -> Sequence[Receipt]:
        """Return one receipt a deal, in the order given; all are kept, or none, and none on a dry run.

        With `receipt_ids`, one a deal, they are named so: who may have to ask again is not scored twice.
        The next question asks for any fact `but` these, which were asked for in vain.

        While the store is away scoring goes on: history facts not given are unknown, and flagged so.
        A deal without `as_of` is scored as of now. The deals of one call do not count in each other's history. Those of
        the `sandbox` are kept apart and count nowhere else.
        Raises FactError as `check` does, and StoreUnavailableError.
        """
        now = self.clock()
        policy = self.policies.current(firm).policy
        prepared = [_prepared(deal, policy, now) for deal in deals]
        kept = kept_in(firm, sandbox)
        known, is_complete = self._with_history(kept, prepared, policy)
        slices = (known[begin : begin + AT_ONCE] for begin in range(0, len(known), AT_ONCE))
        answers = [answer for some in slices for answer in self._answers(firm, Deals(some), policy, include, but)]
        names = [self.new_id() for _ in known] if receipt_ids is None else receipt_ids
        receipts = [
            Receipt(
                receipt_id=name,
                deal=deal,
                as_of=deal.as_of,
                scored_at=now,
                answer=answer if is_complete or not has_open_history(deal) else _without_history(answer),
                origin="sandbox" if sandbox else "live",
                logged="dry_run" if dry_run else "stored",
            )
            for name, deal, answer in zip(names, known, answers, strict=True)
        ]
        if dry_run:
            return receipts
        logged = self.receipts.keep(kept, receipts)
        return receipts if logged == "stored" else [replace(receipt, logged=logged) for receipt in receipts]

    def check(self, firm: str, deal: Deal) -> None:
        """Raise FactError for an `as_of` more than five minutes ahead, or a custom fact not declared so."""
        _check(deal, self.policies.current(firm).policy, self.clock())

    def judged(self, firm: str, deals: Deals, policy: Policy, serving: Serving) -> tuple[Verdicts, ModelAnswers | None]:
        """Return what the rules and the champion say of deals, whose history is given; None where no model answers."""
        seen = with_track_record(firm, deals, serving.model, track_records=self.track_records)
        rules = judge(seen, policy)
        return rules, None if serving.model is None else serving.model.answers(seen, judged=rules)

    def find(self, firm: str, receipt_id: str) -> Receipt:
        """Return one receipt. Raises NotFoundError."""
        receipt = self.receipts.find(firm, receipt_id)
        if receipt is None:
            raise NotFoundError("There is no score under this receipt_id.")
        return receipt

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Receipt]:
        """Return every receipt of a deal, newest first. Raises NotFoundError where there is none."""
        receipts = self.receipts.of_deal(firm, deal_id)
        if not receipts:
            raise NotFoundError("This deal has not been scored: send it to POST /v1/score.")
        return receipts

    def _with_history(self, kept: str, deals: Sequence[Deal], policy: Policy) -> tuple[Sequence[Deal], bool]:
        """Return the deals with what the store knows of their companies, and whether it could be asked."""
        try:
            return with_history(kept, deals, receipts=self.receipts, policy=policy), True
        except StoreUnavailableError:
            return deals, False

    def _answers(
        self, firm: str, deals: Deals, policy: Policy, include: Collection[Part], but: Collection[str]
    ) -> Sequence[Answer]:
        serving = self.champions.serving(firm)
        rules, answers = self.judged(firm, deals, policy, serving)
        in_the_shadow = self._shadowed(firm, deals, rules, serving)
        reasons = model_reasons(answers) if answers is not None and "reasons" in include else ((),) * len(deals)
        asks, leads = "next_question" in include, "path" in include
        ahead = look_ahead(rules, answers, with_questions=asks, with_paths=leads, but=but)
        return [
            _answer(rules, answers, row, reasons=why, next_question=question, path=path, in_the_shadow=in_the_shadow)
            for row, (why, question, path) in enumerate(zip(reasons, ahead.next_questions, ahead.paths, strict=True))
        ]

    def _shadowed(self, firm: str, deals: Deals, rules: Verdicts, serving: Serving) -> ModelAnswers | None:
        """Ask the challenger, of the deals as the champion reads them or, where it reads others, as it does itself."""
        challenger = serving.challenger
        if challenger is None:
            return None
        if reads_the_same(challenger, serving.model):
            return challenger.answers(rules.facts.deals, judged=rules)
        seen = with_track_record(firm, deals, challenger, track_records=self.track_records)
        return challenger.answers(seen, judged=judge(seen, rules.policy))


def _prepared(deal: Deal, policy: Policy, now: datetime) -> Deal:
    extra = _check(deal, policy, now)
    if deal.as_of is not None and extra is deal.extra:
        return deal
    return changed(deal, {"as_of": deal.as_of or now, "extra": extra})


def _check(deal: Deal, policy: Policy, now: datetime) -> Mapping[str, Value]:
    if deal.as_of is not None and deal.as_of > now + AHEAD_AT_MOST:
        raise FactError(
            "as_of lies in the future: check the clock and the offset.", code="problem.future_time", fact="as_of"
        )
    return read_custom_facts(deal.extra, policy)


def _without_history(answer: Answer) -> Answer:
    return replace(answer, rule=replace(answer.rule, flags=(*answer.rule.flags, "history_unavailable")))


def _answer(
    rules: Verdicts,
    answers: ModelAnswers | None,
    row: int,
    *,
    reasons: tuple[ModelReason, ...],
    next_question: NextQuestion | None,
    path: tuple[Step, ...],
    in_the_shadow: ModelAnswers | None,
) -> Answer:
    rule = explain(rules, row)
    model = None if answers is None else answers.answer(row, reasons=reasons)
    return Answer(
        rule=rule,
        model=model,
        decision=decide(rule, model, rules.policy),
        next_question=next_question,
        path=path,
        challenger=None if in_the_shadow is None else in_the_shadow.answer(row),
    )
