"""Writes receipts as the contract has them: money in units, moments in UTC, sentences in the reader's language.

A score is written as plain JSON values, in the order of `ScoreOut`: nothing in it comes from outside, so no schema
has to look at it again; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from mlscore.api.schemas import answers as a
from mlscore.http.json_answer import Fragment, written_once
from mlscore.ports import OutcomeVersion
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.receipt import (
    ChecklistItem,
    EconomicsAnswer,
    ExceptionTerms,
    ModelAnswer,
    NextQuestion,
    Param,
    Reason,
    Receipt,
    RuleAnswer,
    Step,
)
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import EVERY_PART, Part
from mlscore.texts import Language
from mlscore.texts.answers import Sentences, is_money, sentences, settled_by

_DIGITS = 6
"""Decimals of a probability: more would only show the machine's arithmetic."""
_SCALE = 10.0**_DIGITS


def units(minor: float) -> int | float:
    """Return minor units as whole units, an int where it comes out even."""
    whole = round(minor)
    return whole // MINOR_UNITS if whole % MINOR_UNITS == 0 else whole / MINOR_UNITS


def units_or_none(minor: float | None) -> int | float | None:
    """Return minor units as whole units, None where unknown."""
    return None if minor is None else units(minor)


def share(part: float) -> float:
    """Return a share to as many decimals as are told, at a fifth of what `round` takes; a tie may fall otherwise."""
    return round(part * _SCALE) / _SCALE


def utc(moment: datetime | None) -> datetime | None:
    """Return a moment in UTC."""
    return None if moment is None else moment.astimezone(UTC)


def words_for(receipt: Receipt, policies: CurrentPolicies, firm: str, language: Language) -> Sentences:
    """Return the words of a receipt: those of the policy it was scored under, if known, else of the one in force."""
    policy = policies.named(firm, receipt.answer.rule.policy_version)
    return sentences(language, policy or policies.current(firm).policy)


def score(receipt: Receipt, say: Sentences, *, include: Collection[Part] = EVERY_PART) -> dict[str, Any]:
    """Return a receipt as the CRM reads it: a `ScoreOut`."""
    answer = receipt.answer
    return {
        "receipt_id": None if receipt.logged == "dry_run" else receipt.receipt_id,
        "deal_id": receipt.deal.deal_id,
        "as_of": utc(receipt.as_of),
        "scored_at": receipt.scored_at.astimezone(UTC),
        "logged": receipt.logged,
        "rule": _rule(answer.rule, say, with_reasons="reasons" in include),
        "model": None if answer.model is None else _model(answer.model, say, settled=settled_by(answer.rule)),
        "challenger": None if answer.challenger is None else _model(answer.challenger, say, settled=()),
        "decision": {
            "action": answer.decision.action,
            "decided_by": answer.decision.decided_by,
            "agreement": answer.decision.agreement,
        },
        "next_question": None if answer.next_question is None else _question(answer.next_question, say),
        "path": [_step(step, receipt.as_of, say) for step in answer.path],
    }


def outcome(version: OutcomeVersion, *, scored: bool) -> a.OutcomeOut:
    """Return an outcome as recorded, and whether its deal was ever scored."""
    said = version.outcome
    return a.OutcomeOut(
        deal_id=said.deal_id,
        status=said.status.value,
        closed_at=utc(said.closed_at),
        realised_profit=units_or_none(said.realised_profit),
        version=version.version,
        recorded_at=version.recorded_at.astimezone(UTC),
        scored=scored,
    )


def _rule(rule: RuleAnswer, say: Sentences, *, with_reasons: bool) -> dict[str, Any]:
    return {
        "fire": rule.fire,
        "route": rule.route,
        "verdict": rule.verdict,
        "signs": {"need": rule.signs.need, "budget": rule.signs.budget, "urgency": rule.signs.urgency},
        "grade": rule.grade,
        "grade_by_ladder": rule.grade_by_ladder,
        "grade_by_count": rule.grade_by_count,
        "grade_ceiling": rule.grade_ceiling,
        "economics": _economics(rule.economics),
        "checklist": _checklist(rule.checklist, say),
        "flags": list(rule.flags),
        "missing": list(rule.missing),
        "reasons": [
            _reason(say, reason.code, reason.answer, *reason.params.items())
            for reason in (rule.reasons if with_reasons else ())
        ],
        "policy_version": rule.policy_version,
    }


