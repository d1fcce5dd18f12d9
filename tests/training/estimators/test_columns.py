"""Which columns a candidate reads: those that tell the rows it learns apart, and no two alike."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.features import Feature
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.design import NUMBER, UNKNOWN
from tests.training.histories import a_history, a_table
from training.estimators.columns import LEVEL_ROWS_MIN, NAME_WORTH, Columns, in_view

NAN = np.nan


def a_feature(name: str, *, direction: int = 0, levels: tuple[str, ...] | None = None, is_tracked: bool = False):
    return Feature(name, name, direction, levels, lambda judged: judged.rank, is_tracked=is_tracked)


def a_table_of(*columns: tuple[Feature, list[float]]):
    """Return a table of these features and no others."""
    features = tuple(feature for feature, _ in columns)
    table = a_table(a_history(len(columns[0][1])))
    matrix = np.array([values for _, values in columns], dtype=np.float64).T
    return replace(table, features=features, inputs=Inputs(matrix, table.inputs.cells))


def learn(table, *, is_tracked: bool = False, rows: np.ndarray | None = None) -> Columns:
    return Columns.learn(table, np.arange(len(table)) if rows is None else rows, is_tracked=is_tracked)


def read(columns: Columns) -> list[tuple[int, object]]:
    """Return what each column reads: the feature's place, and a level, "number" or "unknown"."""
    names = {UNKNOWN: "unknown"}
    return [
        (int(source), "number" if np.isnan(level) else names.get(level, level))
        for source, level in zip(columns.design.source.tolist(), columns.design.level.tolist(), strict=True)
    ]


SIZE, RISK = a_feature("size", direction=1), a_feature("risk", direction=-1)
COLOUR = a_feature("colour", levels=("red", "green", "blue", "black"))
TRACKED = a_feature("track_client_rate", is_tracked=True)


def test_a_number_is_one_column_and_a_category_one_a_level_and_one_for_the_unknown() -> None:
    table = a_table_of((SIZE, [1, 2, 3, 4, 5, NAN]), (COLOUR, [0, 0, 1, 1, NAN, NAN]))
    assert read(learn(table)) == [(0, "number"), (1, 0.0), (1, 1.0), (1, "unknown")]


def test_a_level_seen_too_seldom_has_no_column() -> None:
    rare = [0.0] * LEVEL_ROWS_MIN + [1.0] * (LEVEL_ROWS_MIN - 1) + [2.0] * LEVEL_ROWS_MIN
    assert read(learn(a_table_of((COLOUR, [*rare, NAN])))) == [(0, 0.0), (0, 2.0), (0, "unknown")]


def test_what_is_the_same_for_every_row_learned_is_left_out() -> None:
    table = a_table_of((SIZE, [7, 7, 7, 7, 9]), (RISK, [NAN, NAN, NAN, NAN, 1]), (COLOUR, [0, 0, 0, 0, NAN]))
    assert read(learn(table, rows=np.arange(4))) == []
    assert read(learn(table)) == [(0, "number"), (1, "number"), (2, 0.0), (2, "unknown")]


def test_no_two_columns_are_alike() -> None:
    twin = a_feature("twin")
    table = a_table_of((SIZE, [1, 2, NAN, 4]), (twin, [1, 2, NAN, 4]), (COLOUR, [1, 1, NAN, NAN]))
    assert read(learn(table)) == [(0, "number"), (2, 1.0), (2, "unknown")]
    once = a_table_of((COLOUR, [1, 1, 2, 2]))
    assert read(learn(once)) == [(0, 1.0), (0, 2.0)]
    yes_no = a_feature("is_red")
    assert read(learn(a_table_of((yes_no, [1, 1, 0, 0]), (COLOUR, [0, 0, 1, 1])))) == [(0, "number"), (1, 1.0)]
    assert read(learn(a_table_of((yes_no, [1, 1, 0, 0]), (COLOUR, [1, 1, 0, 0])))) == [(0, "number"), (1, 0.0)]


def test_only_rows_that_are_learned_count() -> None:
    table = a_table_of((COLOUR, [0, 0, 1, 1, 3, 3]))
    assert read(learn(table, rows=np.arange(4))) == [(0, 0.0), (0, 1.0)]


def test_track_records_are_read_by_those_who_read_them() -> None:
    table = a_table_of((SIZE, [1, 2, 3]), (TRACKED, [0.1, 0.2, 0.3]))
    assert read(learn(table)) == [(0, "number")]
    assert read(learn(table, is_tracked=True)) == [(0, "number"), (1, "number")]
    assert in_view(table.features, is_tracked=False) == [0]


def test_numbers_keep_their_direction_and_levels_have_none() -> None:
    coloured = a_feature("colour", levels=("red", "green"), direction=1)
    table = a_table_of((SIZE, [1, 2, 3, 4]), (RISK, [4, 3, 9, 1]), (coloured, [0, 0, 1, 1]))
    assert learn(table).directions == (1, -1, 0, 0)


@pytest.mark.parametrize("is_tracked", [True, False])
def test_beside_track_records_a_name_counts_less_than_a_number(is_tracked: bool) -> None:
    table = a_table_of((SIZE, [1, 2, 3, 4]), (COLOUR, [0, 0, 1, 1]))
    worth = NAME_WORTH if is_tracked else 1.0
    assert learn(table, is_tracked=is_tracked).worth == (1.0, worth, worth)


def test_columns_lie_in_the_order_of_their_features_as_a_design_wants_them() -> None:
    columns = learn(a_table(a_history(200)))
    assert (np.diff(columns.design.source) >= 0).all()
    assert len(columns.design.source) == len(columns.directions) == len(columns.worth)
    assert np.isnan(NUMBER)
