"""Deals: facts known at one moment, one by one and as columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Value = float | int | str | bool | date | datetime | None
Floats = NDArray[np.float64]
Texts = NDArray[np.object_]
Write = tuple[str, NDArray[np.intp], Floats | Texts | float | str]
"""A fact written over: its name, at which positions, and the value there: one for all, or one each."""

MINOR_UNITS = 100
SECONDS_A_DAY = 86_400

AHEAD_AT_MOST = timedelta(minutes=5)
"""How far a sender's clock may run before ours."""

ID_LENGTH = 128
_UNSAFE_IN_A_PATH = frozenset("/\\?#%")


class Kind(StrEnum):
    """How a fact is written, and how its column is carried."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    TRI = "tri"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact a deal may have: its name, kind and unit."""

    name: str
    kind: Kind
    unit: str = ""


def _fact(kind: Kind, unit: str = "") -> Any:  # noqa: ANN401 - a dataclass default stands in for any type
    return field(default=None, metadata={"kind": kind, "unit": unit})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What was known of one deal at `as_of`; None is unknown, never "no".

    Money is in whole minor units (kopecks) of `currency`; turnover in roubles; `need_coverage` a share 0-1.
    """

    deal_id: str
    as_of: datetime | None = field(default=None, metadata={"kind": Kind.MOMENT, "unit": ""})
    stage: str | None = _fact(Kind.TEXT)
    created_at: datetime | None = _fact(Kind.MOMENT)
    company_id: str | None = _fact(Kind.TEXT)
    industry: str | None = _fact(Kind.TEXT)
    annual_turnover_rub: float | None = _fact(Kind.NUMBER, "RUB a year")
    group_turnover_rub: float | None = _fact(Kind.NUMBER, "RUB a year")
    steam_tph: float | None = _fact(Kind.NUMBER, "t/h")
    region: str | None = _fact(Kind.TEXT)
    employees: float | None = _fact(Kind.NUMBER, "people")
    is_existing_customer: bool | None = _fact(Kind.TRI)
    product_category: str | None = _fact(Kind.TEXT)
    in_nomenclature: bool | None = _fact(Kind.TRI)
    request_text: str | None = _fact(Kind.TEXT)
    need_defined: bool | None = _fact(Kind.TRI)
    need_coverage: float | None = _fact(Kind.NUMBER, "share 0-1")
    budget_allocated: bool | None = _fact(Kind.TRI)
    budget_amount: int | None = _fact(Kind.MONEY)
    delivery_needed_by: date | None = _fact(Kind.DATE)
    asap: bool | None = _fact(Kind.TRI)
    role_economic: bool | None = _fact(Kind.TRI)
    role_technical: bool | None = _fact(Kind.TRI)
    role_user: bool | None = _fact(Kind.TRI)
    amount: int | None = _fact(Kind.MONEY)
    cost: int | None = _fact(Kind.MONEY)
    profit_if_won: int | None = _fact(Kind.MONEY)
    currency: str | None = _fact(Kind.TEXT)
    source: str | None = _fact(Kind.TEXT)
    funnel: str | None = _fact(Kind.TEXT)
    seller_id: str | None = _fact(Kind.TEXT)
    trial_order: bool | None = _fact(Kind.TRI)
    prospects_profit: int | None = _fact(Kind.MONEY)
    won_deals_24m: float | None = _fact(Kind.NUMBER, "deals")
    median_profit_24m: int | None = _fact(Kind.MONEY)
    small_exceptions_6m: float | None = _fact(Kind.NUMBER, "deals")
    trial_exceptions: float | None = _fact(Kind.NUMBER, "deals")
    extra: Mapping[str, Value] = field(default_factory=dict)


FACTS: Mapping[str, Fact] = {
    f.name: Fact(f.name, f.metadata["kind"], f.metadata["unit"]) for f in fields(Deal) if "kind" in f.metadata
}
"""Every standard fact but `deal_id` and `extra`, by name."""

_FIELDS = tuple(f.name for f in fields(Deal))
_FIELDS_OF = attrgetter(*_FIELDS)
_WRITES = {name: getattr(Deal, name).__set__ for name in _FIELDS}


def changed(deal: Deal, facts: Mapping[str, Any]) -> Deal:
    """Return the deal with these facts in place of its own: `dataclasses.replace`, at a quarter of its cost."""
    made = object.__new__(Deal)
    for write, value in zip(_WRITES.values(), _FIELDS_OF(deal), strict=True):
        write(made, value)
    for name, value in facts.items():
        _WRITES[name](made, value)
    return made


def is_deal_id(text: str) -> bool:
    """Tell whether a text may name a deal: 1-128 printable characters, safe in a path, no blank at either end."""
    is_name = is_safe_in_a_path(text) and text not in {".", ".."}
    return 1 <= len(text) <= ID_LENGTH and is_name and text == text.strip()


def is_safe_in_a_path(text: str) -> bool:
    """Tell whether a text is printable and would not be taken for more than one part of a path."""
    return text.isprintable() and not _UNSAFE_IN_A_PATH.intersection(text)


class Status(StrEnum):
    """How a closed deal ended; a reopened one has not, whatever was said of it before."""

    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a deal ended; `realised_profit` in minor units; `known_at` is when the firm learned it."""

    deal_id: str
    status: Status
    closed_at: datetime | None = None
    realised_profit: int | None = None
    known_at: datetime | None = None


def as_number(value: Value) -> float:
    """Return one fact as its column carries it: yes 1, no 0, dates as ordinals, moments as epoch seconds.

    A text is no number: unknown. So is what a custom fact was before the policy changed its kind.
    """
    if value is None or isinstance(value, str):
        return np.nan
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    return float(value)


