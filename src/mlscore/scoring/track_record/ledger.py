"""The ledger under a track record: closed deals by name and moment with running sums, any moment two look-ups away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import SECONDS_A_DAY, Floats
from mlscore.scoring.track_record.entries import NOT_NAMED, Entries, Places
from mlscore.scoring.track_record.subjects import FEW, MANY

HALF_LIFE_DAYS = 240.0
"""A closed deal weighs half as much after so many days: between the 90 and 365 that serve real histories well."""

_GROWTH = np.log(2.0) / (HALF_LIFE_DAYS * SECONDS_A_DAY)
_GROWTH_MAX = 600.0
"""In logs: a moment centuries away, as a CRM writes for "never", weighs next to nothing and breaks no sum."""

_TOGETHER_MAX = 32
"""Names with so few deals are summed side by side, deal by deal; the others each for themselves."""


@dataclass(frozen=True, slots=True)
class Past:
    """What had come of earlier deals by a moment, deals x subjects; NaN where nobody can say whose they are.

    `decayed` and `newest` (by how many deals they hold) end with an axis of (deals, paid, margins, deals with a
    margin); `days_since` is the age of the newest deal, NaN where there is none.
    """

    decayed: Floats
    newest: Mapping[int, Floats]
    days_since: Floats


class Ledger:
    """Entries by name, each with the sums of its name up to it.

    A sum stands on its own name's earlier deals and on nothing else: whatever else closes, or will, it stays the same
    to the last bit.
    """

    def __init__(self, entries: Entries, *, names: int) -> None:
        deals, subjects = entries.names.shape
        self._moments = entries.known_at
        self._width = deals + 1
        numbers = entries.names.ravel()
        lines = np.flatnonzero(numbers >= 0)
        lines = lines[np.argsort(numbers[lines], kind="stable")]
        deal = lines // subjects
        self._line = numbers[lines] * self._width + deal
        self._known_at = np.append(entries.known_at[deal], np.nan)
        first = np.append(np.searchsorted(self._line, np.arange(names) * self._width), len(lines))
        self._first = np.append(first, len(lines))  # the last two are of no name: not seen, not named
        both = np.hstack([entries.values, entries.values * _grown(entries.known_at)[:, None]])
        self._values = np.vstack([both, np.zeros(both.shape[1])])  # the last is nothing, which -1 finds
        self._sums = _running(self._values[np.append(deal, -1)], first)
        self._place = np.full((deals + 1, subjects), -1, dtype=np.intp)
        self._place.ravel()[lines] = np.arange(len(lines))

    def by(self, names: Places, at: Floats, own: Places) -> Past:
        """Return what had come of the deals of each name by `at`; `own` is which entry is asking, or -1."""
        first = self._first[names]
        known = np.searchsorted(self._moments, at, side="right")
        last = np.searchsorted(self._line, names * self._width + known[:, None])
        place = self._place[own]
        within = (place >= first) & (place < last)
        mine = self._values[own][:, None]
        gap = np.where((names == NOT_NAMED) | np.isnan(at)[:, None], np.nan, 0.0)
        total = self._up_to(last, first)
        decayed = (total - within[..., None] * mine)[..., 4:] / _grown(at)[:, None, None]
        newest = {}
        for reach in (FEW, MANY):
            is_near = within & (place >= last - reach)
            older = self._up_to(np.maximum(last - reach - is_near, first), first)
            newest[reach] = (total - older - is_near[..., None] * mine)[..., :4] + gap[..., None]
        before = last - 1 - (within & (place == last - 1))
        newest_known_at = self._known_at[np.where(before >= first, before, -1)]
        return Past(decayed + gap[..., None], newest, (at[:, None] - newest_known_at) / SECONDS_A_DAY)

    def _up_to(self, end: Places, first: Places) -> Floats:
        return self._sums[np.where(end > first, end - 1, -1)]


def _grown(moments: Floats) -> Floats:
    """Return by how much a deal of each moment outweighs one of 1970, whenever both are looked at."""
    return np.exp(np.minimum(np.maximum(_GROWTH * moments, -_GROWTH_MAX), _GROWTH_MAX))


def _running(values: Floats, first: Places) -> Floats:
    """Sum the values of each name up to every place, one after another, and leave the last of all as it is."""
    counts = np.diff(first)
    few = counts <= _TOGETHER_MAX
    for step in range(1, _TOGETHER_MAX):
        rows = first[:-1][few & (counts > step)] + step
        values[rows] += values[rows - 1]
    for name in np.flatnonzero(~few).tolist():
        begin, end = first[name], first[name + 1]
        values[begin:end] = np.cumsum(values[begin:end], axis=0)
    return values
