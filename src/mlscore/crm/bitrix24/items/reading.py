"""Reads an item with what belongs to it as a deal and, once it ended, its outcome."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mlscore.crm.bitrix24.items.cells import cell_of, decimal_of
from mlscore.crm.bitrix24.items.fields import Entity, Fields, PortalField
from mlscore.crm.bitrix24.mapping import COMPANY, CONTACT, GOODS, KindTerms
from mlscore.crm.mapping import Cell, Rows, Source, StyleTerms, plain, style_of
from mlscore.ports import Item, ItemKind
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.scoring.errors import Fault
from mlscore.scoring.policy import Policy

_ROUBLES = "RUB"
_TURNOVER = "company.revenue"
_SHORT: Mapping[ItemKind, str] = {"lead": "L", "deal": "D"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An item as the portal has it, with its company, first contact and goods; None where it has none.

    `costs` is what each product is bought for, by its number, where the portal says so in the item's currency.
    `withheld` names what the portal did not let us read.
    """

    item: Mapping[str, Any]
    company: Mapping[str, Any] | None = None
    contact: Mapping[str, Any] | None = None
    goods: Sequence[Mapping[str, Any]] | None = None
    costs: Mapping[str, Decimal] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadItem:
    """An item in our terms; `passed_over` names the facts whose cells could not be read."""

    deal: Deal
    outcome: Outcome | None
    passed_over: tuple[str, ...]


def deal_id_of(item: Item) -> str:
    """Name a deal as the portal does in short: `D_759`, leads `L_12`."""
    return f"{_SHORT[item.kind]}_{item.item_id}"


class ItemReader:
    """Reads items of one kind, by the mapping and a policy; what does not fit the policy is noted in `faults`."""

    def __init__(self, kind: ItemKind, terms: KindTerms, *, style: StyleTerms, policy: Policy) -> None:
        self.faults: list[Fault] = []
        self._kind, self._columns = kind, terms.columns
        styled = style_of(style, timezone=policy.timezone, faults=self.faults, key="style")
        staged = terms if "stage" in terms.facts else replace(terms, facts={"stage": _constant(kind), **terms.facts})
        self._rows = Rows(staged, self._columns, policy=policy, style=styled, faults=self.faults, within=f"{kind}.")
        sources = _sources(terms)
        self._taken = {c: _words(sources[c]) for c in self._columns if c in sources}
        self._unknown = {c: styled.unknown | _unknown(sources.get(c, ())) for c in self._columns}
        self._facts = {c: tuple(n for n, s in _named(terms) if s.column == c) for c in self._columns}

    def read(self, item: Item, gathered: Gathered, fields: Mapping[Entity, Fields]) -> ReadItem:
        """Read an item; a cell that is wrong is an unknown fact."""
        strange: set[str] = set()
        cells = [self._cell(column, gathered, fields, strange) for column in self._columns]
        deal, outcome, wrong = self._rows.read_what_can_be(cells, deal_id=deal_id_of(item))
        strange |= {one.column for one in wrong}
        asked = (name for column in self._columns if column in strange for name in self._facts[column])
        passed_over = [name for name in asked if getattr(deal, name, None) is None]
        if outcome is not None and outcome.status is Status.LOST:
            outcome = replace(outcome, realised_profit=None)  # a forecast nobody took out: what is lost brings nothing
        return ReadItem(deal=deal, outcome=outcome, passed_over=tuple(dict.fromkeys(passed_over)))

    def _cell(self, column: str, gathered: Gathered, fields: Mapping[Entity, Fields], strange: set[str]) -> Cell:
        of, _, name = column.rpartition(".")
        if of == GOODS:
            cell = _goods(name, gathered)
            if cell is None and GOODS in gathered.withheld:
                strange.add(column)
            return cell
        entity: Entity = COMPANY if of == COMPANY else CONTACT if of == CONTACT else self._kind
        holder = gathered.company if of == COMPANY else gathered.contact if of == CONTACT else gathered.item
        if of in gathered.withheld or (holder is not None and name not in holder):
            strange.add(column)
        if holder is None:
            return None
        known = fields.get(entity, {}).get(name)
        if _is_foreign(column, holder, known, gathered.item):
            strange.add(column)
            return None
        cell = cell_of(holder.get(name), known, taken=self._taken.get(column, ()))
        return None if cell is not None and plain(str(cell)).casefold() in self._unknown[column] else cell


def _is_foreign(column: str, holder: Mapping[str, Any], known: PortalField | None, item: Mapping[str, Any]) -> bool:
    """Tell whether a figure is in another currency than its fact: a turnover is in roubles, money in the item's."""
    if column == _TURNOVER:
        return holder.get("currencyId") not in (None, "", _ROUBLES)
    if known is None or known.type != "money":
        return False
    amount, _, currency = str(holder.get(column.rpartition(".")[2]) or "").partition("|")
    return bool(amount and currency) and item.get("currencyId") not in (None, "", currency)


def _goods(name: str, gathered: Gathered) -> Cell:
    """Return what the product rows say together; None where there are none, or one of them does not say it."""
    rows = gathered.goods
    if not rows:
        return None
    if name == "names":
        return "; ".join(str(row.get("productName") or "") for row in rows)
    quantities = [decimal_of(row.get("quantity", 1)) for row in rows]
    each: list[Cell] = [Decimal(1)] * len(rows)
    if name == "amount":
        each = [decimal_of(row.get("price")) for row in rows]
    elif name == "cost":
        each = [gathered.costs.get(str(row.get("productId"))) for row in rows]
    sums = [a * b for a, b in zip(quantities, each, strict=True) if isinstance(a, Decimal) and isinstance(b, Decimal)]
    return sum(sums, Decimal()) if len(sums) == len(rows) else None


def _constant(kind: ItemKind) -> Source:
    return Source(constant=kind)


def _named(terms: KindTerms) -> list[tuple[str, Source]]:
    outcome = terms.outcome
    ends = [] if outcome is None or outcome.realised_profit is None else [("realised_profit", outcome.realised_profit)]
    return [*terms.facts.items(), *terms.extra.items(), *ends]


def _sources(terms: KindTerms) -> Mapping[str, tuple[Source, ...]]:
    """Return what is read of each column."""
    found: dict[str, tuple[Source, ...]] = {}
    for _, source in _named(terms):
        if source.column is not None:
            found[source.column] = (*found.get(source.column, ()), source)
    return found


def _words(sources: Sequence[Source]) -> Collection[str]:
    given = [level.given for source in sources for level in source.levels]
    return frozenset(plain(word).casefold() for word in (*given, *(w for s in sources for w in s.unknown)))


def _unknown(sources: Sequence[Source]) -> frozenset[str]:
    """Return the words that mean "not known" to all who read a column."""
    each = [frozenset(plain(word).casefold() for word in source.unknown) for source in sources]
    return frozenset.intersection(*each) if each else frozenset()
