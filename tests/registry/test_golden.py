"""A model is tried on its golden rows: its answers, and that its reasons are its own."""

from dataclasses import dataclass

import numpy as np

from mlscore.registry.golden import disagreement, golden_rows
from mlscore.scoring.model import Inputs, Rates
from tests.registry.models import a_model, some_rates


@dataclass(frozen=True, slots=True)
class Flatterer:
    """Answers as rates do, and puts it down to the first feature."""

    rates: Rates

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        return self.rates.log_odds(inputs)

    def contributions(self, inputs: Inputs) -> np.ndarray:
        shares = self.rates.contributions(inputs)
        shares[:, 0] = 0.3
        return shares


def test_reasons_that_do_not_add_up_are_found_out() -> None:
    honest, flatterer = a_model(), a_model(members=((1.0, Flatterer(some_rates())),))
    assert disagreement(honest, golden_rows(honest)) is None
    assert disagreement(flatterer, golden_rows(flatterer)) == "the shares of its log-odds do not add up to them"
