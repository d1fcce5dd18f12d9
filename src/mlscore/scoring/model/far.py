"""Where a history ends: which deals lie far from everything a model learned from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats
from mlscore.scoring.model.members import Inputs

STRANGE_AT_MOST = 0.15
"""How much of what usually moves the model may hang on levels it has not learned."""


def _nothing() -> Floats:
    return np.zeros((0, 0))


@dataclass(frozen=True, slots=True)
class Far:
    """The least and most of every numeric feature seen in training, and the levels of every category.

    `learned` has one row a feature and one column a level: 1 where it was learned, 0 where not, NaN where there is no
    such level (or the feature is no category); `leans_on` is the share of the model's movements each feature makes.
    """

    least: Floats
    most: Floats
    learned: Floats = field(default_factory=_nothing)
    leans_on: Floats = field(default_factory=_nothing)

    def __call__(self, inputs: Inputs, named: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which deals lie outside on any number by more than the whole range seen, or are strange by their names.

        Strange: the names not learned make up more than `STRANGE_AT_MOST` of what the model leans on. `named` tells
        where a deal states a name (deals x features): members read one that is no level as unknown, but it is strange.
        """
        width = np.where(np.isfinite(self.most - self.least), self.most - self.least, 0.0)
        beyond = (inputs.matrix < self.least - width) | (inputs.matrix > self.most + width)
        return np.asarray(beyond.any(axis=1)) | (self._strangeness(inputs.matrix, named) > STRANGE_AT_MOST)

    def _strangeness(self, matrix: Floats, named: NDArray[np.bool_]) -> Floats:
        strangeness = np.zeros(len(matrix))
        if not self.learned.size:
            return strangeness
        told = np.flatnonzero((self.learned == 0.0).any(axis=1) | named.any(axis=0))
        values, learned = matrix[:, told], self.learned[told]
        code = np.nan_to_num(values, nan=-1.0).astype(np.intp)
        is_level = (code >= 0) & (code < learned.shape[1]) & ~np.isnan(values)
        found = learned[np.arange(len(told)), np.where(is_level, code, 0)]
        is_strange = (is_level & (found == 0.0)) | (named[:, told] & np.isnan(values))
        rows = np.flatnonzero(is_strange.any(axis=1))
        # Added up over all features, the others counting 0: fewer terms would be paired otherwise.
        parts = np.zeros((len(rows), matrix.shape[1]))
        parts[:, told] = np.where(is_strange[rows], self.leans_on[told], 0.0)
        strangeness[rows] = parts.sum(axis=1)
        return strangeness
