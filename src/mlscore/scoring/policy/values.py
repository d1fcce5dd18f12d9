"""Reads single values of a policy document: texts, numbers, money, dates and choices."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeAlias, TypeVar, get_args, get_origin

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.policy.terms import Money

Annotation: TypeAlias = Any
"""Whatever may stand behind the colon of a term."""

LARGEST = 2**53
"""Beyond it a column of floats no longer tells neighbouring whole numbers apart."""

_SHOWN = 60
_SMALLEST_COIN = Decimal(1) / MINOR_UNITS
_MONEY = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Number = TypeVar("_Number", bound=int | float | Decimal)


class WrongValueError(Exception):
    """One value is not what its term asks for; caught where its key is known."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def shown(value: object) -> str:
    """Write a faulty value for a person: one short line, nothing unprintable in it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            clean = "".join("?" if _is_unprintable(letter) else letter for letter in value[:_SHOWN])
            return f'"{clean}…"' if len(value) > _SHOWN else f'"{clean}"'
        case int() if abs(value) > LARGEST:
            return f"> {LARGEST}" if value > 0 else f"< -{LARGEST}"
        case int() | float() | Decimal() | date() | time():
            return str(value)[:_SHOWN]
    return kind_of(value)


def kind_of(value: object) -> str:
    """Name the kind of a given value as faults name it."""
    for kind, types in _KINDS_GIVEN.items():
        if isinstance(value, types):
            return kind
    return "nothing" if value is None else "other"


def kind_origin(kind: Annotation) -> Any:  # noqa: ANN401 - a special form has no type of its own
    """Return what an annotation is made with: Union, Literal, tuple, or None for a plain class."""
    return get_origin(kind)


def wrong_type(given: object, right: str) -> WrongValueError:
    """Say that a value is of another kind than the `right` one; several are parted by `|`."""
    return WrongValueError("policy.wrong_type", given=kind_of(given), right=right)


def read_single(kind: Annotation, given: object, bounds: Mapping[str, Any]) -> object:
    """Read a value that is no table and no list, within its bounds; raises WrongValueError."""
    if kind in SINGLE:
        return _bounded(SINGLE[kind][1](given), given, bounds)
    if kind_origin(kind) is Literal:
        choices = {str(value): value for value in get_args(kind)}
    elif issubclass(kind, StrEnum):
        choices = {member.value: member for member in kind}
    else:
        raise TypeError(f"A term of the policy has a type no document can hold: {kind}.")
    if not isinstance(given, str):
        raise wrong_type(given, "text")
    if given not in choices:
        raise WrongValueError("policy.not_one_of", given=shown(given), right=", ".join(choices))
    return choices[given]


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise wrong_type(given, "text")
    if any(_is_unprintable(letter) for letter in given):
        raise WrongValueError("policy.bad_text", given=shown(given))
    return given.strip()


def _boolean(given: object) -> bool:
    if not isinstance(given, bool):
        raise wrong_type(given, "boolean")
    return given


def _integer(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise wrong_type(given, "integer")
    return _carried(given)


def _number(given: object) -> float:
    if not isinstance(given, int | float | Decimal) or isinstance(given, bool):
        raise wrong_type(given, "number")
    return float(_carried(given))


def _money(given: object) -> Money:
    if isinstance(given, str) and _MONEY.fullmatch(given.strip()):
        amount = _carried(Decimal(given.strip()))
    elif isinstance(given, int | float | Decimal) and not isinstance(given, bool):
        amount = Decimal(str(_carried(given)))
    else:
        raise wrong_type(given, "money")
    if amount != amount.quantize(_SMALLEST_COIN):
        raise WrongValueError("policy.money_decimals", given=shown(given))
    return Money(int(_carried(amount * MINOR_UNITS)))


def _date(given: object) -> date:
    if isinstance(given, str) and _DATE.fullmatch(given):
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise wrong_type(given, "date") from None
    if not isinstance(given, date) or isinstance(given, datetime):
        raise wrong_type(given, "date")
    return given


def _carried(number: _Number) -> _Number:
    # A signaling NaN may not even be asked whether it is finite, but by its own kind.
    is_finite = number.is_finite() if isinstance(number, Decimal) else isinstance(number, int) or math.isfinite(number)
    if not (is_finite and -LARGEST <= number <= LARGEST):
        right = f">= -{LARGEST}, <= {LARGEST}"
        raise WrongValueError("policy.out_of_bounds", given=shown(number), right=right)
    return number


def _is_unprintable(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")


def _bounded(value: Any, given: object, bounds: Mapping[str, Any]) -> object:  # noqa: ANN401 - a term of any type
    if isinstance(value, str):
        if bounds.get("not_empty") and not value:
            raise WrongValueError("policy.empty")
        return value
    if not all(_LIMITS[name][1](value, limit) for name, limit in bounds.items()):
        right = ", ".join(f"{_LIMITS[name][0]} {limit:g}" for name, limit in bounds.items())
        raise WrongValueError("policy.out_of_bounds", given=shown(given), right=right)
    return value


_LIMITS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "above": (">", lambda value, limit: value > limit),
    "at_least": (">=", lambda value, limit: value >= limit),
    "at_most": ("<=", lambda value, limit: value <= limit),
    "below": ("<", lambda value, limit: value < limit),
}
_KINDS_GIVEN: Mapping[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "number": (float, Decimal),
    "text": str,
    "moment": datetime,
    "date": date,
    "list": (list, tuple),
    "table": Mapping,
}
SINGLE: Mapping[Annotation, tuple[str, Callable[[object], Any]]] = {
    str: ("text", _text),
    bool: ("boolean", _boolean),
    int: ("integer", _integer),
    float: ("number", _number),
    Money: ("money", _money),
    date: ("date", _date),
}
"""The name and the reader of every kind of single value but choices."""
