"""Filters, sorting and pages, as the portal's lists understand them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mlscore.crm.bitrix24.fake.fields import Fields
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import bad_argument

PAGE = 50
_SIGNS = ("!=%", "!%=", ">=", "<=", "!@", "!=", "=%", "%=", "!%", ">", "<", "@", "!", "%", "=")
_NUMBERS = frozenset({"integer", "double", "user", "crm_company", "crm_contact", "crm_category", "crm_lead"})
_MOMENTS = frozenset({"datetime", "date"})

Types = Mapping[str, str]
"""What may be asked for, by name, and of what type it is."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; without a count there is neither total nor next."""

    rows: list[Fields]
    total: int | None
    next: int | None


def found(
    rows: Iterable[Fields],
    *,
    types: Types,
    wanted: Json,
    order: Json,
    start: Json,
) -> Page:
    """Return the page of rows that was asked for. Raises PortalRefusedError."""
    holds = _condition(wanted or {}, types)
    kept = sorted_by([row for row in rows if holds(row)], order or {}, types)
    begin = int(start or 0)
    if begin < 0:
        return Page(kept[:PAGE], None, None)
    after = begin + PAGE
    return Page(kept[begin:after], len(kept), after if len(kept) > after else None)


def sorted_by(rows: list[Fields], order: Json, types: Types) -> list[Fields]:
    """Sort by several fields, unknown first. Raises PortalRefusedError."""
    for name, way in reversed(list(dict(order).items())):
        if name not in types:
            raise bad_argument(f"Invalid order: field '{name}' is not allowed in order")
        if str(way).upper() not in {"ASC", "DESC"}:
            raise bad_argument(
                f"Invalid order: allowed sort directions are ASC, DESC. But got '{way}' for field '{name}'"
            )
        rows.sort(key=_sortable(name, types[name]), reverse=str(way).upper() == "DESC")
    return rows


def _sortable(name: str, kind: str) -> Callable[[Fields], tuple[bool, Json]]:
    def key(row: Fields) -> tuple[bool, Json]:
        value = _comparable(row.get(name), kind)
        return value is not None, value if value is not None else 0

    return key


def _condition(wanted: Json, types: Types) -> Callable[[Fields], bool]:
    parts = dict(enumerate(wanted)) if isinstance(wanted, list) else dict(wanted)
    any_will_do = str(parts.pop("logic", "AND")).upper() == "OR"
    tests = [_test(str(key), value, types) for key, value in parts.items()]
    if any_will_do:
        return lambda row: any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _test(key: str, value: Json, types: Types) -> Callable[[Fields], bool]:
    if key.isdigit():
        return _condition(value, types)
    sign = next((one for one in _SIGNS if key.startswith(one)), "")
    name = key.removeprefix(sign)
    if name not in types:
        raise bad_argument(f"Invalid filter: field '{name}' is not allowed in filter")
    compare, kind = _COMPARISONS[sign or "="], types[name]
    if isinstance(value, list | tuple) and sign not in {"@", "!@", "", "=", "!", "!="}:
        raise bad_argument(f"Invalid filter: field '{name}' has invalid value")
    many = isinstance(value, list | tuple) or sign in {"@", "!@"}
    given = [_given(one, kind, name) for one in value] if isinstance(value, list | tuple) else _given(value, kind, name)
    if many:
        within = frozenset(given if isinstance(given, list) else [given])
        isnt = sign.startswith("!")
        return lambda row: (_comparable(row.get(name), kind) in within) is not isnt
    return lambda row: compare(_comparable(row.get(name), kind), given)


def _given(value: Json, kind: str, name: str) -> Json:
    try:
        # A user field of yes and no is sought by 1 and 0; by Y and N nothing is found.
        return {"1": 1, "0": 0}.get(str(value), value) if kind == "uf_boolean" else _comparable(value, kind)
    except ValueError:
        raise bad_argument(f"Invalid filter: field '{name}' has invalid value") from None


def _comparable(value: Json, kind: str) -> Json:
    if value is None or value == "":
        return None
    if isinstance(value, list | dict):
        return str(value)
    if kind in _NUMBERS:
        return float(value)
    if kind in _MOMENTS:
        return datetime.fromisoformat(str(value)).timestamp()
    return {"Y": 1, "N": 0}.get(str(value), value) if kind == "uf_boolean" else str(value)


def _ordered(compare: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    return lambda held, given: held is not None and given is not None and compare(held, given)


def _like(held: Json, given: Json) -> bool:
    held, given = str(held or "").casefold(), str(given or "").casefold()
    start, end = given.startswith("%"), given.endswith("%")
    text = given.strip("%")
    if start and end:
        return text in held
    return held.endswith(text) if start else held.startswith(text) if end else held == text


def _within(held: Json, given: Json) -> bool:
    return str(given or "").casefold() in str(held or "").casefold()


_COMPARISONS: Mapping[str, Callable[[Json, Json], bool]] = {
    "=": lambda held, given: bool(held == given),
    "!=": lambda held, given: bool(held != given),
    "!": lambda held, given: bool(held != given),
    ">": _ordered(lambda held, given: bool(held > given)),
    ">=": _ordered(lambda held, given: bool(held >= given)),
    "<": _ordered(lambda held, given: bool(held < given)),
    "<=": _ordered(lambda held, given: bool(held <= given)),
    "%": _within,
    "!%": lambda held, given: not _within(held, given),
    "=%": _like,
    "%=": _like,
    "!=%": lambda held, given: not _like(held, given),
    "!%=": lambda held, given: not _like(held, given),
    "@": lambda _held, _given: False,
    "!@": lambda _held, _given: False,
}
