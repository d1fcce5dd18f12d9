"""Receipts in brief: what pages sort, filter, count and add up by, without reading what was said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from mlscore.ports.closed import Backtest


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A receipt in brief, and how its deal ended; money in minor units, shares 0-1, None is unknown.

    `probability` and what follows is what the model said when the deal was scored; `backtest` is what a model of the
    time would have said, and read only `of_deal`. `status` is None while the deal is open. `at` is the
    moment it is about: `as_of`, or where that is unknown `scored_at`; `is_newest`: no receipt of the deal is about a
    later one.
    """

    receipt_id: str
    deal_id: str
    at: datetime
    scored_at: datetime
    origin: str
    is_newest: bool
    as_of: datetime | None = None
    stage: str | None = None
    company_id: str | None = None
    seller_id: str | None = None
    funnel: str | None = None
    source: str | None = None
    product_category: str | None = None
    industry: str | None = None
    amount: int | None = None
    route: str = ""
    grade: str = ""
    verdict: str = ""
    profit_if_won: int | None = None
    passes: bool | None = None
    action: str = ""
    decided_by: str = ""
    agreement: str = ""
    policy_version: str = ""
    model_version: str | None = None
    probability: float | None = None
    low: float | None = None
    high: float | None = None
    expected_profit: float | None = None
    abstained: bool | None = None
    next_fact: str | None = None
    status: str | None = None
    closed_at: datetime | None = None
    realised_profit: int | None = None
    backtest: Backtest | None = None


class Said(NamedTuple):
    """What models said of a receipt: when it was scored live, all None otherwise, and of it in a backtest.

    `expected_profit` is in minor units.
    """

    model_version: str | None
    probability: float | None
    expected_profit: float | None
    abstained: bool | None
    backtest: Backtest | None


class Tally(NamedTuple):
    """How many deals, and what they are expected to bring together in minor units; what is not known counts nothing."""

    deals: int = 0
    expected_profit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefsAsked:
    """Which deals, by their newest receipts, and in which order.

    `sellers` are whose deals may be seen, None is everybody's. `equal` are columns and the values they may have; a
    value "" stands for unknown. `search` is a part of a deal's or a company's id. Unknown values come last, always.
    Sorted by `stake`, deals stand by how far their expected profit is from `cost`, minor units; sorted by expected
    profit, those of which none was said stand by what they bring if won.
    """

    sellers: frozenset[str] | None
    search: str = ""
    equal: Mapping[str, Collection[str]] = field(default_factory=dict)
    sort: str = "at"
    descending: bool = True
    cost: float = 0.0


class Briefs(Protocol):
    """Reads receipts in brief. What was kept a moment ago is in it; of a long backlog, as much as fits in a moment."""

    def catch_up(self, firm: str, *, at_most: int | None = 2000) -> int:
        """Bring up to date what is read below, 2 000 receipts unless told; return how many are still to be read."""
        ...

    def count(self, firm: str, asked: BriefsAsked) -> int:
        """Return how many deals there are."""
        ...

    def read(self, firm: str, asked: BriefsAsked, *, first: int, at_most: int) -> Sequence[Brief]:
        """Return deals by their newest receipts, from the position `first` on."""
        ...

    def values(self, firm: str, column: str, *, sellers: frozenset[str] | None) -> Sequence[str]:
        """Return the values a column has among the newest receipts, the most frequent first, a hundred at most."""
        ...

    def tally(self, firm: str, asked: BriefsAsked, by: str) -> Mapping[str, Tally]:
        """Return how many deals there are of each value of a column, and what they are expected to bring."""
        ...

    def first_of(self, firm: str, asked: BriefsAsked, at_most: int, *, among: BriefsAsked | None = None) -> Tally:
        """Return how many of the first deals there are, in the order asked for, and what they are expected to bring.

        With `among`, only those of the first that it asks for as well: whose part of the team's is whose.
        """
        ...

    def since(self, firm: str, deal_ids: Collection[str]) -> Mapping[str, datetime]:
        """Return the moment of each deal's first receipt."""
        ...

    def of_deal(self, firm: str, deal_id: str, *, sellers: frozenset[str] | None) -> Sequence[Brief]:
        """Return every receipt of a deal, newest first; none where its newest is not of these sellers."""
        ...

    def said_of_closed(self, firm: str) -> Mapping[str, Said]:
        """Return what models said of every receipt of a closed deal, by receipt; nothing of what no model answered."""
        ...
