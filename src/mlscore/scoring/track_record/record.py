"""Track records: what closed deals of the same client, category, channel or region had come to by a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Deals, Floats, Texts
from mlscore.scoring.policy import Policy
from mlscore.scoring.policy.facts import Facts
from mlscore.scoring.track_record.entries import Entries, Names
from mlscore.scoring.track_record.ledger import Ledger, Past
from mlscore.scoring.track_record.subjects import FIRM, column_of, statistics_of, subjects_of

WORTH_DEALS, WORTH_OF_THE_NEWEST = 5.0, 1.0
"""How many deals the whole firm's figure is worth beside a subject's own."""

_FORGOTTEN = 1e-9
"""Deals that weigh no more together say nothing: they closed thirty half-lives ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDeals:
    """Closed deals as columns, one entry a deal, in the order of `as_of` and id.

    `known_at` in epoch seconds (NaN: undated, and then in no track record); `paid` 1 or 0 by the label; `profit` in
    minor units, 0 where lost, NaN where not recorded.
    """

    deals: Deals
    deal_ids: Sequence[str]
    known_at: Floats
    paid: Floats
    profit: Floats


class TrackRecord:
    """Answers for any deal at its own `as_of`, from what was known by then and nothing later, itself left out.

    A subject's rate and margin are drawn to the firm's as `WORTH_DEALS` deals would; a subject nobody has dealt with
    has the firm's. A deal without `as_of`, or without the fact that names the subject, has unknown figures. Of deals
    known at the same moment the last in their order is the newest.
    """

    def __init__(self, closed: ClosedDeals, policy: Policy) -> None:
        self.policy = policy
        self._subjects = subjects_of(policy)
        self._categories = np.array([*(category.code for category in policy.categories), None], dtype=object)
        names = Names([{} for _ in range(1 + len(self._subjects))])
        self._names, entries = self._entered(closed, names)
        self._take(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def having(self, closed: ClosedDeals, *, instead_of: Collection[str]) -> TrackRecord:
        """Return the record with these deals in it too, and without what it held of those `instead_of` names."""
        made = object.__new__(TrackRecord)
        made.policy, made._subjects, made._categories = self.policy, self._subjects, self._categories
        made._names, entries = self._entered(closed, self._names)
        gone = [self._place_of[deal_id] for deal_id in instead_of if deal_id in self._place_of]
        made._take(self._entries.without(gone).with_those(entries))
        return made

    def columns(self, deals: Deals) -> dict[str, Floats]:
        """Return every figure as a column over `deals`, by the names of `column_of`."""
        at = deals.numbers("as_of")
        own = np.array([self._place_of.get(name, -1) for name in deals.texts("deal_id").tolist()], dtype=np.intp)
        past = self._ledger.by(self._names.of(self._named(Facts(deals, self.policy))), at, own)
        counted, paid, margins, with_margin = (past.decayed[:, 0, part] for part in range(4))
        prior = self.policy.prior
        rate = (paid + prior.worth_deals * prior.profitable_share) / (counted + prior.worth_deals)
        margin = margins / np.where(with_margin > _FORGOTTEN, with_margin, np.nan)
        found = {column_of(FIRM, "rate"): rate, column_of(FIRM, "margin"): margin}
        figures = _figures(past, rate[:, None], margin[:, None])
        for place, subject in enumerate(self._subjects, start=1):
            for statistic in statistics_of(subject):
                found[column_of(subject, statistic)] = figures[statistic][:, place]
        return found

    def _take(self, entries: Entries) -> None:
        self._entries = entries
        self._place_of = {deal_id: place for place, deal_id in enumerate(entries.deal_ids.tolist())}
        self._ledger = Ledger(entries, names=len(self._names))

    def _entered(self, closed: ClosedDeals, names: Names) -> tuple[Names, Entries]:
        """Return closed deals as entries in order, and the numbers of their names."""
        dated = np.flatnonzero(~np.isnan(closed.known_at))
        deals = closed.deals.select(dated)
        facts = Facts(deals, self.policy)
        named = self._named(facts)
        names = names.with_those_of(named)
        entries = Entries(
            deal_ids=deals.texts("deal_id"),
            as_of=deals.numbers("as_of"),
            known_at=closed.known_at[dated],
            names=names.of(named),
            values=_values(facts, closed.paid[dated], closed.profit[dated]),
        )
        return names, entries.in_order()

    def _named(self, facts: Facts) -> list[Texts]:
        """Return the firm's name and that of every subject, a column each; None where unknown."""
        named = [np.full(facts.size, FIRM, dtype=object)]
        for fact in self._subjects.values():
            is_category = fact == "product_category"
            named.append(self._categories[facts.category] if is_category else facts.text(fact))
        return named


def _values(facts: Facts, paid: Floats, profit: Floats) -> Floats:
    """Return deals x (one, paid, margin, has a margin)."""
    amount = facts.money("amount")
    margin = np.clip(profit / np.where(amount > 0, amount, np.nan), -1.0, 1.0)
    return np.column_stack([np.ones(facts.size), paid, np.nan_to_num(margin), ~np.isnan(margin)])


def _figures(past: Past, rate: Floats, margin: Floats) -> Mapping[str, Floats]:
    """Return the statistics by name, deals x subjects, drawn to the firm's rate and margin."""
    counted, paid, margins, with_margin = (past.decayed[..., part] for part in range(4))
    found = {
        "deals": np.log1p(np.maximum(counted, 0.0)),
        "rate": _drawn(paid, counted, rate, WORTH_DEALS),
        "margin": _drawn(margins, with_margin, margin, WORTH_DEALS),
        "days_since": past.days_since,
    }
    for reach, sums in past.newest.items():
        counted, paid, margins, with_margin = (sums[..., part] for part in range(4))
        found[f"rate_{reach}"] = _drawn(paid, counted, rate, WORTH_OF_THE_NEWEST)
        found[f"margin_{reach}"] = _drawn(margins, with_margin, margin, WORTH_OF_THE_NEWEST)
    return found


def _drawn(total: Floats, deals: Floats, whole: Floats, worth: float) -> Floats:
    return (total + worth * whole) / (deals + worth)
