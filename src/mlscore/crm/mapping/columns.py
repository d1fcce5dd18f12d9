"""Makes, for one fact, the function that reads its cells; a term that does not fit the fact is a fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from mlscore.crm.mapping.style import Style, check_formats, read_time
from mlscore.crm.mapping.terms import Source
from mlscore.crm.mapping.values import (
    TRI_WORDS,
    Cell,
    NumberReader,
    NumberStyle,
    plain,
    read_date,
    read_moment,
    read_text,
    read_tri,
)
from mlscore.scoring.deal import Kind, Value
from mlscore.scoring.errors import FactError, Fault
from mlscore.scoring.policy.reading import nearest
from mlscore.scoring.policy.values import shown

Read = Callable[[Cell], Value]
_Day = TypeVar("_Day", date, datetime)

UNITS: Mapping[str, Decimal] = {
    "percent": Decimal("0.01"),
    "minor": Decimal("0.01"),
    "thousand": Decimal(1000),
    "million": Decimal(1_000_000),
    "billion": Decimal(1_000_000_000),
}
EARLIEST, LATEST = 1900, 2199
"""Years beyond these are a placeholder or a slip of the pen."""

_REMEMBERED = 20_000
_FITTING: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: frozenset({"levels", "otherwise"}),
    Kind.TRI: frozenset({"levels", "otherwise"}),
    Kind.NUMBER: frozenset({"unit", "scale", "decimal", "thousands", "levels"}),
    Kind.MONEY: frozenset({"unit", "scale", "decimal", "thousands", "round"}),
    Kind.DATE: frozenset({"date_formats", "plus_days"}),
    Kind.MOMENT: frozenset({"date_formats", "plus_days", "time_of_day"}),
}
_ALWAYS = frozenset({"column", "constant", "unknown"})
_OTHERWISE = {Kind.TRI: ("reject", "unknown", "yes", "no"), Kind.TEXT: ("keep", "unknown", "reject")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The fact a column is read for: its kind, the levels it may have, its least and greatest value, its length."""

    kind: Kind
    levels: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    letters: int | None = None


def reader_of(source: Source, target: Target, *, key: str, style: Style, faults: list[Fault]) -> Read:
    """Return the function that reads one cell: None where unknown; it raises FactError for a wrong cell."""
    _check_fitting(source, target, key, faults)
    unknown = style.unknown | {plain(w).casefold() for w in source.unknown}
    convert = _within(_converter(source, target, key=key, style=style, faults=faults), target)
    return _Remembered(convert, unknown).__getitem__


def column_fault(name: str, header: Sequence[str], key: str, faults: list[Fault]) -> bool:
    """Note a column that is not there, or there twice; tell whether there was a fault."""
    count = header.count(name)
    if count == 0:
        faults.append(Fault(key, "mapping.unknown_column", {"given": shown(name), "right": nearest(name, header)}))
    elif count > 1:
        faults.append(Fault(key, "mapping.ambiguous_column", {"given": shown(name)}))
    return count != 1


class _Remembered(dict[Cell, Value]):
    """What each cell of a column was read as: most cells of a file repeat others."""

    def __init__(self, convert: Read, unknown: frozenset[str]) -> None:
        super().__init__()
        self._convert, self._unknown = convert, unknown

    def __missing__(self, cell: Cell) -> Value:
        value = None if self._is_unknown(cell) else self._convert(cell)
        if len(self) < _REMEMBERED:
            self[cell] = value
        return value

    def _is_unknown(self, cell: Cell) -> bool:
        if isinstance(cell, str):
            return plain(cell).casefold() in self._unknown
        return cell is None or (isinstance(cell, float) and math.isnan(cell))


def constant_of(source: Source, read: Read, *, key: str, faults: list[Fault]) -> Value:
    """Return the value of a constant source; one its fact cannot have is a fault."""
    try:
        return read(source.constant)
    except FactError as error:
        faults.append(Fault(f"{key}.constant", error.code, error.params))
        return None


def _converter(source: Source, target: Target, *, key: str, style: Style, faults: list[Fault]) -> Read:
    match target.kind:
        case Kind.TEXT:
            return _text_reader(source, target)
        case Kind.TRI:
            return _tri_reader(source, key, faults)
        case Kind.NUMBER:
            numbers, words = _numbers(source, style), _levels(source)
            return lambda cell: numbers.number(_recoded(cell, words))
        case Kind.MONEY:
            numbers = _numbers(source, style)
            return lambda cell: numbers.money(cell, rounded=source.round)
        case Kind.DATE:
            check_formats(source.date_formats, f"{key}.date_formats", faults)
            formats = source.date_formats or style.moments.formats
            return lambda cell: _moved(read_date(cell, formats), source.plus_days)
        case Kind.MOMENT:
            check_formats(source.date_formats, f"{key}.date_formats", faults)
            moments = replace(
                style.moments,
                formats=source.date_formats or style.moments.formats,
                time_of_day=read_time(source.time_of_day, key, faults) or style.moments.time_of_day,
            )
            return lambda cell: _moved(read_moment(cell, moments), source.plus_days)


