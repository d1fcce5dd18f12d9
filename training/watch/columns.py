"""Every fact that may drift as a column then and now, read as the champion reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import FACTS, MINOR_UNITS, SECONDS_A_DAY, Floats, Kind, Texts
from mlscore.scoring.policy.facts import Facts
from training.watch.drift import Column

NOT_LISTED = "(not in the policy's list)"

_NOT_COMPARED = {"as_of", "stage", "company_id", "seller_id", "request_text"}
"""Names, moments and free text: each is new by its nature."""

_COUNTED = frozenset(HistoryFacts.__dataclass_fields__)
"""Facts the store counts: unknown while it is young, known once it is old, with no change in the deals."""

_KNOWN_MIN = 20


def columns(then: Facts, now: Facts) -> Iterator[Column]:
    """Yield every fact known on either side; both are read under one policy, whose custom facts stand last.

    Of what the store counts itself only the known values are compared, where both sides have some.
    """
    kinds = {name: fact.kind for name, fact in FACTS.items() if name not in _NOT_COMPARED}
    kinds |= {custom.name: custom.carried_as for custom in then.policy.custom_facts}
    for name, kind in kinds.items():
        column = _column(name, kind, then, now)
        known = [side[~np.isnan(side)] for side in (column.then, column.now)]
        if name in _COUNTED:
            if min(map(len, known)) >= _KNOWN_MIN:
                yield replace(column, then=known[0], now=known[1])
        elif any(map(len, known)):
            yield column


def _column(name: str, kind: Kind, then: Facts, now: Facts) -> Column:
    if kind is Kind.TEXT:
        return _of_texts(name, then, now)
    levels = ("no", "yes") if kind is Kind.TRI else None
    return Column(fact=name, then=_numbers(name, kind, then), now=_numbers(name, kind, now), levels=levels)


def _numbers(name: str, kind: Kind, facts: Facts) -> Floats:
    """Return numbers and answers as they stand, money in whole units.

    Days and moments are days from `as_of`: the calendar itself only moves on.
    """
    column = facts.number(name)
    if kind is Kind.MONEY:
        return column / MINOR_UNITS
    if kind is Kind.DATE:
        return column - facts.today
    return (column - facts.number("as_of")) / SECONDS_A_DAY if kind is Kind.MOMENT else column


def _of_texts(name: str, then: Facts, now: Facts) -> Column:
    sides = [_texts(name, facts) for facts in (then, now)]
    levels = tuple(sorted({text for side in sides for text in side.tolist() if text is not None}))
    place = {level: float(position) for position, level in enumerate(levels)}
    before, after = (np.array([place.get(text, np.nan) for text in side.tolist()], dtype=np.float64) for side in sides)
    return Column(fact=name, then=before, now=after, levels=levels)


def _texts(name: str, facts: Facts) -> Texts:
    texts = facts.text(name)
    if name not in {"industry", "product_category"}:
        return texts
    vocabulary, found = (facts.industries, facts.industry) if name == "industry" else (facts.categories, facts.category)
    codes = np.array([*vocabulary.codes, NOT_LISTED], dtype=object)[found]
    codes[[text is None for text in texts.tolist()]] = None
    return codes
