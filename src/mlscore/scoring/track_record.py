"""Track records: what closed deals of the same client, category, channel or region had come to by a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import SECONDS_A_DAY, Deals, Floats, Texts
from mlscore.scoring.policy import Policy
from mlscore.scoring.policy.facts import Facts

HALF_LIFE_DAYS = 240.0
"""A closed deal weighs half as much after so many days: between the 90 and 365 that serve real histories well."""

FEW, MANY = 3, 10
"""How many of the newest closed deals the short memories hold: they turn at once where a market turns."""

WORTH_DEALS, WORTH_OF_THE_NEWEST = 5.0, 1.0
"""How many deals the whole firm's figure is worth beside a subject's own."""

FIRM = "firm"
_OF_EVERY_SUBJECT = ("deals", "rate", "margin", f"rate_{FEW}", f"margin_{FEW}", f"rate_{MANY}", f"margin_{MANY}")
"""Closed deals (decayed, in logs), the share that paid, profit / amount, and the last two of the newest alone."""

CLIENT = "client"

_STANDARD_SUBJECTS = {CLIENT: "company_id", "category": "product_category", "channel": "source", "region": "region"}
_DECAY = np.log(2.0) / (HALF_LIFE_DAYS * SECONDS_A_DAY)

_FORGOTTEN = 1e-9
"""Deals that weigh no more together say nothing: it is thirty half-lives ago, or the noise of arithmetic."""


def subjects_of(policy: Policy) -> Mapping[str, str]:
    """Return what has a track record under a policy, and the fact that names it: the policy's own categories too."""
    own = {fact.name: fact.name for fact in policy.custom_facts if fact.kind == "category"}
    return _STANDARD_SUBJECTS | own


def statistics_of(subject: str) -> tuple[str, ...]:
    """Return what is told of a subject; how long ago it last closed a deal tells of clients alone."""
    if subject == FIRM:
        return ("rate", "margin")
    return (*_OF_EVERY_SUBJECT, "days_since") if subject == CLIENT else _OF_EVERY_SUBJECT


def column_of(subject: str, statistic: str) -> str:
    """Return the name under which `Deals` carries a figure; the dot keeps it apart from every fact's name."""
    return f"track.{subject}.{statistic}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDeals:
    """Closed deals as columns, one entry a deal.

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
    has the firm's. A deal without `as_of`, or without the fact that names the subject, has unknown figures.
    """

    def __init__(self, closed: ClosedDeals, policy: Policy) -> None:
        self.policy = policy
        dated = np.flatnonzero(~np.isnan(closed.known_at))
        self._known_at = closed.known_at[dated]
        self._place_of = {closed.deal_ids[row]: place for place, row in enumerate(dated.tolist())}
        facts = Facts(closed.deals.select(dated), policy)
        values = _values(facts, closed.paid[dated], closed.profit[dated])
        self._firm = _Subject(_everyone(facts.size), self._known_at, values)
        self._subjects = {
            name: _Subject(_named(facts, fact), self._known_at, values) for name, fact in subjects_of(policy).items()
        }

    def columns(self, deals: Deals) -> dict[str, Floats]:
        """Return every figure as a column over `deals`, by the names of `column_of`."""
        facts, at = Facts(deals, self.policy), deals.numbers("as_of")
        own = np.array([self._place_of.get(name, -1) for name in deals.texts("deal_id")], dtype=np.intp)
        own = np.where((own >= 0) & (self._known_at_of(own) <= at), own, -1)
        firm = self._firm.by(_everyone(len(deals)), at, own)
        prior = self.policy.prior
        rate = (firm.paid + prior.worth_deals * prior.profitable_share) / (firm.deals + prior.worth_deals)
        margin = _only(firm.margin / np.maximum(firm.with_margin, _FORGOTTEN), firm.with_margin > _FORGOTTEN)
        found = {column_of(FIRM, "rate"): rate, column_of(FIRM, "margin"): margin}
        for name, fact in subjects_of(self.policy).items():
            past = self._subjects[name].by(_named(facts, fact), at, own)
            figures = past.figures(rate, margin)
            found |= {column_of(name, statistic): figures[statistic] for statistic in statistics_of(name)}
        return found

    def _known_at_of(self, places: NDArray[np.intp]) -> Floats:
        return np.append(self._known_at, np.nan)[places]


def _values(facts: Facts, paid: Floats, profit: Floats) -> Floats:
    """Return deals x (one, paid, margin, has a margin)."""
    amount = facts.money("amount")
    margin = np.clip(profit / np.where(amount > 0, amount, np.nan), -1.0, 1.0)
    return np.column_stack([np.ones(facts.size), paid, np.nan_to_num(margin), ~np.isnan(margin)])


def _everyone(size: int) -> Texts:
    return np.full(size, FIRM, dtype=object)


def _named(facts: Facts, fact: str) -> Texts:
    if fact != "product_category":
        return facts.text(fact)
    codes = np.array([*(category.code for category in facts.policy.categories), None], dtype=object)
    return codes[facts.category]


def _only(figure: Floats, known: NDArray[np.bool_]) -> Floats:
    return np.where(known, figure, np.nan)


