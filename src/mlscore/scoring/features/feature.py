"""What a feature is: a column over judged deals, and the business fact it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.verdict import Verdicts

Column = Callable[[Verdicts], Floats]
Vocabularies = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column: the business fact it is explained under, its direction (+1, -1, 0 none), its levels if a category.

    `is_tracked`: it is read from the track record of earlier deals. `is_named`: its levels are names that the text
    `fact` may state; a name that is no level reads as unknown.
    """

    name: str
    fact: str
    direction: int
    levels: tuple[str, ...] | None
    column: Column
    is_tracked: bool = False
    is_named: bool = False


def signed_log(column: Floats) -> Floats:
    """Return sign(x) x ln(1 + |x|): tame for heavy tails, and ordered as x is."""
    return np.copysign(np.log1p(np.abs(column)), column)


def within(column: Floats, least: float, most: float) -> Floats:
    """Return figures brought within limits, NaN left as it is: `numpy.clip`, at a third of its cost for few of them."""
    return np.minimum(np.maximum(column, least), most)
