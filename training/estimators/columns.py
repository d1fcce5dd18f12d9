"""Which columns a candidate reads of the feature matrix, learned from the rows it may know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import Feature
from mlscore.scoring.model import Design
from mlscore.scoring.model.design import NUMBER, UNKNOWN
from training.dataset import Rows, Table

LEVEL_ROWS_MIN = 2
"""A level seen less often has no column of its own: it would be learned by heart."""

NAME_WORTH = 0.1
"""What a level counts beside its own track record, which goes with the times while the level's own weight does not."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A design, and of each column which way it may only pull (+1, -1, 0 either) and what it counts against others."""

    design: Design
    directions: tuple[int, ...]
    worth: tuple[float, ...]

    @classmethod
    def learn(cls, table: Table, rows: Rows, *, is_tracked: bool) -> Columns:
        """Take every feature in view that tells the rows apart, one column a level; no two columns alike."""
        matrix = table.inputs.matrix[rows]
        worth = NAME_WORTH if is_tracked else 1.0
        taken: set[bytes] = set()
        found: list[tuple[int, float, int, float]] = []
        for position in in_view(table.features, is_tracked=is_tracked):
            feature, column = table.features[position], matrix[:, position]
            for level in _levels(feature, column):
                seen = column if np.isnan(level) else _is_level(column, level)
                known = np.nan_to_num(seen, nan=-1e300)
                if known.min() == known.max() or known.tobytes() in taken:
                    continue
                taken.add(known.tobytes())
                is_number = bool(np.isnan(level))
                found.append((position, level, feature.direction * is_number, 1.0 if is_number else worth))
        return cls._of(found)

    @classmethod
    def _of(cls, found: Sequence[tuple[int, float, int, float]]) -> Columns:
        return cls(
            Design(np.array([f[0] for f in found], dtype=np.float64), np.array([f[1] for f in found])),
            tuple(f[2] for f in found),
            tuple(f[3] for f in found),
        )


def in_view(features: Sequence[Feature], *, is_tracked: bool) -> list[int]:
    """Return the positions of the features a candidate may read: with track records, or without."""
    return [position for position, feature in enumerate(features) if is_tracked or not feature.is_tracked]


def _levels(feature: Feature, column: Floats) -> Iterator[float]:
    if feature.levels is None:
        yield NUMBER
        return
    codes, counts = np.unique(column[~np.isnan(column)], return_counts=True)
    yield from codes[counts >= LEVEL_ROWS_MIN].tolist()
    yield UNKNOWN


def _is_level(column: Floats, level: float) -> Floats:
    return (np.isnan(column) if level == UNKNOWN else column == level).astype(np.float64)
