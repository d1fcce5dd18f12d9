"""The columns a member reads, made from the feature matrix: numbers as they are, one column a level."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats

NUMBER, UNKNOWN = np.nan, -1.0
"""What a column is where it is no level: the feature's own number, or whether the feature is unknown."""


@dataclass(frozen=True, slots=True)
class Design:
    """`source` names each column's feature by its position, in rising order; `level` the code it stands for.

    A column of `NUMBER` carries the feature itself, NaN where unknown; one of `UNKNOWN` is 1 where it is unknown; any
    other is 1 where the feature has just that code, and a code without a column leaves them all 0.
    """

    source: Floats
    level: Floats
    _told: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    _begins: NDArray[np.intp] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note which features have columns, and where those of each begin."""
        told, begins = np.unique(self.source.astype(np.intp), return_index=True)
        object.__setattr__(self, "_told", told)
        object.__setattr__(self, "_begins", begins)

    def __call__(self, matrix: Floats) -> Floats:
        """Return deals x columns."""
        picked = matrix[:, self.source.astype(np.intp)]
        said = np.where(self.level == UNKNOWN, np.isnan(picked), picked == self.level)
        return np.where(np.isnan(self.level), picked, said)

    def gathered(self, shares: Floats, features: int, *, room: int = 0) -> Floats:
        """Add the columns' shares up by feature: deals x columns in, deals x (`features` + `room` of zeros) out."""
        found = np.zeros((len(shares), features + room))
        if len(self._told):
            # `reduceat` goes row by row: a deal's sums do not depend on how many stand beside it.
            found[:, self._told] = np.add.reduceat(shares, self._begins, axis=1)
        return found
