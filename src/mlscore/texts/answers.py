"""Says in the reader's language what a receipt holds as codes and values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from mlscore.scoring.deal import FACTS, Kind
from mlscore.scoring.policy import CustomFact, Policy
from mlscore.scoring.receipt import Change, ChecklistItem, ModelReason, Param, Reason, RuleAnswer
from mlscore.texts.formats import day, money, number, percent, to_a_tenth_of_a_point
from mlscore.texts.languages import Language
from mlscore.texts.sentences import catalogue, say

_SHORT = 40
"""Characters of a text that may stand inside a sentence."""

_said = lru_cache(maxsize=8192, typed=True)(say)
"""What was said before of the same values is not put together anew."""

_SHARES = frozenset({"need_coverage"})
_KINDS_OF_CUSTOM: Mapping[str, Kind] = {"number": Kind.NUMBER, "yes_no": Kind.TRI, "date": Kind.DATE}
"""A custom category has none: its reason carries no value."""


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The words of one answer: a language, and the policy whose criteria and custom facts it names.

    What was said before is remembered by whose words they are: `sentences` gives those of a policy, always the same.
    """

    language: Language
    policy: Policy

    def checklist(self, item: ChecklistItem) -> str:
        """Ask one point of the self-check; where the policy sets no limit, the first is the test of the floor."""
        is_floor = item.code == "above_limit" and self.policy.economics.min_amount is None
        return _said("checklist.above_floor" if is_floor else f"checklist.{item.code}", self.language)

    def rule(self, reason: Reason) -> str:
        """Say one reason of the rules; a criterion in the policy's own words."""
        params = reason.params
        if "criterion" in params:
            params = {**params, "text": self._criterion(str(params["criterion"]))}
        return _said(reason.code, self.language, currency=self.policy.currency, **params)

    def model(self, reason: ModelReason, *, settled: Collection[str] = ()) -> str:
        """Say which way a fact moved the probability, how far, and whether and as what it is known.

        `settled` are facts nobody stated that the rules worked out from others: they are not called unknown.
        """
        is_settled = reason.value is None and reason.fact in settled
        moved = to_a_tenth_of_a_point(reason.effect)
        return _moved(self, reason.fact, reason.value, moved, reason.effect > 0, is_settled)

    def code(self, code: str) -> str:
        """Say a code that needs no values."""
        return say(code, self.language)

    def question(self, fact: str) -> str:
        """Ask for a fact, in the policy's own words where it has some."""
        own = next((one for one in self.policy.questions if one.fact == fact), None)
        if own is not None:
            return own.text_ru if self.language == "ru" else own.text_en
        code = f"ask.{fact}"
        if code in catalogue(self.language):
            return _said(code, self.language)
        name = self.fact(fact)
        return f"{name[:1].upper()}{name[1:]}?"

    def fact(self, fact: str) -> str:
        """Name a fact."""
        return self._named(self._fact(fact))

    def change(self, change: Change, as_of: datetime | None) -> str:
        """Say one change of a step, days from `as_of` as the day they lead to."""
        return self.step(change.fact, self.led_to(change.fact, change.to, as_of))

    def led_to(self, fact: str, to: Param, as_of: datetime | None) -> Param | date:
        """Return what a change makes of its fact: days from `as_of` as the day they lead to."""
        if fact == "delivery_needed_by" and isinstance(to, int) and as_of is not None:
            return as_of.astimezone(ZoneInfo(self.policy.timezone)).date() + timedelta(days=to)
        return to

    def step(self, fact: str, to: object) -> str:
        """Say what a seller could bring about; money in minor units."""
        return _said(f"step.{fact}", self.language, currency=self.policy.currency, to=to)

    def moved(self, fact: str, value: Param, points: float, is_up: bool, is_settled: bool) -> str:
        """Say that a fact of this value moved the probability up or down by so much."""
        code, said = "model.reason.up" if is_up else "model.reason.down", None
        if self._kind(fact) is not None:
            said = self._value(fact, value)
            if value is None and not is_settled:
                code += ".unknown"
            elif said is not None:
                code += ".known"
        return say(code, self.language, fact=self._fact(fact), points=points, value=said)

    def _kind(self, fact: str) -> Kind | None:
        """Return the kind of a fact whose value comes with a reason; None where a reason stands for several."""
        if fact in FACTS:
            return FACTS[fact].kind
        custom = next((c for c in self.policy.custom_facts if c.name == fact), None)
        return None if custom is None else _KINDS_OF_CUSTOM.get(custom.kind)

    def _value(self, fact: str, value: Param) -> str | None:
        """Write the value of a fact, where it is short enough to stand in a sentence."""
        kind = self._kind(fact)
        if value is None or kind is Kind.MOMENT:
            return None
        if isinstance(value, str):
            return value if len(value) <= _SHORT else None
        if kind is Kind.TRI:
            return _said("answer.yes" if value else "answer.no", self.language)
        if kind is Kind.MONEY:
            return money(value, self.language, self.policy.currency)
        if kind is Kind.DATE:
            return day(value, self.language)
        return (percent if fact in _SHARES else number)(value, self.language)

    def _criterion(self, code: str) -> str:
        found = next((c for c in self.policy.criteria if c.code == code), None)
        if found is None:
            return code
        return found.text_ru if self.language == "ru" else found.text_en

    def _fact(self, name: str) -> str:
        custom = next((c for c in self.policy.custom_facts if c.name == name), None)
        return name if custom is None else self._custom(custom)

    def _custom(self, fact: CustomFact) -> str:
        text = fact.text_ru if self.language == "ru" else fact.text_en
        return text or fact.name.replace("_", " ")

    def _named(self, name: str) -> str:
        code = f"fact.{name}"
        return _said(code, self.language) if code in catalogue(self.language) else name


sentences = lru_cache(maxsize=64)(Sentences)
_moved = lru_cache(maxsize=8192)(Sentences.moved)


def settled_by(rule: RuleAnswer) -> frozenset[str]:
    """Return the facts the rules know even where nobody stated them: worked out from other facts."""
    request = next((item.answer for item in rule.checklist if item.code == "in_nomenclature"), None)
    known = {
        "profit_if_won": rule.economics.profit_if_won,
        "delivery_needed_by": rule.signs.urgency,
        "in_nomenclature": request,
    }
    return frozenset(fact for fact, value in known.items() if value is not None)


def is_money(fact: str, value: Param | date) -> bool:
    """Tell whether a step's value is money in minor units."""
    return fact in _MONEY and not isinstance(value, bool)


_MONEY = frozenset({"amount", "budget_amount", "cost", "profit_if_won"})
