"""Checks what no single term can tell: codes, words and comparisons against one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from mlscore.scoring.deal import FACTS, MINOR_UNITS, Kind
from mlscore.scoring.errors import Fault
from mlscore.scoring.policy.facts import TURNOVER
from mlscore.scoring.policy.reading import Part, nearest
from mlscore.scoring.policy.terms import (
    CUSTOM_KINDS,
    TARGET_INDUSTRIES,
    Category,
    Criterion,
    CustomFact,
    Economics,
    Industry,
    Op,
    Policy,
    Wording,
)
from mlscore.scoring.policy.values import shown
from mlscore.scoring.policy.vocabulary import normalised

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ORDERED = (Op.ABOVE, Op.AT_LEAST, Op.BELOW, Op.AT_MOST)
_COMPARED_AS = {kind: name for name, kind in CUSTOM_KINDS.items()} | {Kind.MONEY: "number", Kind.MOMENT: "date"}
_OPS: Mapping[str, tuple[Op, ...]] = {"number": _ORDERED, "yes_no": (Op.IS,), "category": (Op.IN,), "date": ()}


def check(parts: Sequence[Part]) -> Iterator[Fault]:
    """Yield every contradiction in what could be read; a value already faulty is passed over."""
    by_kind: dict[type, list[Part]] = {}
    for part in parts:
        by_kind.setdefault(part.kind, []).append(part)
    custom = by_kind.get(CustomFact, [])
    kinds = {name: _COMPARED_AS[fact.kind] for name, fact in FACTS.items()} | {TURNOVER: "number"}
    kinds |= {part.values["name"]: part.values.get("kind", "") for part in custom if "name" in part.values}
    for part in by_kind.get(Policy, []):
        yield from _of_policy(part)
    for part in by_kind.get(Economics, []):
        yield from _of_economics(part)
    for part in by_kind.get(Criterion, []):
        yield from _of_criterion(part, kinds, custom)
    for part in custom:
        yield from _of_custom_fact(part)
    for part in by_kind.get(Wording, []):
        yield from _of_wording(part, kinds.keys() - {TURNOVER})
    named = ((Criterion, "code"), (CustomFact, "name"), (Industry, "code"), (Category, "code"), (Wording, "fact"))
    for kind, name in named:
        yield from _repeated((f"{p.key}.{name}", p.values[name]) for p in by_kind.get(kind, []) if name in p.values)
    for kind in (Industry, Category):
        yield from _clashes(by_kind.get(kind, []))


def _fault(key: str, code: str, **params: object) -> Fault:
    return Fault(key, code, params)


def _of_policy(part: Part) -> Iterator[Fault]:
    timezone, currency = part.values.get("timezone"), part.values.get("currency")
    if timezone is not None and not _is_timezone(timezone):
        right = (get_close_matches(timezone, sorted(available_timezones()), n=1) or ["Europe/Moscow"])[0]
        yield _fault("timezone", "policy.unknown_timezone", given=shown(timezone), right=right)
    if currency is not None and not _CURRENCY.fullmatch(currency):
        yield _fault("currency", "policy.bad_currency", given=shown(currency), right="RUB")


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a relative path; a folder of the database
        return False
    return True


def _of_economics(part: Part) -> Iterator[Fault]:
    closed, worked = part.values.get("closed_capacity"), part.values.get("worked_capacity")
    if closed is not None and worked is not None and worked < closed:
        yield _fault(f"{part.key}.worked_capacity", "policy.capacity", given=str(worked), right=f">= {closed}")
    target, stretch = part.values.get("target_factor"), part.values.get("stretch_factor")
    if target is not None and stretch is not None and stretch < target:
        key = f"{part.key}.stretch_factor"
        yield _fault(key, "policy.out_of_bounds", given=shown(stretch), right=f">= {target:g}")


def _of_criterion(part: Part, kinds: Mapping[str, str], custom: Sequence[Part]) -> Iterator[Fault]:
    field = part.values.get("field")
    if field is None:
        return
    if field not in kinds:
        yield _fault(f"{part.key}.field", "policy.unknown_fact", given=shown(field), right=nearest(field, kinds))
        return
    kind = kinds[field]
    op, value = part.values.get("op"), part.values.get("value")
    allowed = _OPS.get(kind, tuple(Op))
    if not allowed:
        yield _fault(f"{part.key}.field", "policy.no_comparison", given=shown(field))
    elif op is not None and op not in allowed:
        right = ", ".join(allowed)
        yield _fault(f"{part.key}.op", "policy.bad_comparison", given=shown(op.value), right=right)
    if value is not None:
        levels = next((p.values.get("levels") for p in custom if p.values.get("name") == field), None)
        yield from _of_value(f"{part.key}.value", kind, field, value, levels)


def _of_value(key: str, kind: str, field: str, value: object, levels: Sequence[str] | None) -> Iterator[Fault]:
    fits, right = _VALUES.get(kind, (_anything, ""))
    if field == "industry" and value == TARGET_INDUSTRIES:
        return
    if not fits(value):
        given = shown(list(value) if isinstance(value, tuple) else value)
        yield _fault(key, "policy.bad_value", given=given, right=right)
    elif isinstance(value, tuple):
        if not value:
            yield _fault(key, "policy.empty")
        for position, word in enumerate(value):
            if levels is not None and word not in levels:
                right = ", ".join(levels)
                yield _fault(f"{key}[{position}]", "policy.not_one_of", given=shown(word), right=right)
    elif field in FACTS and FACTS[field].kind is Kind.MONEY and Decimal(str(value)) * MINOR_UNITS % 1:
        yield _fault(key, "policy.money_decimals", given=shown(value))


def _anything(_: object) -> bool:
    return True


def _of_wording(part: Part, facts: Collection[str]) -> Iterator[Fault]:
    fact = part.values.get("fact")
    if fact is not None and fact not in facts:
        yield _fault(f"{part.key}.fact", "policy.unknown_fact", given=shown(fact), right=nearest(fact, facts))


def _of_custom_fact(part: Part) -> Iterator[Fault]:
    name, kind = part.values.get("name"), part.values.get("kind")
    levels, direction = part.values.get("levels"), part.values.get("direction")
    if name is not None and (not _NAME.fullmatch(name) or name in {*FACTS, TURNOVER, "deal_id", "extra"}):
        yield _fault(f"{part.key}.name", "policy.custom_name", given=shown(name))
    if levels is not None:
        if kind == "category" and not levels:
            yield _fault(f"{part.key}.levels", "policy.empty")
        elif kind not in ("category", None) and levels:
            yield _fault(f"{part.key}.levels", "policy.not_for_kind", given=kind, right="category")
        yield from _repeated((f"{part.key}.levels[{i}]", level) for i, level in enumerate(levels))
    if kind in ("category", "date") and direction in ("more_is_better", "less_is_better"):
        yield _fault(f"{part.key}.direction", "policy.not_for_kind", given=kind, right="number, yes_no")


def _repeated(named: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for key, name in named:
        before = first.setdefault(normalised(name), key)
        if before != key:
            yield _fault(key, "policy.duplicate", given=shown(name), right=before)


def _clashes(parts: Sequence[Part]) -> Iterator[Fault]:
    """Yield the words that would mean two rows; a word twice in one row harms nobody."""
    owners = {normalised(part.values["code"]): part for part in reversed(parts) if "code" in part.values}
    for part in parts:
        for position, word in enumerate(part.values.get("synonyms", ())):
            owner = owners.setdefault(normalised(word), part)
            if owner is not part:
                key, right = f"{part.key}.synonyms[{position}]", owner.values.get("code", owner.key)
                yield _fault(key, "policy.synonym_clash", given=shown(word), right=right)


_VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "number": (lambda value: isinstance(value, float), "number"),
    "yes_no": (lambda value: isinstance(value, bool), "boolean"),
    "category": (lambda value: isinstance(value, tuple), "list"),
}