@dataclass(frozen=True, slots=True)
class _Past:
    """What a subject's deals had come to: decayed sums, and those of the newest deals; NaN where nobody can say."""

    deals: Floats
    paid: Floats
    margin: Floats
    with_margin: Floats
    newest: Mapping[int, Floats]
    days_since: Floats

    def figures(self, rate: Floats, margin: Floats) -> dict[str, Floats]:
        """Return the statistics by name, drawn to the firm's rate and margin."""
        found = {
            "deals": np.log1p(np.maximum(self.deals, 0.0)),
            "rate": _drawn(self.paid, self.deals, rate, WORTH_DEALS),
            "margin": _drawn(self.margin, self.with_margin, margin, WORTH_DEALS),
            "days_since": self.days_since,
        }
        for reach, sums in self.newest.items():
            deals, paid, margins, with_margin = sums.T
            found[f"rate_{reach}"] = _drawn(paid, deals, rate, WORTH_OF_THE_NEWEST)
            found[f"margin_{reach}"] = _drawn(margins, with_margin, margin, WORTH_OF_THE_NEWEST)
        return found


def _drawn(total: Floats, deals: Floats, whole: Floats, worth: float) -> Floats:
    return (total + worth * whole) / (deals + worth)


class _Subject:
    """Closed deals in the order of name and moment, with running sums: any moment is a look-up away."""

    def __init__(self, names: Texts, known_at: Floats, values: Floats) -> None:
        known = sorted({name for name in names if name is not None})
        self._codes = {name: code for code, name in enumerate(known)}
        self._since = float(known_at.min()) if len(known_at) else 0.0
        self._span = (float(known_at.max()) - self._since if len(known_at) else 0.0) + 2.0
        codes = self._code(names)
        order = np.lexsort((known_at, codes))
        order = order[codes[order] >= 0]
        self._at = self._line(codes[order], known_at[order])
        self._known_at, self._values = known_at[order], values[order]
        self._first = np.searchsorted(codes[order], np.arange(len(known) + 1))
        self._place = np.full(len(names) + 1, -1, dtype=np.intp)
        self._place[order] = np.arange(len(order))

    @cached_property
    def _plain(self) -> Floats:
        return _running(self._values)

    @cached_property
    def _grown(self) -> Floats:
        """Running sums that begin anew with every name: what one has grown to must not drown another's."""
        grown = self._values * np.exp(_DECAY * (self._known_at - self._since))[:, None]
        sums = np.zeros((len(grown) + 1, grown.shape[1]))
        for first, last in pairwise(self._first.tolist()):
            np.cumsum(grown[first:last], axis=0, out=sums[first + 1 : last + 1])
        return sums

    def by(self, names: Texts, at: Floats, own: NDArray[np.intp]) -> _Past:
        """Return what had come of the deals of each name by `at`; `own` is the place of the asking deal, or -1."""
        codes = self._code(names)
        is_asked = np.array([name is not None for name in names], dtype=np.bool_) & ~np.isnan(at)
        first = self._first[np.maximum(codes, 0)]
        last = np.searchsorted(self._at, self._line(codes, at), side="right")
        last = np.where((codes >= 0) & is_asked, last, first)
        place = self._place[own]
        within = (place >= first) & (place < last)
        sums = np.where((last > first)[:, None], self._grown[last], 0.0)
        sums = sums * np.exp(-_DECAY * (at - self._since))[:, None]
        sums = sums - np.where(within[:, None], self._own(place, at), 0.0)
        newest = {reach: self._newest(first, last, place, within, reach) for reach in (FEW, MANY)}
        before = last - 1 - (within & (place == last - 1))
        since = (at - np.append(self._known_at, np.nan)[before]) / SECONDS_A_DAY
        gap = np.where(is_asked, 0.0, np.nan)
        count, paid, margin, with_margin = (sums + gap[:, None]).T
        return _Past(
            deals=count,
            paid=paid,
            margin=margin,
            with_margin=with_margin,
            newest={reach: one + gap[:, None] for reach, one in newest.items()},
            days_since=_only(since, before >= first),
        )

    def _own(self, place: NDArray[np.intp], at: Floats) -> Floats:
        age = at - np.append(self._known_at, np.nan)[place]
        return np.vstack([self._values, np.zeros(4)])[place] * np.exp(-_DECAY * age)[:, None]

    def _newest(
        self,
        first: NDArray[np.intp],
        last: NDArray[np.intp],
        place: NDArray[np.intp],
        within: NDArray[np.bool_],
        reach: int,
    ) -> Floats:
        is_near = within & (place >= last - reach)
        begin = np.maximum(last - reach - is_near, first)
        sums = self._plain[last] - self._plain[begin]
        own = np.vstack([self._values, np.zeros(4)])[place]
        return sums - np.where(is_near[:, None], own, 0.0)

    def _code(self, names: Texts) -> NDArray[np.intp]:
        return np.array([self._codes.get(name, -1) for name in names], dtype=np.intp)

    def _line(self, codes: NDArray[np.intp], at: Floats) -> Floats:
        """Lay every name's own time behind the one before it, so that one search finds name and moment."""
        within = np.clip(at - self._since, -1.0, self._span - 1.0)
        return np.asarray(codes * self._span + within, dtype=np.float64)


def _running(values: Floats) -> Floats:
    return np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
