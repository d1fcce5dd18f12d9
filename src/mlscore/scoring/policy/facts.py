"""The facts of deals as the policy reads them: lists looked up, money in its currency, days in its time zone."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property, lru_cache
from math import isnan
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.deal import FACTS, SECONDS_A_DAY, Deals, Floats, Kind, Texts
from mlscore.scoring.policy.terms import Policy
from mlscore.scoring.policy.vocabulary import Vocabulary, vocabulary_of
from mlscore.scoring.tri import Tri

QUARTER_HOUR = 900
UNIX_EPOCH_DAY = datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a calendar day has no zone

TURNOVER = "turnover_rub"
"""The derived fact of the turnover criterion: the larger known of the legal entity's and the group's."""

_MONEY = frozenset(name for name, fact in FACTS.items() if fact.kind is Kind.MONEY)


class Facts:
    """Columns of `deals` under `policy`, each worked out once, when first asked for."""

    def __init__(self, deals: Deals, policy: Policy) -> None:
        self.deals = deals
        self.policy = policy
        self.size = deals.size

    def number(self, name: str) -> Floats:
        """Return a number, yes/no, date or moment column; custom facts and `turnover_rub` too."""
        if name == TURNOVER:
            return np.fmax(self.deals.numbers("annual_turnover_rub"), self.deals.numbers("group_turnover_rub"))
        if name in _MONEY:
            return self.money(name)
        return self.deals.numbers(name)

    def money(self, name: str) -> Floats:
        """Return a money column in minor units, unknown where it is in another currency than the policy's."""
        column = self.deals.numbers(name)
        return np.where(self.foreign, np.nan, column) if self._any_foreign else column

    def text(self, name: str) -> Texts:
        """Return a text column."""
        return self.deals.texts(name)

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """Where the deal's money is known to be in another currency."""
        currency = self.policy.currency

        def differs(deals: Deals) -> NDArray[np.bool_]:
            return np.array([c is not None and c.upper() != currency for c in deals.texts("currency")], dtype=bool)

        return self.deals.derived(("foreign", currency), "currency", differs)

    @cached_property
    def _any_foreign(self) -> bool:
        return bool(self.foreign.any())

    @cached_property
    def industry(self) -> NDArray[np.intp]:
        """The position of each deal's industry in the policy's list, -1 where it maps to none."""
        return self._found(self.industries, "industry")

    @cached_property
    def category(self) -> NDArray[np.intp]:
        """The position of each deal's product category in the policy's list, -1 where it maps to none."""
        return self._found(self.categories, "product_category")

    def _found(self, vocabulary: Vocabulary, fact: str) -> NDArray[np.intp]:
        return self.deals.derived((vocabulary, fact), fact, lambda deals: vocabulary.indices(deals.texts(fact)))

    @property
    def industries(self) -> Vocabulary:
        """The policy's industries with their synonyms."""
        return _vocabularies(self.policy)[0]

    @property
    def categories(self) -> Vocabulary:
        """The policy's product categories with their synonyms."""
        return _vocabularies(self.policy)[1]

    @cached_property
    def target_industry(self) -> Tri:
        """Whether the industry is on the target list; text that maps to none is unknown."""
        return _tables(self.policy).is_target[self.industry]

    @cached_property
    def in_nomenclature(self) -> Tri:
        """Whether the firm supplies what is asked: as stated, else by the product category."""
        return tri.first_known(self.deals.numbers("in_nomenclature"), _tables(self.policy).is_supplied[self.category])

    @cached_property
    def margin_rate(self) -> Floats:
        """The usual margin of the product category, a share of the amount."""
        return _tables(self.policy).margin_rate[self.category]

    @cached_property
    def today(self) -> Floats:
        """The firm's calendar day of `as_of`, as an ordinal."""
        zone = ZoneInfo(self.policy.timezone)
        return self.deals.derived(("today", zone), "as_of", lambda deals: _days(deals.numbers("as_of"), zone))


@lru_cache(maxsize=64)
def _vocabularies(policy: Policy) -> tuple[Vocabulary, Vocabulary]:
    return vocabulary_of(policy.industries), vocabulary_of(policy.categories)


class _Tables(NamedTuple):
    """What the policy says of its industries and categories, in the order of its lists; last of what is on neither."""

    is_target: Tri
    is_supplied: Tri
    margin_rate: Floats


@lru_cache(maxsize=64)
def _tables(policy: Policy) -> _Tables:
    rates = (np.nan if c.margin_rate is None else c.margin_rate for c in policy.categories)
    return _Tables(
        is_target=np.array([*(float(i.target) for i in policy.industries), np.nan]),
        is_supplied=np.array([*(float(c.supplied) for c in policy.categories), np.nan]),
        margin_rate=np.array([*rates, np.nan]),
    )


def _days(moments: Floats, zone: ZoneInfo) -> Floats:
    quarters = np.floor(moments / QUARTER_HOUR).tolist()
    known = {quarter: _offset_seconds(quarter * QUARTER_HOUR, zone) for quarter in set(quarters)}
    offsets = np.array([known[quarter] for quarter in quarters], dtype=np.float64)
    return np.floor((moments + offsets) / SECONDS_A_DAY) + UNIX_EPOCH_DAY


def _offset_seconds(moment: float, zone: ZoneInfo) -> float:
    if isnan(moment):
        return np.nan
    offset = datetime.fromtimestamp(moment, zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
