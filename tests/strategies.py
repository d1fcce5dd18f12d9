"""Hypothesis strategies: deals of any facts, known and unknown, with figures near every threshold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS, Deal, Kind
from tests.builders import TODAY

FLOOR = 500_000
"""The shipped floor, in kopecks."""

INDUSTRIES = st.sampled_from(["dairy", "  Молочная  Промышленность ", "ЖКХ", "retail", "breweries", "космос", ""])
CATEGORIES = st.sampled_from(["steam_trap", "Паровой котел", "pipes", "water filter", "чайники"])
WORDS = st.sampled_from(["site", "call", "Москва", "Урал", "main"])

moments = st.datetimes(min_value=datetime(2019, 1, 1), max_value=datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis asks for bounds without a zone
days = st.integers(-60, 400).map(lambda n: TODAY + timedelta(days=n))
edges = st.sampled_from([n + k for n in (0, FLOOR, 2 * FLOOR, 3 * FLOOR) for k in (-1, 0, 1)])
money = edges | st.integers(-(10**9), 10**11)

_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "as_of": moments,
    "created_at": moments,
    "delivery_needed_by": days,
    "stage": st.sampled_from(["lead", "deal"]),
    "industry": INDUSTRIES,
    "product_category": CATEGORIES,
    "currency": st.sampled_from(["RUB", "rub", "USD"]),
    "steam_tph": st.sampled_from([0.0, 2.99, 3.0, 3.01, 12.5]) | st.floats(0, 500),
    "annual_turnover_rub": st.sampled_from([0.0, 1e9, 1e9 + 1, 5e9]) | st.floats(0, 1e13),
    "group_turnover_rub": st.sampled_from([0.0, 1e9, 1e9 + 1, 5e9]) | st.floats(0, 1e13),
    "employees": st.integers(0, 50_000).map(float),
    "need_coverage": st.sampled_from([0.0, 0.6, 1.0]) | st.floats(0, 1),
    "won_deals_24m": st.integers(0, 6).map(float),
    "small_exceptions_6m": st.integers(0, 2).map(float),
    "trial_exceptions": st.integers(0, 1).map(float),
}
_BY_KIND = {
    Kind.TRI: st.booleans(),
    Kind.MONEY: money,
    Kind.TEXT: WORDS,
    Kind.NUMBER: st.floats(0, 1e6),
    Kind.DATE: days,
    Kind.MOMENT: moments,
}


def a_value_of(name: str) -> st.SearchStrategy[Any]:
    """Draw a known value of one standard fact."""
    return _BY_NAME.get(name, _BY_KIND[FACTS[name].kind])


FACTS_KNOWN = st.fixed_dictionaries({}, optional={name: a_value_of(name) for name in FACTS})
"""Any facts, each known or not."""

_TARGET_CLIENT = st.fixed_dictionaries(
    {
        "steam_tph": st.just(5.0),
        "annual_turnover_rub": st.just(2e9),
        "industry": st.just("dairy"),
        "in_nomenclature": st.just(True),
        "currency": st.none() | st.just("RUB"),
    }
)


@st.composite
def deals(draw: st.DrawFn, *, deal_id: str = "D-1") -> Deal:
    """Draw a deal; one in two is of a target client, so that what stands behind the first gate is reached."""
    facts = draw(FACTS_KNOWN)
    if draw(st.booleans()):
        facts |= draw(_TARGET_CLIENT)
    return Deal(deal_id=deal_id, **facts)


@st.composite
def batches(draw: st.DrawFn, *, at_least: int = 1, at_most: int = 12) -> list[Deal]:
    """Draw several deals, numbered."""
    count = draw(st.integers(at_least, at_most))
    return [draw(deals(deal_id=f"D-{position}")) for position in range(count)]


OVERRULES = {
    "annual_turnover_rub": "group_turnover_rub",
    "group_turnover_rub": "annual_turnover_rub",
    "in_nomenclature": "product_category",
    "is_existing_customer": "won_deals_24m",
}
"""Facts that, once known, stand in place of what another one said: learning them corrects, it does not add."""

CORRECTS_ALL_MONEY = "currency"
"""Once a deal turns out to be in dollars, its figures are no longer known in roubles."""


@st.composite
def a_fact_learned(draw: st.DrawFn) -> tuple[Deal, str, Any]:
    """Draw a deal, a fact unknown in it of which nothing else spoke either, and what it turns out to be."""
    deal = draw(deals())
    candidates = [n for n in FACTS if getattr(deal, n) is None and n != CORRECTS_ALL_MONEY]
    open_facts = [n for n in candidates if n not in OVERRULES or getattr(deal, OVERRULES[n]) is None]
    if not open_facts:
        deal, open_facts = Deal(deal_id="D-1"), [n for n in FACTS if n != CORRECTS_ALL_MONEY]
    name = draw(st.sampled_from(open_facts))
    return deal, name, draw(a_value_of(name))
