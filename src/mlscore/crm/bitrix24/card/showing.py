"""Says a receipt as the texts an item's score fields are to show, and as a comment on its timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from urllib.parse import quote

from mlscore.crm.bitrix24.card.holding import fitted, held, settled
from mlscore.crm.bitrix24.items.fields import Fields
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS, ScoreField, WriteTerms
from mlscore.ports import Shown
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.receipt import Grade, ModelAnswer, Receipt
from mlscore.texts import say
from mlscore.texts.answers import Sentences

FACTS_NAMED = 3
"""How many facts are named that spoke for a deal, and how many against."""

NO_GRADE = "—"
"""How a card shows that a deal has no letter; empty, it would look as if it had not been scored."""

_DECISIVE = ("fire", "route", "grade", "verdict", "decision")
_BY_KEY: Mapping[str, ScoreField] = {one.key: one for one in SCORE_FIELDS}
_OF_THE_POLICY = frozenset({"worked_capacity_assumed"})
_NO_MARKUP = str.maketrans("[]", "()")


def shown_by(item: Mapping[str, object], terms: WriteTerms, fields: Fields) -> Shown:
    """Return what the score fields of an item show now, those alone that the portal has."""
    return {
        name: held(item.get(name), _BY_KEY[key].type, fields[name], terms.in_language)
        for key, name in terms.fields.items()
        if name in fields
    }


def shown_for(receipt: Receipt, now: Shown, terms: WriteTerms, fields: Fields, say_it: Sentences) -> Shown:
    """Return what the score fields are to show; just what they show `now` where the receipt says nothing else.

    The moment, the versions and the receipt go along with a score: those shown belong to the score that last changed
    what is shown.
    """
    wanted: dict[str, str] = {}
    for key, name in terms.fields.items():
        if name in fields:
            text = settled(_SAID[key](receipt, say_it, terms), _BY_KEY[key].type)
            wanted[name] = fitted(text, fields[name], terms.in_language)
    along = {name for key, name in terms.fields.items() if _BY_KEY[key].goes_along}
    # What goes along stays as it is shown, once it shows something; where there is nothing to show, that is well too.
    is_told = all(now.get(name) == text or (name in along and bool(now.get(name))) for name, text in wanted.items())
    return dict(now) if is_told else wanted


def note_for(receipt: Receipt, now: Shown, terms: WriteTerms, fields: Fields, say_it: Sentences) -> str | None:
    """Return a comment with the reasons, where one is wanted and the answer itself is another than is shown `now`."""
    if not terms.comment:
        return None
    wanted = shown_for(receipt, now, terms, fields, say_it)
    decisive = [name for key, name in terms.fields.items() if key in _DECISIVE]
    if all(wanted.get(name) == now.get(name) for name in decisive):
        return None
    title = say("card.title", say_it.language, decision=_decision(receipt, say_it, terms))
    question = _next_question(receipt, say_it, terms)
    ask = [say("card.ask", say_it.language, question=question)] if question else []
    said = "\n".join([_reasons(receipt, say_it, terms), *ask]).translate(_NO_MARKUP)
    return settled(f"[B]{title}[/B]\n{said}", "string")


def route_of(receipt: Receipt, terms: WriteTerms) -> str:
    """Return the route as its field shows it."""
    return say(f"route.{receipt.answer.rule.route}", terms.in_language)


def _fire(receipt: Receipt, say_it: Sentences, _: WriteTerms) -> str:
    answer = receipt.answer.rule.fire
    return say_it.code("answer.unknown" if answer is None else "answer.yes" if answer else "answer.no")


def _route(receipt: Receipt, _: Sentences, terms: WriteTerms) -> str:
    return route_of(receipt, terms)


def _grade(receipt: Receipt, _: Sentences, __: WriteTerms) -> str:
    grade = receipt.answer.rule.grade
    return NO_GRADE if grade is Grade.NONE else grade.value


def _verdict(receipt: Receipt, say_it: Sentences, _: WriteTerms) -> str:
    return say_it.code(f"verdict.{receipt.answer.rule.verdict}")


def _decision(receipt: Receipt, say_it: Sentences, _: WriteTerms) -> str:
    return say_it.code(f"verdict.{receipt.answer.decision.action}")


def _relied_on(receipt: Receipt) -> ModelAnswer | None:
    """Return what the model said; a figure in a card has no room for "do not rely on it"."""
    model = receipt.answer.model
    return None if model is None or model.abstained else model


def _probability(receipt: Receipt, _: Sentences, __: WriteTerms) -> str:
    model = _relied_on(receipt)
    return "" if model is None else _whole(Decimal(str(model.probability)) * 100)


def _expected_profit(receipt: Receipt, _: Sentences, __: WriteTerms) -> str:
    model = _relied_on(receipt)
    if model is None or model.expected_profit is None:
        return ""
    return _whole(Decimal(str(model.expected_profit)) / MINOR_UNITS)


def _whole(number: Decimal) -> str:
    return str(number.quantize(Decimal(1), ROUND_HALF_EVEN) + 0)  # of nothing less there is none: no "-0"


def _next_question(receipt: Receipt, say_it: Sentences, _: WriteTerms) -> str:
    answer = receipt.answer
    if answer.next_question is not None:
        return say_it.question(answer.next_question.fact)
    return say_it.question(answer.rule.missing[0]) if answer.rule.missing else ""


def _reasons(receipt: Receipt, say_it: Sentences, _: WriteTerms) -> str:
    rule, model = receipt.answer.rule, receipt.answer.model
    # That a criterion holds is said by "the client is a target" already; how the policy is filled in, no deal can help.
    lines = [say_it.rule(reason) for reason in rule.reasons if not ("criterion" in reason.params and reason.answer)]
    lines += [say_it.code(f"flag.{flag}") for flag in rule.flags if flag not in _OF_THE_POLICY]
    if model is not None and model.abstained_because is not None:
        lines.append(say_it.code(model.abstained_because))
    elif model is not None:
        for code, is_for in (("card.raises", True), ("card.lowers", False)):
            facts = [say_it.fact(one.fact) for one in model.reasons if (one.effect > 0) is is_for][:FACTS_NAMED]
            lines += [say(code, say_it.language, facts=", ".join(facts))] if facts else []
    return "\n".join(lines)


def _version(receipt: Receipt, _: Sentences, __: WriteTerms) -> str:
    model = receipt.answer.model
    policy = receipt.answer.rule.policy_version
    return policy if model is None else f"{policy} / {model.model_version}"


def _scored_at(receipt: Receipt, _: Sentences, __: WriteTerms) -> str:
    return receipt.scored_at.isoformat(timespec="seconds")


def _receipt(receipt: Receipt, _: Sentences, terms: WriteTerms) -> str:
    """Link to the deal's page, opened at this receipt: people sign in there, the API wants a key."""
    if not terms.pages:
        return ""
    return f"{terms.pages}/deals/{quote(receipt.deal.deal_id, safe='')}?receipt={quote(receipt.receipt_id, safe='')}"


_SAID: Mapping[str, Callable[[Receipt, Sentences, WriteTerms], str]] = {
    "fire": _fire,
    "route": _route,
    "grade": _grade,
    "verdict": _verdict,
    "decision": _decision,
    "probability": _probability,
    "expected_profit": _expected_profit,
    "next_question": _next_question,
    "reasons": _reasons,
    "version": _version,
    "scored_at": _scored_at,
    "receipt": _receipt,
}
