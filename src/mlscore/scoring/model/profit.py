"""Expected profit: what a deal brings if it pays and if it does not, weighed by the chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model.members import Inputs
from mlscore.scoring.verdict import Verdicts


class Ratio(Protocol):
    """What a deal brings, as a multiple of its reference."""

    def __call__(self, inputs: Inputs) -> Floats:
        """Return one ratio a deal."""
        ...


@dataclass(frozen=True, slots=True)
class SameRatio:
    """One ratio for every deal: all that a short history can say."""

    value: float

    def __call__(self, inputs: Inputs) -> Floats:
        """Return the ratio as often as there are deals."""
        return np.full(len(inputs.cells), self.value)


class Profit(Protocol):
    """Predicts E[realised profit], a lost deal counting 0."""

    def __call__(self, inputs: Inputs, judged: Verdicts, probability: Floats) -> Floats:
        """Return minor units, NaN where it cannot say."""
        ...


@dataclass(frozen=True, slots=True)
class PartedProfit:
    """E[profit] = reference x (p x `good` + (1 - p) x `bad`): it rises with the probability and with the deal.

    The reference is the seller's figure; where he gave none, amount x `margin`; else `typical` (minor units). NaN for
    either of the last two leaves such deals unknown. A seller who states a loss is believed: the surer such a deal, the
    more it loses; one stated to bring nothing brings nothing.
    """

    good: Ratio
    bad: Ratio
    margin: float
    typical: float

    def __call__(self, inputs: Inputs, judged: Verdicts, probability: Floats) -> Floats:
        """Return minor units."""
        reference = reference_of(judged, margin=self.margin, typical=self.typical)
        return reference * (probability * self.good(inputs) + (1.0 - probability) * self.bad(inputs))


def reference_of(judged: Verdicts, *, margin: float, typical: float) -> Floats:
    """Return what each deal's profit is measured against, in minor units."""
    stated, amount = judged.economy.profit, judged.economy.amount
    by_amount = np.where(np.isnan(amount), typical, amount * margin)
    return np.where(np.isnan(stated), by_amount, stated)


def stated_profit() -> PartedProfit:
    """Return the chance times the seller's figure: all that can be said where no profit is on record."""
    return PartedProfit(good=SameRatio(1.0), bad=SameRatio(0.0), margin=np.nan, typical=np.nan)
