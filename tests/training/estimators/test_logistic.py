"""The logistic regression: what scikit-learn fitted, laid out as plain arrays that say the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.features import Feature
from mlscore.scoring.model import Inputs, Linear, Rates
from tests.training.histories import a_closed_deal, a_history, a_table
from training.estimators import Lesson, Logistic
from training.estimators.columns import NAME_WORTH
from training.estimators.logistic import REACH, Encoder

TABLE = a_table(a_history(300))
LESSON = Lesson.of(TABLE, np.arange(len(TABLE)))


def learned(**how: object) -> Encoder:
    return Encoder.learn(LESSON, TABLE.inputs.matrix, **{"is_tracked": True, "bends": 0} | how)


@pytest.mark.parametrize("is_tracked", [True, False])
@pytest.mark.parametrize("bends", [0, 1, 6])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_the_arrays_say_exactly_what_the_fitted_columns_do(seed: int, bends: int, is_tracked: bool) -> None:
    encoder = learned(is_tracked=is_tracked, bends=bends)
    weights = np.random.default_rng(seed).normal(size=len(encoder.columns))
    said = encoder.member(weights, 0.4).log_odds(TABLE.inputs)
    assert np.isnan(TABLE.inputs.matrix).any()
    np.testing.assert_allclose(said, encoder.encode(TABLE.inputs.matrix) @ weights + 0.4, atol=1e-9)


def test_no_number_pulls_against_its_direction() -> None:
    member = Logistic().fit_whole(LESSON)
    assert isinstance(member, Linear)
    directions = np.array([f.direction for f in TABLE.features])
    assert (member.weight * directions >= 0).all()
    assert (member.weight * directions > 0).any()


def with_columns(table, *columns: np.ndarray, directions: tuple[int, ...]):
    """Return the table with no features but these numbers."""
    features = tuple(
        Feature(f"number_{place}", f"number_{place}", way, None, lambda judged: judged.rank)
        for place, way in enumerate(directions)
    )
    return replace(table, features=features, inputs=Inputs(np.column_stack(columns), table.inputs.cells))


@pytest.mark.parametrize(("direction", "is_heard"), [(1, False), (0, True), (-1, True)])
def test_a_number_that_goes_against_its_direction_is_left_out(direction: int, is_heard: bool) -> None:
    against = np.where(TABLE.y, -1.0, 1.0)
    table = with_columns(TABLE, against, directions=(direction,))
    member = Logistic().fit_whole(Lesson.of(table, np.arange(len(table))))
    assert isinstance(member, Linear)
    assert (member.weight[0] < 0) == is_heard
    if not is_heard:
        share = np.average(table.y)
        assert member.log_odds(table.inputs) == pytest.approx(np.full(len(table), np.log(share / (1 - share))))


def test_the_design_has_a_column_a_number_a_level_and_one_for_the_unknown() -> None:
    number = Feature("number", "number", 1, None, lambda judged: judged.rank)
    level = Feature("level", "level", 0, ("one", "two", "three"), lambda judged: judged.rank)
    X = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, np.nan], [1.0, 0.0], [3.0, 1.0], [1.0, 2.0], [3.0, np.nan]])
    table = replace(a_table(a_history(7)), features=(number, level), inputs=Inputs(X, np.zeros(7, dtype=np.intp)))
    encoder = Encoder.learn(Lesson.of(table, np.arange(7)), X, is_tracked=False, bends=0)
    assert [(c.position, c.kind, c.direction) for c in encoder.columns] == [
        (0, "number", 1),
        (0, "unknown", 0),
        (1, "level", 0),
        (1, "level", 0),
        (1, "unknown", 0),
    ]
    np.testing.assert_allclose(
        encoder.encode(X)[[0, 1, 2, 5]], [[-1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1], [-1, 0, 0, 0, 0]]
    )


def test_beside_track_records_a_level_is_written_small_so_that_it_is_shrunk_more() -> None:
    def worth(*, is_tracked: bool) -> set[float]:
        return {column.worth for column in learned(is_tracked=is_tracked).columns if column.kind == "level"}

    assert worth(is_tracked=False) == {1.0}
    assert worth(is_tracked=True) == {float(np.sqrt(NAME_WORTH))}


def test_only_numbers_of_many_values_and_of_no_direction_bend() -> None:
    bent = {column.position for column in learned(bends=4).columns if column.kind == "bend"}
    assert bent
    for position in bent:
        feature, column = TABLE.features[position], TABLE.inputs.matrix[:, position]
        assert (feature.levels, feature.direction) == (None, 0)
        assert len(np.unique(column[~np.isnan(column)])) > 2
    assert not any(column.kind == "bend" for column in learned(bends=0).columns)


def test_a_line_bends_within_what_was_seen() -> None:
    encoder = learned(bends=6)
    for column in encoder.columns:
        if column.kind == "bend":
            place = column.position
            standard = (TABLE.inputs.matrix[:, place] - encoder.center[place]) / encoder.scale[place]
            assert np.nanmin(standard) < column.at < np.nanmax(standard)


def test_a_number_beyond_reach_says_no_more_than_one_there() -> None:
    member = Logistic().fit_whole(LESSON)
    ends = np.vstack([member.center + way * REACH * member.scale for way in (-1, 1)])
    beyond = np.vstack([member.center + way * 1e9 * member.scale for way in (-1, 1)])
    numbers = np.array([f.levels is None for f in TABLE.features])
    row = np.where(numbers, 0.0, np.nan)
    said = [member.log_odds(Inputs(np.where(numbers, at, row), np.zeros(2, dtype=np.intp))) for at in (ends, beyond)]
    np.testing.assert_allclose(said[0], said[1], rtol=1e-9)


def test_the_more_rows_there_are_the_further_the_answers_may_go() -> None:
    widths = [
        float(np.std(Logistic().fit_whole(Lesson.of(TABLE, np.arange(rows))).log_odds(TABLE.inputs)))
        for rows in (40, 300)
    ]
    assert widths[0] < widths[1]


def test_where_no_fact_tells_deals_apart_the_rates_answer() -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, won=n % 2 > 0) for n in range(60)])
    bare = replace(table, features=(), inputs=Inputs(np.zeros((60, 0)), table.inputs.cells))
    assert isinstance(Logistic().fit(Lesson.of(bare, np.arange(60))), Rates)
