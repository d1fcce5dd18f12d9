"""A model is tried on its golden rows: its answers, and that its reasons are its own."""

import json
from dataclasses import dataclass, replace

import numpy as np

from mlscore.registry.golden import disagreement, golden_rows
from mlscore.scoring.model import FittedModel, Inputs, Rates
from mlscore.scoring.policy import default_policy
from mlscore.scoring.track_record import columns_of
from tests.models import a_planted_model
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


def tracked(weight: float) -> FittedModel:
    """Return a model that goes by the client's track record alone."""
    return replace(a_planted_model(track_client_rate=weight), version="7")


def test_golden_rows_know_figures_of_every_kind_and_the_first_knows_none() -> None:
    rows = json.loads(golden_rows(tracked(1.0)))
    assert rows[0]["track"] == {}
    assert set().union(*(row["track"] for row in rows)) == set(columns_of(default_policy()))
    for name in columns_of(default_policy()):
        assert len({row["track"].get(name) for row in rows}) == 5


def test_a_model_that_weighs_a_track_record_otherwise_is_found_out() -> None:
    golden = golden_rows(tracked(1.0))
    assert disagreement(tracked(1.0), golden) is None
    assert "probability" in disagreement(tracked(1.1), golden)


def test_golden_rows_written_before_there_were_track_records_are_answered_without() -> None:
    old = golden_rows(a_planted_model(budget_allocated=1.0))
    rows = [{name: value for name, value in row.items() if name != "track"} for row in json.loads(old)]
    assert disagreement(a_planted_model(budget_allocated=1.0), json.dumps(rows).encode()) is None
