"""Counts what a company's other deals had come to at a moment, and never looks past it.

Moments are whole microseconds, as the database holds them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from typing import NamedTuple

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import RegularSmall
from mlscore.store.tables import MICROSECOND

DAY = timedelta(days=1) // MICROSECOND


class Asked(NamedTuple):
    """One deal to count for: where it stood in the question, and the moment it is asked at."""

    position: int
    deal_id: str
    as_of: int


class Said(NamedTuple):
    """What a receipt said of a deal; `excused` is the kind of exception it was accepted under.

    The columns that tell which was said later come first.
    """

    as_of: int
    scored_at: int
    receipt_id: str
    deal_id: str
    company_id: str | None
    excused: str | None


class Ended(NamedTuple):
    """How a deal was known to have ended; `realised_profit` in minor units.

    The columns that tell which was known later come first.
    """

    known_at: int
    version: int
    deal_id: str
    status: str
    closed_at: int | None
    realised_profit: int | None


@dataclass(slots=True)
class Company:
    """What is known of one company's deals while time goes on."""

    company_id: str
    _said: dict[str, Said] = field(default_factory=dict)
    _excused: dict[str, Said] = field(default_factory=dict)
    _newest: dict[str, int] = field(default_factory=dict)
    _won: dict[str, Ended] = field(default_factory=dict)

    def hear(self, said: Iterable[Said]) -> None:
        """Take each deal's later receipt in place of its earlier one."""
        for one in said:
            self._said[one.deal_id] = one
            if one.excused:
                self._excused[one.deal_id] = one
            else:
                self._excused.pop(one.deal_id, None)

    def learn(self, ended: Iterable[Ended]) -> None:
        """Take a newer version of each deal's outcome in place of an older one."""
        for one in ended:
            if one.version <= self._newest.get(one.deal_id, 0):
                continue
            self._newest[one.deal_id] = one.version
            if one.status == Status.WON:
                self._won[one.deal_id] = one
            else:
                self._won.pop(one.deal_id, None)

    def facts(self, asked: Asked, terms: RegularSmall, *, is_long_known: bool) -> HistoryFacts:
        """Count for one deal; in a history too short a count is only a lower bound, and 0 says nothing."""
        won_after = asked.as_of - terms.window_days * DAY
        again_after = asked.as_of - terms.again_after_days * DAY
        won = [e for e in self._others_won(asked.deal_id) if _is_within(e.closed_at, won_after, asked)]
        profits = [e.realised_profit for e in won if e.realised_profit is not None]
        excused = [s for s in self._excused.values() if s.deal_id != asked.deal_id and s.company_id == self.company_id]
        small = sum(s.excused == "regular_small" and s.as_of > again_after for s in excused)
        trial = sum(s.excused == "trial" for s in excused)
        return HistoryFacts(
            won_deals_24m=len(won) if is_long_known else None,
            median_profit_24m=_median(profits) if is_long_known else None,
            small_exceptions_6m=small if is_long_known or small else None,
            trial_exceptions=trial if is_long_known or trial else None,
        )

    def _others_won(self, deal_id: str) -> Iterator[Ended]:
        others = (e for e in self._won.values() if e.deal_id != deal_id)
        return (e for e in others if e.deal_id in self._said and self._said[e.deal_id].company_id == self.company_id)


def sweep(company: Company, said: Sequence[Said], ended: Sequence[Ended], asked: Iterable[Asked]) -> Iterator[Asked]:
    """Give each question at the moment when the company knows all that was known then, and no more.

    What was said and how it ended is in the order of time.
    """
    heard, learned = 0, 0
    for one in sorted(asked, key=attrgetter("as_of")):
        later = (one.as_of + 1,)
        to_hear, to_learn = bisect_left(said, later, heard), bisect_left(ended, later, learned)
        company.hear(said[heard:to_hear])
        company.learn(ended[learned:to_learn])
        heard, learned = to_hear, to_learn
        yield one


def _is_within(closed_at: int | None, after: int, asked: Asked) -> bool:
    return closed_at is not None and after < closed_at <= asked.as_of


def _median(profits: Sequence[int]) -> int | None:
    """Return the middle profit in whole minor units, half a unit rounded up."""
    if not profits:
        return None
    ordered, half = sorted(profits), len(profits) // 2
    return ordered[half] if len(profits) % 2 else (ordered[half - 1] + ordered[half] + 1) // 2
