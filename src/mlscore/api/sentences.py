"""Says in the reader's language what a receipt holds as codes and values."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.scoring.policy import CustomFact, Policy
from mlscore.scoring.receipt import ChecklistItem, ModelReason, Param, Reason
from mlscore.texts import Language, catalogue, say


@dataclass(frozen=True, slots=True)
class Sentences:
    """The words of one answer: a language, and the policy whose criteria and custom facts it names."""

    language: Language
    policy: Policy

    def checklist(self, item: ChecklistItem) -> str:
        """Say one point of the self-check."""
        return say(f"checklist.{item.code}", self.language)

    def rule(self, reason: Reason) -> str:
        """Say one reason of the rules; a criterion in the policy's own words."""
        params = dict(reason.params)
        if "criterion" in params:
            params["text"] = self._criterion(str(params["criterion"]))
        return say(reason.code, self.language, currency=self.policy.currency, **params)

    def model(self, reason: ModelReason) -> str:
        """Say which way a fact moved the probability, and how far."""
        code = "model.reason.up" if reason.effect > 0 else "model.reason.down"
        return say(code, self.language, fact=self._fact(reason.fact), points=reason.effect)

    def question(self, fact: str) -> str:
        """Ask for a fact."""
        code = f"ask.{fact}"
        if code in catalogue(self.language):
            return say(code, self.language)
        name = self._fact(fact)
        return f"{self._said(name)}?"

    def step(self, fact: str, to: object) -> str:
        """Say what a seller could bring about; money in minor units."""
        return say(f"step.{fact}", self.language, currency=self.policy.currency, to=to)

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
        return text or fact.name

    def _said(self, name: str) -> str:
        code = f"fact.{name}"
        return say(code, self.language) if code in catalogue(self.language) else name


def is_money(fact: str, value: Param) -> bool:
    """Tell whether a step's value is money in minor units."""
    return fact in _MONEY and not isinstance(value, bool)


_MONEY = frozenset({"amount", "budget_amount", "cost", "profit_if_won"})
