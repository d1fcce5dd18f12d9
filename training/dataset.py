"""The training table: closed deals as columns, labelled, with the features and rule answers of one policy."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from mlscore.ports import ClosedDeal, ScoredOutcome
from mlscore.scoring.deal import FACTS, Deals, Floats, Status
from mlscore.scoring.economics import label_of
from mlscore.scoring.features import LEARNED_VOCABULARIES, Feature, Vocabularies, features_of, matrix
from mlscore.scoring.model import Inputs
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Label
from mlscore.scoring.track_record import (
    ClosedDeals,
    TrackRecord,
    as_columns,
    known_at,
    seconds,
    why_it_cannot_teach,
)
from mlscore.scoring.verdict import Verdicts, judge

Closed = ClosedDeal | ScoredOutcome
Rows = NDArray[np.intp]

_FACTS_OF = attrgetter(*FACTS)
_WRITE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str).encode

LEVEL_ROWS_MIN = 5
"""A region, source or funnel seen less often is unknown: a level of its own would be learned by heart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Labelled deals as columns, in the order of `as_of`; all dated, or none.

    Moments in epoch seconds, NaN undated or unknown; `known_at` is when the newest version of the outcome became
    known, `first_known_at` when any did. `y` is the label, `won` whether the deal was won; `profit` in minor units, 0
    for a lost deal, NaN where not recorded. `groups` gives rows with the same facts the same number; `left_out` counts
    closed deals that are no rows, by why.
    """

    policy: Policy
    deals: Deals
    deal_ids: tuple[str, ...]
    receipt_ids: tuple[str, ...]
    judged: Verdicts
    vocabularies: Vocabularies
    features: tuple[Feature, ...]
    inputs: Inputs
    y: NDArray[np.bool_]
    won: NDArray[np.bool_]
    profit: Floats
    as_of: Floats
    known_at: Floats
    first_known_at: Floats
    closed_at: Floats
    groups: NDArray[np.intp]
    label: Label
    left_out: Mapping[str, int]
    history_sha256: str

    def __len__(self) -> int:
        return len(self.y)

    @property
    def is_dated(self) -> bool:
        """Whether every deal has its moment: only then can time tell training from test."""
        return len(self) > 0 and not bool(np.isnan(self.as_of).any())

    @property
    def has_profit(self) -> bool:
        """Whether what the deals brought is recorded."""
        return len(self) > 0 and not bool(np.isnan(self.profit).any())

    def as_learned_from(self, rows: Rows) -> Table:
        """Return the table as whoever learns these rows reads it: a level that few of them had is unknown to him."""
        vocabularies = learn_vocabularies(self.deals.select(rows))
        if vocabularies == self.vocabularies:
            return self
        names = {feature.name for feature in self.features}
        features = tuple(one for one in features_of(self.policy, vocabularies) if one.name in names)
        told = np.ascontiguousarray(matrix(features, self.judged))
        inputs = Inputs(matrix=told, cells=self.inputs.cells)
        return replace(self, vocabularies=vocabularies, features=features, inputs=inputs)

    @property
    def history_until(self) -> float | None:
        """When the newest outcome became known; None where nothing is dated."""
        known = self.known_at[~np.isnan(self.known_at)]
        return float(known.max()) if len(known) else None


def build_table(closed: Sequence[Closed], policy: Policy) -> Table:
    """Label closed deals and compute features and rule answers under `policy`; deals that cannot teach are counted.

    Among dated deals an undated one cannot teach: nobody knows what was known before it.
    """
    label = label_of([c.outcome for c in closed], policy)
    kept, left_out = _usable(closed, label, policy)
    columns = as_columns(kept, label, policy)
    deals = _with_track_record(columns, policy)
    judged = judge(deals, policy)
    vocabularies = learn_vocabularies(deals)
    features, told = _telling(features_of(policy, vocabularies), judged)
    inputs = Inputs(matrix=told, cells=judged.cell)
    return Table(
        policy=policy,
        deals=deals,
        deal_ids=tuple(columns.deal_ids),
        receipt_ids=tuple(c.receipt_id for c in kept),
        judged=judged,
        vocabularies=vocabularies,
        features=features,
        inputs=inputs,
        y=columns.paid.astype(np.bool_),
        won=np.array([c.outcome.status is Status.WON for c in kept], dtype=np.bool_),
        profit=columns.profit,
        as_of=seconds([c.as_of for c in kept]),
        known_at=columns.known_at,
        first_known_at=seconds([_first_known_at(c) for c in kept]),
        closed_at=seconds([c.outcome.closed_at for c in kept]),
        groups=_groups(inputs, features),
        label=label,
        left_out=left_out,
        history_sha256=hash_history(kept),
    )


def deals_under(table: Table, policy: Policy) -> Deals:
    """Return the table's deals with the track record that a model of another policy reads of them."""
    if fingerprint(policy) == fingerprint(table.policy):
        return table.deals
    is_won_enough = "won" in {policy.training.label, table.label}
    good = table.won if is_won_enough else table.won & (table.profit >= policy.economics.floor_profit)
    columns = ClosedDeals(
        deals=table.deals,
        deal_ids=table.deal_ids,
        known_at=table.known_at,
        paid=good.astype(np.float64),
        profit=table.profit,
    )
    return _with_track_record(columns, policy)