class Deals:
    """Deals as columns: floats with NaN for unknown, texts with None; built when first asked for."""

    __slots__ = ("_columns", "_derived", "_picked", "_record", "_rows", "_written", "size")

    def __init__(self, rows: Sequence[Deal]) -> None:
        self._rows: Sequence[Deal] | None = rows
        self._picked: tuple[Deals, NDArray[np.intp]] | None = None
        self._columns: dict[str, Floats | Texts] = {}
        self._written: frozenset[str] = frozenset()
        self._derived: dict[Hashable, tuple[str, NDArray[Any]]] = {}
        self._record: Callable[[Deals], Mapping[str, Floats]] | None = None
        self.size = len(rows)

    @classmethod
    def of_columns(cls, columns: Mapping[str, Floats | Texts], *, size: int) -> Self:
        """Take ready columns of `size` rows, by fact name; a fact left out is unknown everywhere."""
        made = cls(())
        made._rows, made._columns, made.size = None, dict(columns), size
        return made

    @classmethod
    def _picked_from(cls, source: Deals, picked: NDArray[np.intp]) -> Self:
        made = cls(())
        made._rows, made._picked, made._record, made.size = None, (source, picked), source._record, len(picked)
        return made

    def __len__(self) -> int:
        return self.size

    def numbers(self, name: str) -> Floats:
        """Return a float column: number, money, tri, date (ordinal day) or moment (epoch seconds)."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._read_numbers(name)
        if column.dtype == object:
            return np.array([as_number(value) for value in column], dtype=np.float64)
        return column  # type: ignore[return-value]  # the fact's kind decides which column lies under a name

    def texts(self, name: str) -> Texts:
        """Return a text column, None where unknown."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._read_texts(name)
        if column.dtype != object:
            return np.full(self.size, None, dtype=object)
        return column  # type: ignore[return-value]  # the fact's kind decides which column lies under a name

    def having(self, columns: Mapping[str, Floats | Texts]) -> Deals:
        """Return the same deals with these columns too, in the place of any of the same name."""
        made = Deals(())
        made._rows, made._picked, made._record, made.size = self._rows, self._picked, self._record, self.size
        made._columns, made._written = {**self._columns, **columns}, self._written.union(columns)
        made._derived = {key: kept for key, kept in self._derived.items() if kept[0] not in columns}
        return made

    def recorded(self, record: Callable[[Deals], Mapping[str, Floats]]) -> Deals:
        """Return the same deals with the columns a record has for them, which can be asked again of what would be."""
        made = self.having(record(self))
        made._record = record  # noqa: SLF001 - our own kind
        return made

    def recorded_anew(self) -> Deals:
        """Return the same deals with what their record says of the facts as they are now; without one, as they are."""
        return self if self._record is None else self.recorded(self._record)

    def select(self, rows: Sequence[int] | NDArray[np.intp]) -> Deals:
        """Return the deals at these positions, in this order; a column is picked when it is first asked for."""
        return self._picked_from(self, np.asarray(rows, dtype=np.intp))

    def rewritten(self, rows: NDArray[np.intp], writes: Iterable[Write]) -> Deals:
        """Return the deals at these positions with some facts written over: what would be if."""
        made, writes = self.select(rows), tuple(writes)
        made._written = frozenset(name for name, _, _ in writes)  # noqa: SLF001 - our own kind
        for name, places, values in writes:
            is_text = isinstance(values, str) or np.asarray(values).dtype == object
            column: NDArray[Any] = made.texts(name) if is_text else made.numbers(name)
            column[places] = values
        return made

    def derived(self, key: Hashable, fact: str, work: Callable[[Deals], NDArray[Any]]) -> NDArray[Any]:
        """Return what `work` makes of the column of one fact, worked out once under this key.

        Of deals as they would be it is picked from the deals as they are, where the fact is not written over.
        """
        kept = self._derived.get(key)
        if kept is None:
            if self._picked is None or fact in self._written:
                column = work(self)
            else:
                source, picked = self._picked
                column = source.derived(key, fact, work)[picked]
            kept = self._derived[key] = fact, column
        return kept[1]

    def varied(self, row: int, changes: Sequence[Mapping[str, Value]]) -> Deals:
        """Return one deal `len(changes)` times, each with its own facts changed: what would be if."""
        writes: list[Write] = []
        for position, change in enumerate(changes):
            for name, value in change.items():
                told = self.texts(name)[row] if value is None else value
                is_text = FACTS[name].kind is Kind.TEXT if name in FACTS else isinstance(told, str)
                written = np.array([value], dtype=object) if is_text else as_number(value)
                writes.append((name, np.array([position]), written))
        return self.rewritten(np.full(len(changes), row), writes)

    def _values(self, name: str) -> list[Any] | None:
        if self._rows is None:
            return None
        if name in FACTS or name == "deal_id":
            return list(map(attrgetter(name), self._rows))
        return [deal.extra.get(name) for deal in self._rows]

    def _read_numbers(self, name: str) -> Floats:
        if self._picked is not None:
            source, picked = self._picked
            return source.numbers(name)[picked]
        values = self._values(name)
        if values is None:
            return np.full(self.size, np.nan)
        if name not in FACTS or FACTS[name].kind in {Kind.DATE, Kind.MOMENT}:
            values = [as_number(value) for value in values]
        return np.array(values, dtype=np.float64)  # None becomes NaN

    def _read_texts(self, name: str) -> Texts:
        if self._picked is not None:
            source, picked = self._picked
            return source.texts(name)[picked]
        column = np.empty(self.size, dtype=object)  # None everywhere
        values = self._values(name)
        if values is not None:
            column[:] = values
        return column
