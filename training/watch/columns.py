"""Every fact that may drift as a column then and now, read as the champion reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import FACTS, Kind
from mlscore.scoring.policy.facts import Facts
from training.readings import ANSWERS, levels_of, numbers_of, places, texts_of
from training.watch.drift import Column

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
        before, after = (texts_of(name, facts).tolist() for facts in (then, now))
        levels = levels_of([*before, *after])
        return Column(fact=name, then=places(before, levels), now=places(after, levels), levels=levels)
    before, after = (numbers_of(name, kind, facts) for facts in (then, now))
    return Column(fact=name, then=before, now=after, levels=ANSWERS if kind is Kind.TRI else None)
