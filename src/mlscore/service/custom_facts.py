"""Checks a deal's custom facts against those the policy declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from mlscore.scoring.deal import Kind, Value
from mlscore.scoring.errors import FactError
from mlscore.scoring.likeness import meant_by
from mlscore.scoring.policy import CustomFact, Policy

_SENT: Mapping[Kind, tuple[str, Callable[[Value], bool]]] = {
    Kind.NUMBER: ("number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    Kind.TRI: ("boolean", lambda value: isinstance(value, bool)),
    Kind.TEXT: ("text", lambda value: isinstance(value, str)),
    Kind.DATE: ("date", lambda value: isinstance(value, date) and not isinstance(value, datetime)),
}
"""What JSON calls a value of the kind, and which values are."""


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
        meant = meant_by(name, declared)
        raise FactError(
            "The policy declares no such custom fact: declare it under [[custom_facts]], or leave it out.",
            code="field.extra_forbidden",
            fact=f"extra.{name}",
            **({"meant": meant} if meant else {}),
        )
    if value is None:
        return None
    if fact.kind == "date" and isinstance(value, str):
        value = _date(value)
    sent_as, fits = _SENT[fact.carried_as]
    if not fits(value):
        raise FactError(
            f"The custom fact {name} is of the kind {fact.kind}.",
            code="field.wrong_type",
            fact=f"extra.{name}",
            right=sent_as,
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
