"""The terms of a policy: what a manager may change, with its bounds and its default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, NewType

from mlscore.scoring.deal import Kind

Money = NewType("Money", int)
"""Whole minor units (kopecks) of the policy's currency."""

TARGET_INDUSTRIES = "target_industries"
"""What a criterion on `industry` compares with: the policy's own list."""

Direction = Literal["more_is_better", "less_is_better", "none"]


class Op(StrEnum):
    """How a criterion compares a fact with its value."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    IN = "in"
    IS = "is"


def term(default: Any = ..., **bounds: Any) -> Any:  # noqa: ANN401 - stands in for a field of any type
    """Declare a term; bounds: above, at_least, at_most, below (numbers), or not_empty (texts, lists)."""
    if default is ...:
        return field(metadata=bounds)
    return field(default=default, metadata=bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One filter of the target client: a fact, a comparison and a value."""

    code: str = term(not_empty=True)
    field: str = term(not_empty=True)
    op: Op
    value: float | str | bool | tuple[str, ...]
    text_ru: str = term(not_empty=True)
    text_en: str = term(not_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """One known industry: whether we want it, and the words that mean it."""

    code: str = term(not_empty=True)
    target: bool
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One product category: whether the firm supplies it, and its usual margin (share of the amount)."""

    code: str = term(not_empty=True)
    supplied: bool
    margin_rate: float | None = term(None, at_least=-1.0, at_most=1.0)
    synonyms: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _attempts(won: int, win_rate: float) -> int:
    return max(won, round(Fraction(won) / Fraction(str(win_rate))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Economics:
    """What a deal must bring, and what working one costs."""

    overhead_month: Money = term(at_least=0)
    closed_capacity: int = term(above=0)
    worked_capacity: int | None = term(None, above=0)
    win_rate: float = term(0.5, above=0.0, at_most=1.0)
    floor: Money | None = term(None, at_least=0)
    target_factor: float = term(1.2, at_least=1.0)
    stretch_factor: float = term(2.0, at_least=1.0)
    min_amount: Money | None = term(None, at_least=0)

    @property
    def floor_profit(self) -> Money:
        """What a won deal must bring: overhead / closed_capacity, up to the next whole minor unit, unless pinned."""
        if self.floor is not None:
            return self.floor
        return Money(-(-self.overhead_month // self.closed_capacity))

    @property
    def deals_worked(self) -> int:
        """Deals the team can work a month, won or lost; assumed from the win rate when not given."""
        if self.worked_capacity is not None:
            return self.worked_capacity
        return _attempts(self.closed_capacity, self.win_rate)

    @property
    def cost_per_worked_deal(self) -> float:
        """What an attempt costs, won or lost, in minor units."""
        return self.overhead_month / self.deals_worked


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How BANT's plus signs are given and counted."""

    mode: Literal["ladder", "count"] = "ladder"
    urgent_days: int = term(30, at_least=0)
    budget_min: Money | None = term(None, at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegularSmall:
    """A client who usually buys a lot, this once little."""

    won_deals: int = term(3, at_least=1)
    window_days: int = term(730, at_least=1, at_most=36_500)
    median_profit_factor: float = term(2.0, at_least=0.0)
    again_after_days: int = term(182, at_least=0, at_most=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A first order, small but with large stated prospects; one a client."""

    prospects_factor: float = term(3.0, at_least=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptions:
    """What may excuse the floor; a part left out is switched off."""

    regular_small: RegularSmall | None = None
    trial: Trial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Who decides, and when the model's number is not to be trusted."""

    decide_by: Literal["rule", "model", "both"] = "rule"
    similar_deals_min: int = term(20, at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How closed deals become training rows."""

    snapshot: Literal["first", "last_before_close"] = "first"
    label: Literal["profitable", "won"] = "profitable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any deal has closed: a Beta prior a manager can read."""

    profitable_share: float = term(0.3, above=0.0, below=1.0)
    worth_deals: float = term(10.0, above=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InCrm:
    """What the service may do in the CRM by itself, besides showing its answer there."""

    automatic_moves: bool = False


CUSTOM_KINDS: Mapping[str, Kind] = {
    "number": Kind.NUMBER,
    "category": Kind.TEXT,
    "yes_no": Kind.TRI,
    "date": Kind.DATE,
}
"""What a policy calls a custom fact's kind, and how its column is carried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFact:
    """A fact of the firm's own trade, declared so that it needs no code."""

    name: str = term(not_empty=True)
    kind: Literal["number", "category", "yes_no", "date"]
    levels: tuple[str, ...] = ()
    direction: Direction = "none"
    unit: str = ""
    text_ru: str = ""
    text_en: str = ""

    @property
    def carried_as(self) -> Kind:
        """How its column is carried."""
        return CUSTOM_KINDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The firm's own words to ask for a fact in, standard or custom; without them the shipped ones are said."""

    fact: str = term(not_empty=True)
    text_ru: str = term(not_empty=True)
    text_en: str = term(not_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a manager may change. Money in minor units of `currency`; `timezone` tells where a day begins."""

    name: str = term(not_empty=True)
    currency: str = term("RUB", not_empty=True)
    timezone: str = term("Europe/Moscow", not_empty=True)
    industries_reviewed_on: date | None = None
    nontarget_client_request: Literal["review", "reject", "deal"] = "review"
    economics: Economics
    grading: Grading = field(default_factory=Grading)
    exceptions: Exceptions = field(default_factory=Exceptions)
    deciding: Deciding = field(default_factory=Deciding)
    training: Training = field(default_factory=Training)
    prior: Prior = field(default_factory=Prior)
    crm: InCrm = field(default_factory=InCrm)
    criteria: tuple[Criterion, ...] = ()
    industries: tuple[Industry, ...] = ()
    categories: tuple[Category, ...] = ()
    custom_facts: tuple[CustomFact, ...] = ()
    questions: tuple[Wording, ...] = ()

    # By identity: what is worked out from a policy is cached on the hot path, and a deep hash is slow.
    __hash__ = object.__hash__


@lru_cache(maxsize=64)
def fingerprint(policy: Policy) -> str:
    """Name a policy by its content: the first 12 hex digits of the SHA-256 of its canonical JSON.

    Terms younger than the first policies count only where they are set: a policy without them keeps its name.
    """
    terms = asdict(policy)
    if policy.crm == InCrm():
        del terms["crm"]
    if not policy.questions:
        del terms["questions"]
    canonical = json.dumps(terms, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