def _with_track_record(closed: ClosedDeals, policy: Policy) -> Deals:
    """Return closed deals with what each could know of the others: what had been known by its own `as_of`."""
    return closed.deals.having(TrackRecord(closed, policy).columns(closed.deals))


def _telling(features: tuple[Feature, ...], judged: Verdicts) -> tuple[tuple[Feature, ...], Floats]:
    """Return the features that are not the same for every deal, and their matrix: the rest would only cost time."""
    columns = matrix(features, judged)
    known = np.nan_to_num(columns, nan=-np.inf)
    telling = np.flatnonzero((known != known[:1]).any(axis=0))
    # Row by row in memory, as when serving: sums over a row come out the same to the last bit.
    return tuple(features[place] for place in telling.tolist()), np.ascontiguousarray(columns[:, telling])


def learn_vocabularies(deals: Deals) -> Vocabularies:
    """Return the levels of region, source and funnel that enough deals have."""
    learned: dict[str, tuple[str, ...]] = {}
    for name in LEARNED_VOCABULARIES:
        seen = Counter(text for text in deals.texts(name).tolist() if text is not None)
        learned[name] = tuple(sorted(text for text, rows in seen.items() if rows >= LEVEL_ROWS_MIN))
    return learned


def hash_history(closed: Sequence[Closed]) -> str:
    """Return the SHA-256 of every fact and outcome, whatever the order they were read in."""
    digest = hashlib.sha256()
    for place, line in enumerate(sorted(map(_canonical, closed))):
        # Line by line: all of them joined would be as large again.
        digest.update(f"\n{line}".encode() if place else line.encode())
    return digest.hexdigest()


def _usable(closed: Sequence[Closed], label: Label, policy: Policy) -> tuple[list[Closed], Mapping[str, int]]:
    kept: list[Closed] = []
    left_out: Counter[str] = Counter()
    undated_before: set[str] = set()
    is_dated = any(one.as_of is not None for one in closed)
    for one in closed:
        why = "undated" if is_dated and one.as_of is None else why_it_cannot_teach(one, label, policy)
        if why is None and one.as_of is None:
            # Without dates nothing tells two records of one deal from two deals.
            facts = _canonical(one, with_id=False)
            why = "repeated" if facts in undated_before else None
            undated_before.add(facts)
        if why is None:
            kept.append(one)
        else:
            left_out[why] += 1
    return kept, dict(left_out)


def _canonical(one: Closed, *, with_id: bool = True) -> str:
    deal, outcome = one.deal, one.outcome
    facts = zip(FACTS, _FACTS_OF(deal), strict=True)
    written = {
        "deal_id": deal.deal_id if with_id else None,
        "as_of": one.as_of,
        "facts": {name: value for name, value in facts if value is not None and name != "as_of"},
        "extra": dict(deal.extra),
        "outcome": [outcome.status.value, outcome.closed_at, outcome.realised_profit],
    }
    return _WRITE(written)


def _first_known_at(one: Closed) -> datetime | None:
    """When the firm first learned how it ended: a correction dates the newest version anew."""
    newest, first = known_at(one), one.first_known_at
    return newest if one.as_of is None or first is None or newest is None else min(first, newest)


def _groups(inputs: Inputs, features: tuple[Feature, ...]) -> NDArray[np.intp]:
    if not len(inputs.cells):
        return np.zeros(0, dtype=np.intp)
    own = [place for place, feature in enumerate(features) if not feature.is_tracked]
    rows = np.column_stack([np.nan_to_num(inputs.matrix[:, own], nan=-1e9), inputs.cells])
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)
