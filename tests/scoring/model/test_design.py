"""The columns a member reads: numbers as they are, one column a level, and whether a feature is unknown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mlscore.scoring.model import Design
from mlscore.scoring.model.design import NUMBER, UNKNOWN

FEATURES = 4
DESIGN = Design(source=np.array([0.0, 2.0, 2.0, 2.0, 3.0]), level=np.array([NUMBER, 0.0, 5.0, UNKNOWN, NUMBER]))
MATRIX = np.array([[1.5, 9.0, 0.0, -2.0], [np.nan, 9.0, 5.0, 0.0], [0.0, 9.0, np.nan, np.nan], [7.0, 9.0, 3.0, 1.0]])


@st.composite
def designs(draw: st.DrawFn) -> Design:
    """Draw columns of four features, each any number of times."""
    source = sorted(draw(st.lists(st.integers(0, FEATURES - 1), max_size=9)))
    level = draw(
        st.lists(st.sampled_from([NUMBER, UNKNOWN, 0.0, 1.0, 7.0]), min_size=len(source), max_size=len(source))
    )
    return Design(source=np.array(source, dtype=float), level=np.array(level, dtype=float))


def matrices(features: int = FEATURES) -> st.SearchStrategy[np.ndarray]:
    values = st.sampled_from([np.nan, -1.0, 0.0, 1.0, 7.0, 0.5])
    return st.integers(0, 6).flatmap(lambda rows: arrays(np.float64, (rows, features), elements=values))


def test_a_number_is_read_as_it_is_and_a_level_as_yes_or_no():
    expected = [[1.5, 1, 0, 0, -2], [np.nan, 0, 1, 0, 0], [0, 0, 0, 1, np.nan], [7, 0, 0, 0, 1]]
    np.testing.assert_array_equal(DESIGN(MATRIX), expected)


@given(design=designs(), matrix=matrices())
def test_every_column_says_what_its_level_asks(design, matrix):
    columns = design(matrix)
    assert columns.shape == (len(matrix), len(design.source))
    for place, (source, level) in enumerate(zip(design.source.astype(int), design.level, strict=True)):
        read = matrix[:, source]
        asked = read if np.isnan(level) else np.isnan(read) if level == UNKNOWN else read == level
        np.testing.assert_array_equal(columns[:, place], np.asarray(asked, dtype=float))


@given(design=designs(), data=st.data())
def test_shares_of_columns_add_up_to_those_of_their_features(design, data):
    shares = data.draw(
        arrays(np.float64, (data.draw(st.integers(0, 5)), len(design.source)), elements=st.integers(-50, 50).map(float))
    )
    gathered = design.gathered(shares, FEATURES)
    assert gathered.shape == (len(shares), FEATURES)
    for feature in range(FEATURES):
        np.testing.assert_array_equal(gathered[:, feature], shares[:, design.source == feature].sum(axis=1))


@given(design=designs(), matrix=matrices())
def test_a_deal_has_the_same_columns_alone_and_in_a_batch(design, matrix):
    together = design(matrix)
    for row in range(len(matrix)):
        np.testing.assert_array_equal(design(matrix[[row]])[0], together[row])


def test_a_design_of_no_columns_reads_nothing_and_gives_nothing():
    nothing = Design(source=np.zeros(0), level=np.zeros(0))
    assert nothing(MATRIX).shape == (4, 0)
    assert not nothing.gathered(np.zeros((4, 0)), FEATURES).any()
