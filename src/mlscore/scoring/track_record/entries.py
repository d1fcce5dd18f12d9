"""What a track record holds of each closed deal, and how more are taken in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats, Texts

Places = NDArray[np.intp]

NOT_SEEN, NOT_NAMED = -1, -2
"""In the place of a name's number: no closed deal had it; a deal has none."""


class Names:
    """Numbers for the names of every subject."""

    def __init__(self, numbers: Sequence[Mapping[str, int]]) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return sum(map(len, self._numbers))

    def of(self, named: Sequence[Texts]) -> Places:
        """Return deals x subjects: the number of each name; `named` holds a column of names for every subject."""
        found = np.empty((len(named[0]), len(named)), dtype=np.intp)
        for subject, (names, numbers) in enumerate(zip(named, self._numbers, strict=True)):
            found[:, subject] = [NOT_NAMED if name is None else numbers.get(name, NOT_SEEN) for name in names.tolist()]
        return found

    def with_those_of(self, named: Sequence[Texts]) -> Names:
        """Return the same numbers, and the next ones for names not met before."""
        known = [dict(numbers) for numbers in self._numbers]
        count = len(self)
        for names, numbers in zip(named, known, strict=True):
            for name in names.tolist():
                if name is not None and name not in numbers:
                    numbers[name] = count
                    count += 1
        return Names(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Closed deals in the order they became known; those known at the same moment in that of `as_of`, then of id.

    Moments in epoch seconds; `names` are deals x subjects, below 0 where there is none; `values` deals x (one, paid,
    margin, has a margin).
    """

    deal_ids: Texts
    as_of: Floats
    known_at: Floats
    names: Places
    values: Floats

    def __len__(self) -> int:
        return len(self.known_at)

    def in_order(self) -> Entries:
        """Return entries given in the order of `as_of` and id in theirs."""
        return self._picked(np.argsort(self.known_at, kind="stable"))

    def without(self, places: Sequence[int]) -> Entries:
        """Return all but the entries at these places."""
        return self._picked(np.delete(np.arange(len(self)), places)) if places else self

    def with_those(self, others: Entries) -> Entries:
        """Return both, in order."""
        if not len(others):
            return self
        at = [self._place_for(*key) for key in zip(others.known_at, others.as_of, others.deal_ids, strict=True)]
        return Entries(
            deal_ids=np.insert(self.deal_ids, at, others.deal_ids),
            as_of=np.insert(self.as_of, at, others.as_of),
            known_at=np.insert(self.known_at, at, others.known_at),
            names=np.insert(self.names, at, others.names, axis=0),
            values=np.insert(self.values, at, others.values, axis=0),
        )

    def _picked(self, at: Places) -> Entries:
        return Entries(
            deal_ids=self.deal_ids[at],
            as_of=self.as_of[at],
            known_at=self.known_at[at],
            names=self.names[at],
            values=self.values[at],
        )

    def _place_for(self, known_at: float, as_of: float, deal_id: str) -> int:
        first, last = (int(np.searchsorted(self.known_at, known_at, side=side)) for side in ("left", "right"))
        return first + bisect_left(
            range(first, last), (as_of, deal_id), key=lambda place: (self.as_of[place], self.deal_ids[place])
        )
