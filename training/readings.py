"""Every fact as a column a person reads: numbers in whole units, answers and names by their levels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import FACTS, MINOR_UNITS, SECONDS_A_DAY, Floats, Kind, Texts
from mlscore.scoring.economics import BASES, Economy
from mlscore.scoring.policy.facts import TURNOVER, Facts
from mlscore.scoring.rules import role_coverage
from mlscore.scoring.verdict import VERDICTS, Verdicts

NOT_LISTED = "(not in the policy's list)"
ANSWERS = ("no", "yes")
FEW_VALUES = 6

Mask = NDArray[np.bool_]

_STATED = (BASES.index("given"), BASES.index("amount_less_cost"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One value a deal, NaN unknown: a number as it stands, or a place among `levels`."""

    column: Floats
    levels: tuple[str, ...] | None = None


def reading_of(fact: str, judged: Verdicts) -> Reading | None:
    """Read a fact as reasons name it; None for one that stands for the firm's or a client's past, and has no value."""
    facts = judged.facts
    if fact in _OF_SEVERAL:
        return _OF_SEVERAL[fact](judged)
    kinds = {name: one.kind for name, one in FACTS.items()} | {c.name: c.carried_as for c in facts.policy.custom_facts}
    if fact not in kinds or fact == "company_id":
        return None
    if kinds[fact] is Kind.TEXT:
        return _by_name(texts_of(fact, facts).tolist())
    column = numbers_of(TURNOVER if fact == "annual_turnover_rub" else fact, kinds[fact], facts)
    return Reading(column, ANSWERS if kinds[fact] is Kind.TRI else None)


def is_stated(economy: Economy) -> Mask:
    """Tell where a seller said a profit above 0: an estimate from the category's margin is no word of his."""
    return np.isin(economy.basis, _STATED) & (economy.profit > 0)


def numbers_of(name: str, kind: Kind, facts: Facts) -> Floats:
    """Return numbers and answers as they stand, money in whole units.

    Days and moments are days from `as_of`: the calendar itself only moves on.
    """
    column = facts.number(name)
    if kind is Kind.MONEY:
        return column / MINOR_UNITS
    if kind is Kind.DATE:
        return column - facts.today
    return (column - facts.number("as_of")) / SECONDS_A_DAY if kind is Kind.MOMENT else column


def texts_of(name: str, facts: Facts) -> Texts:
    """Return texts, those of the policy's own lists by the code the list gives them."""
    texts = facts.text(name)
    if name not in {"industry", "product_category"}:
        return texts
    vocabulary, found = (facts.industries, facts.industry) if name == "industry" else (facts.categories, facts.category)
    codes = np.array([*vocabulary.codes, NOT_LISTED], dtype=object)[found]
    codes[[text is None for text in texts.tolist()]] = None
    return codes


def levels_of(texts: Iterable[Any]) -> tuple[str, ...]:
    """Return the known texts, each once, in order."""
    return tuple(sorted({text for text in texts if text is not None}))


def places(texts: Sequence[Any], levels: Sequence[str]) -> Floats:
    """Return each text's place among the levels, NaN where it has none."""
    place = {level: float(position) for position, level in enumerate(levels)}
    return np.array([place.get(text, np.nan) for text in texts], dtype=np.float64)


def ranges(column: Floats, *, count: int = 4) -> Iterator[tuple[str, Mask]]:
    """Yield about `count` ranges with about as many deals each, small to large, and which deals lie in each.

    Few values stand for themselves. An edge has two digits that count: easily read, and nobody's own figure.
    """
    known = column[~np.isnan(column)]
    values = np.unique(known)
    if len(values) <= FEW_VALUES:
        for value in values.tolist():
            yield f"{value:,.10g}", column == value
        return
    quantiles = np.quantile(known, np.linspace(0.0, 1.0, count + 1)[1:-1])
    edges = [-np.inf, *dict.fromkeys(float(f"{cut:.1e}") for cut in quantiles.tolist()), np.inf]
    for low, high in pairwise(edges):
        yield _range(low, high), (column > low) & (column <= high)


def _range(low: float, high: float) -> str:
    if low == -np.inf:
        return f"up to {high:,.10g}"
    return f"above {low:,.10g}" if high == np.inf else f"{low:,.10g} to {high:,.10g}"


def _by_name(texts: Sequence[Any]) -> Reading:
    levels = levels_of(texts)
    return Reading(places(texts, levels), levels)


def _verdicts(judged: Verdicts) -> Reading:
    return Reading(judged.verdict.astype(np.float64), tuple(verdict.value for verdict in VERDICTS))


def _roles(judged: Verdicts) -> Reading:
    return Reading(role_coverage(judged.facts)[1], ("none reached", "1 reached", "2 reached", "all 3 reached"))


def _seasons(judged: Verdicts) -> Reading:
    today = judged.facts.today
    known: Mask = ~np.isnan(today)
    column = np.full(len(today), np.nan)
    column[known] = [(date.fromordinal(int(day)).month - 1) // 3 for day in today[known].tolist()]
    return Reading(column, ("Q1", "Q2", "Q3", "Q4"))


_OF_SEVERAL: Mapping[str, Callable[[Verdicts], Reading]] = {"rules": _verdicts, "roles": _roles, "season": _seasons}
"""Facts that stand for several: what a person would look at."""
