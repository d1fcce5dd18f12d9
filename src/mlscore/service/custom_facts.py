"""Checks a deal's custom facts against those the policy declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from mlscore.scoring.deal import Value
from mlscore.scoring.errors import FactError
from mlscore.scoring.policy import CustomFact, Policy

_FITS: Mapping[str, Callable[[Value], bool]] = {
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "yes_no": lambda value: isinstance(value, bool),
    "category": lambda value: isinstance(value, str),
    "date": lambda value: isinstance(value, date) and not isinstance(value, datetime),
}
_SENT_AS: Mapping[str, str] = {"number": "number", "yes_no": "boolean", "category": "text", "date": "date"}


def read_custom_facts(extra: Mapping[str, Value], policy: Policy) -> Mapping[str, Value]:
    """Return custom facts as the policy's kinds carry them: a date written as YYYY-MM-DD becomes one.

    Raises FactError naming the first that is not declared, of another kind, or of no declared level.
    """
    if not extra:
        return extra
    declared = {fact.name: fact for fact in policy.custom_facts}
    return {name: _read(name, value, declared) for name, value in extra.items()}


def _read(name: str, value: Value, declared: Mapping[str, CustomFact]) -> Value:
    fact = declared.get(name)
    if fact is None:
        raise FactError(
            "The policy declares no such custom fact: declare it under [[custom_facts]], or leave it out.",
            code="field.extra_forbidden",
            fact=f"extra.{name}",
        )
    if value is None:
        return None
    if fact.kind == "date" and isinstance(value, str):
        value = _date(value)
    if not _FITS[fact.kind](value):
        raise FactError(
            f"The custom fact {name} is of the kind {fact.kind}.",
            code="field.wrong_type",
            fact=f"extra.{name}",
            right=_SENT_AS[fact.kind],
            given="boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number",
        )
    if fact.kind == "category" and value not in fact.levels:
        raise FactError(
            f"The custom fact {name} is one of: {', '.join(fact.levels)}.",
            code="field.bad_choice",
            fact=f"extra.{name}",
            choices=", ".join(fact.levels),
        )
    return float(value) if fact.kind == "number" and isinstance(value, int) else value


def _date(text: str) -> Value:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
