"""Rows that MLflow's own tools send: facts, and what the firm's track record says, all of it optional."""

import numpy as np
import pandas as pd

from mlscore.scoring.features import features_of, matrix
from mlscore.scoring.policy import default_policy
from mlscore.scoring.track_record import columns_of
from mlscore.scoring.verdict import judge
from tests.builders import a_policy
from tests.track_records import a_tracked_policy
from training.publish.rows import deals_of, figures_of, units_of
from training.publish.tracking import signature


def test_the_figures_of_a_track_record_are_named_as_the_features_that_read_them() -> None:
    policy = a_tracked_policy()
    tracked = [feature.name for feature in features_of(policy, {}) if feature.is_tracked]
    assert list(figures_of(policy)) == tracked
    assert list(figures_of(policy).values()) == list(columns_of(policy))


def test_every_figure_is_an_optional_number_of_the_signature() -> None:
    inputs = {column.name: column for column in signature(a_tracked_policy()).inputs}
    for name in figures_of(a_tracked_policy()):
        assert (inputs[name].type.name, inputs[name].required) == ("double", False)


def test_every_fact_and_answer_has_its_unit() -> None:
    policy = a_policy(custom_facts=[{"name": "boiler_age", "kind": "number"}])
    units, sides = units_of(policy), signature(policy)
    named = {*sides.inputs.input_names(), *sides.outputs.input_names()} - figures_of(policy).keys()
    assert units.keys() == named
    assert all(units.values())
    assert units["amount"] == units["expected_profit"] == "minor units of RUB, as 1250000.0 for 12 500"
    assert (units["steam_tph"], units["asap"], units["probability"]) == ("t/h", "1.0 yes, 0.0 no", "share 0-1")


def test_a_figure_that_is_sent_is_read_and_one_left_out_is_unknown() -> None:
    policy = default_policy()
    rows = pd.DataFrame({"track_client_rate": [0.7, None], "budget_allocated": [1.0, None]})
    deals = deals_of(rows, policy)
    features = features_of(policy, {})
    read = dict(zip([one.name for one in features], matrix(features, judge(deals, policy)).T, strict=True))
    np.testing.assert_array_equal(read["track_client_rate"], [0.7, np.nan])
    np.testing.assert_array_equal(read["track_region_rate"], [np.nan, np.nan])
    np.testing.assert_array_equal(read["budget_allocated"], [1.0, np.nan])


def test_a_fact_the_firm_calls_as_we_call_a_figure_stays_its_fact() -> None:
    policy = a_policy(custom_facts=[{"name": "track_client_rate", "kind": "number"}])
    assert "track_client_rate" not in figures_of(policy)
    deals = deals_of(pd.DataFrame({"track_client_rate": [0.7]}), policy)
    assert deals.numbers("track_client_rate").tolist() == [0.7]
    assert np.isnan(deals.numbers("track.client.rate")).all()
