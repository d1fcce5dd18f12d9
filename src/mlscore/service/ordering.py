"""Orders past deals so that each is scored when the store already knows what was known then, and not one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

from mlscore.scoring.deal import Deal

CHUNK = 500


class Told(NamedTuple):
    """A deal, and from when on it counts in the history of its company's other deals."""

    deal: Deal
    counts_from: datetime | None


def in_order_of_knowledge(deals: Sequence[Told]) -> Iterator[Sequence[Deal]]:
    """Yield chunks of at most 500 deals; no deal counts in the history of another one of its chunk.

    The oldest deal comes first and alone: it tells how far back the firm's history goes. Undated deals, which
    have no history and are none, come last.
    """
    dated = sorted((told for told in deals if told.deal.as_of is not None), key=_when)
    waves: dict[int, list[Deal]] = defaultdict(list)
    companies: dict[str, _Company] = defaultdict(_Company)
    for place, told in enumerate(dated):
        company = companies[told.deal.company_id] if told.deal.company_id else _Company()
        wave = company.wave_of(told)
        if place:
            waves[wave].append(told.deal)
        else:
            yield [told.deal]
    undated = [told.deal for told in deals if told.deal.as_of is None]
    for together in (*(waves[wave] for wave in sorted(waves)), undated):
        for start in range(0, len(together), CHUNK):
            yield together[start : start + CHUNK]


class _Company:
    """One company's deals while time goes on: which wave holds the last of those that count by now."""

    def __init__(self) -> None:
        self._wave = 0
        self._waiting: list[tuple[float, int]] = []

    def wave_of(self, told: Told) -> int:
        """Return the first wave in which every deal that counts for this one has been kept."""
        now, _ = _when(told)
        while self._waiting and self._waiting[0][0] <= now:
            self._wave = max(self._wave, heappop(self._waiting)[1])
        wave = self._wave
        if told.counts_from is not None:
            heappush(self._waiting, (told.counts_from.timestamp(), wave + 1))
        return wave


def _when(told: Told) -> tuple[float, str]:
    return (told.deal.as_of.timestamp() if told.deal.as_of else 0.0), told.deal.deal_id