@lru_cache(maxsize=4096)
def _checklist(items: tuple[ChecklistItem, ...], say: Sentences) -> Fragment:
    """Write the self-check once for all deals that answer it alike."""
    return written_once(
        [{"item": item.item, "code": item.code, "answer": item.answer, "text": say.checklist(item)} for item in items]
    )


@lru_cache(maxsize=16_384)
def _reason(say: Sentences, code: str, answer: bool | None, *params: tuple[str, Param]) -> Fragment:
    """Write a reason once for all deals it is given to."""
    reason = Reason(code=code, answer=answer, params=dict(params))
    return written_once({"code": code, "answer": answer, "text": say.rule(reason)})


def _economics(money: EconomicsAnswer) -> dict[str, Any]:
    return {
        "floor": units(money.floor),
        "target": units_or_none(money.target),
        "stretch": units_or_none(money.stretch),
        "cost_per_worked_deal": units(money.cost_per_worked_deal),
        "profit_if_won": units_or_none(money.profit_if_won),
        "basis": money.basis,
        "passes": money.passes,
        "exception": None if money.exception is None else _exception(money.exception),
    }


def _exception(terms: ExceptionTerms) -> dict[str, Any]:
    return {"kind": terms.kind, "approved_by": terms.approved_by, "reason": terms.reason, "until": utc(terms.until)}


def _model(model: ModelAnswer, say: Sentences, *, settled: Collection[str]) -> dict[str, Any]:
    low, high = model.interval
    return {
        "probability": share(model.probability),
        "interval": (share(low), share(high)),
        "rule_probability": share(model.rule_probability),
        "expected_profit": units_or_none(model.expected_profit),
        "label": model.label,
        "reasons": [
            {
                "fact": reason.fact,
                "text": say.model(reason, settled=settled),
                "effect": share(reason.effect),
            }
            for reason in model.reasons
        ],
        "similar_deals": model.similar_deals,
        "model_version": model.model_version,
        "abstained": model.abstained,
        "abstained_because": model.abstained_because,
        "simulated": model.simulated,
        "policy_drift": model.policy_drift,
        "within_capacity": model.within_capacity,
        "abstained_text": None if model.abstained_because is None else say.code(model.abstained_because),
    }


def _question(question: NextQuestion, say: Sentences) -> dict[str, Any]:
    return {
        "fact": question.fact,
        "text": say.question(question.fact),
        "if_yes": _chance(question.if_yes),
        "if_no": _chance(question.if_no),
    }


def _step(step: Step, as_of: datetime | None, say: Sentences) -> dict[str, Any]:
    first = _change(say, step.fact, say.led_to(step.fact, step.to, as_of))
    also = [_change(say, change.fact, say.led_to(change.fact, change.to, as_of)) for change in step.also]
    return {
        "fact": step.fact,
        "to": first.to,
        "text": " ".join([first.text, *(change.text for change in also)]) if also else first.text,
        "verdict": step.verdict,
        "grade": step.grade,
        "probability": _chance(step.probability),
        "goal": step.goal,
        "also": [change.written for change in also],
    }


class _Change(NamedTuple):
    """A change as the CRM reads it: what becomes of the fact, the sentence, and both written with its name."""

    to: Param | date
    text: str
    written: Fragment


@lru_cache(maxsize=8192, typed=True)
def _change(say: Sentences, fact: str, to: Param | date) -> _Change:
    """Write a change once for all deals it is open to."""
    said = units(to) if isinstance(to, int | float) and is_money(fact, to) else to
    text = say.step(fact, to)
    return _Change(said, text, written_once({"fact": fact, "to": said, "text": text}))


def _chance(probability: float | None) -> float | None:
    return None if probability is None else share(probability)