def _text_reader(source: Source, target: Target) -> Read:
    words = _levels(source)
    allowed = {level.casefold(): level for level in target.levels}
    otherwise = source.otherwise or ("reject" if allowed else "keep")

    def read(cell: Cell) -> Value:
        text = read_text(cell)
        known = text.casefold() in words
        text = str(words.get(text.casefold(), text))
        if allowed:
            known, text = text.casefold() in allowed, allowed.get(text.casefold(), text)
        elif not words:
            known = True
        if known or otherwise == "keep":
            return text or None
        if otherwise == "unknown":
            return None
        raise FactError(
            "Not one of the levels this fact may have: add the word to the levels of the mapping.",
            code="import.not_a_level",
        )

    return read


def _tri_reader(source: Source, key: str, faults: list[Fault]) -> Read:
    meanings: dict[object, bool | None] = {"yes": True, "no": False, "unknown": None, True: True, False: False}
    words: dict[str, bool | None] = {} if source.levels else dict(TRI_WORDS)
    for word, means in _levels(source).items():
        if means not in meanings:
            faults.append(
                Fault(f"{key}.levels", "policy.not_one_of", {"given": shown(means), "right": "yes, no, unknown"})
            )
        words[word] = meanings.get(means)
    if source.otherwise in (None, "reject"):
        return lambda cell: read_tri(cell, words)
    other = meanings.get(source.otherwise)
    return lambda cell: read_tri(cell, words) if _word(cell) in words or isinstance(cell, bool) else other


def _levels(source: Source) -> dict[str, str | bool | float]:
    return {plain(level.given).casefold(): level.means for level in source.levels}


def _recoded(cell: Cell, words: Mapping[str, str | bool | float]) -> Cell:
    return words.get(_word(cell), cell) if words else cell


def _word(cell: Cell) -> str:
    return plain(str(cell)).casefold()


def _numbers(source: Source, style: Style) -> NumberReader:
    thousands = style.numbers.thousands if source.thousands is None else source.thousands
    scale = Decimal(1) if source.scale is None else Decimal(str(source.scale))
    scale = UNITS[source.unit] if source.unit else scale
    return NumberReader(NumberStyle(source.decimal or style.numbers.decimal, thousands), scale)


def _moved(day: _Day, days: int) -> _Day:
    if not EARLIEST <= day.year <= LATEST:
        raise FactError(f"Dates lie between {EARLIEST} and {LATEST}.", code="import.date_out_of_range")
    return day + timedelta(days=days)


def _within(convert: Read, target: Target) -> Read:
    least = -math.inf if target.least is None else target.least
    most = math.inf if target.most is None else target.most
    letters = math.inf if target.letters is None else target.letters

    def read(cell: Cell) -> Value:
        value = convert(cell)
        if isinstance(value, int | float) and not least <= value <= most:
            raise FactError(
                f"The number must lie between {least:g} and {most:g}: see the unit or scale in the mapping.",
                code="import.out_of_range",
                least=target.least,
                most=target.most,
            )
        if isinstance(value, str) and len(value) > letters:
            message = f"The text is longer than {letters} characters: shorten it, or read another column."
            raise FactError(message, code="import.too_long", at_most=target.letters)
        return value

    return convert if target.least is target.most is target.letters is None else read


def _check_fitting(source: Source, target: Target, key: str, faults: list[Fault]) -> None:
    plain_source = Source()
    for name in Source.__dataclass_fields__:
        is_given = getattr(source, name) != getattr(plain_source, name)
        if is_given and name not in _FITTING[target.kind] | _ALWAYS:
            right = ", ".join(sorted(_FITTING[target.kind] | _ALWAYS))
            faults.append(Fault(f"{key}.{name}", "policy.not_for_kind", {"given": target.kind.value, "right": right}))
    if source.unit == "minor" and target.kind is not Kind.MONEY:
        faults.append(Fault(f"{key}.unit", "policy.not_for_kind", {"given": target.kind.value, "right": "percent"}))
    choices = _OTHERWISE.get(target.kind, ())
    if source.otherwise is not None and choices and source.otherwise not in choices:
        faults.append(
            Fault(
                f"{key}.otherwise", "policy.not_one_of", {"given": shown(source.otherwise), "right": ", ".join(choices)}
            )
        )
    if source.otherwise == "keep" and target.levels:
        faults.append(
            Fault(
                f"{key}.otherwise", "policy.not_one_of", {"given": shown(source.otherwise), "right": "unknown, reject"}
            )
        )
