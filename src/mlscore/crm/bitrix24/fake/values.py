"""What a field makes of a value it is given: read, rounded, dropped or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from mlscore.crm.bitrix24.fake.fields import Standard, UserField, upper
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError
from mlscore.crm.bitrix24.fake.state import MOSCOW

_YES = frozenset({"1", "Y", "true", "True"})
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?)(?:\|([A-Z]{3})?)?")


def standard_value(name: str, value: Json, one: Standard | None) -> Json:
    """Return what a standard field keeps. Raises PortalRefusedError where it takes no such value."""
    if one is None:
        return value
    if one.is_multiple:
        if not isinstance(value, list | dict):
            given = "string" if isinstance(value, str) else type(value).__name__
            raise PortalRefusedError("100", f"Expected iterable value for multiple field, but got {given} instead")
        return [_typed(one.type, inner) for inner in (value.values() if isinstance(value, dict) else value)]
    try:
        return _typed(one.type, value)
    except ValueError:
        raise not_valid(name) from None


def not_valid(name: str) -> PortalRefusedError:
    """Return the refusal of a value."""
    return PortalRefusedError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'Неверное значение поля "{upper(name)}"')


def user_value(value: Json, one: UserField) -> Json:
    """Return what a user field keeps: what it cannot read it leaves empty, without a word."""
    if one.is_multiple:
        return [user_value(inner, _single(one)) for inner in value] if isinstance(value, list) else []
    if value is None or value == "":
        return None
    try:
        read = _USER_TYPES.get(one.type)
        return str(value) if read is None else read(value, one)
    except ValueError:
        return None


def number(value: Json) -> float | int:
    """Return a number as PHP writes it: whole ones without a point. Raises ValueError."""
    read = float(value)
    return int(read) if read.is_integer() else read


def moment(value: Json) -> str:
    """Return a moment in the portal's zone. Raises ValueError."""
    read = datetime.fromisoformat(str(value))
    local = read.replace(tzinfo=MOSCOW) if read.tzinfo is None else read.astimezone(MOSCOW)
    return local.isoformat(timespec="seconds")


def day(value: Json) -> str:
    """Return a day, which the portal writes as a moment three hours into it. Raises ValueError."""
    return f"{datetime.fromisoformat(str(value)).date().isoformat()}T03:00:00+03:00"


def _typed(kind: str, value: Json) -> Json:
    if value is None:
        return None
    if kind in {"double", "integer", "user", "crm_company", "crm_contact", "crm_category", "crm_lead", "crm_quote"}:
        return number(value or 0)
    if kind == "boolean":
        return "Y" if value is True or str(value) in _YES else "N"
    if kind in {"date", "datetime"}:
        return None if value == "" else (day if kind == "date" else moment)(value)
    return value if isinstance(value, dict) else str(value)


def _single(one: UserField) -> UserField:
    return UserField(
        number=one.number, name=one.name, type=one.type, label=one.label, settings=one.settings, levels=one.levels
    )


def _rounded(value: Json, one: UserField) -> float | int:
    return number(round(float(value), int(one.settings.get("PRECISION", 2))))


def _level(value: Json, one: UserField) -> int:
    chosen = int(value)
    if chosen not in one.levels:
        raise ValueError
    return chosen


def _money(value: Json, _one: UserField) -> str:
    read = _MONEY.fullmatch(str(value))
    if read is None:
        raise ValueError
    return f"{read[1]}|{read[2] or 'RUB'}"


_USER_TYPES: dict[str, Callable[[Json, UserField], Json]] = {
    "double": _rounded,
    "integer": lambda value, _one: int(float(value)),
    "boolean": lambda value, _one: _typed("boolean", value),
    "date": lambda value, _one: day(value),
    "datetime": lambda value, _one: moment(value),
    "enumeration": _level,
    "money": _money,
}
