"""Where a history ends: numbers beyond all that was seen, and names never learned that the model leans on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.model import Far, Inputs
from mlscore.scoring.model.far import STRANGE_AT_MOST

INF = np.inf
LEARNED = np.array([[np.nan, np.nan, np.nan], [1.0, 0.0, 1.0], [1.0, 1.0, np.nan], [0.0, 0.0, 0.0]])
"""Of a number, and of categories of three levels, two and three: 1 learned, 0 not, NaN no such level."""


def far(*, leans_on: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0), learned: np.ndarray = LEARNED) -> Far:
    least, most = np.array([2.0, -INF, -INF, -INF]), np.array([4.0, INF, INF, INF])
    return Far(least=least, most=most, learned=learned, leans_on=np.array(leans_on))


def is_far(where: Far, *row: float, named: tuple[int, ...] = ()) -> bool:
    states = np.isin(np.arange(len(row)), named)[None, :]
    return bool(where(Inputs(np.array([row]), np.zeros(1, dtype=np.intp)), states)[0])


@pytest.mark.parametrize(("number", "told"), [(3.0, False), (0.0, False), (6.0, False), (6.1, True), (-0.1, True)])
def test_a_number_may_lie_outside_by_as_much_as_was_seen(number, told):
    assert is_far(far(), number, 0.0, 0.0, np.nan) == told


@pytest.mark.parametrize(("leans_on", "told"), [(0.0, False), (STRANGE_AT_MOST, False), (STRANGE_AT_MOST + 0.01, True)])
def test_a_level_never_learned_is_far_where_the_model_leans_on_its_fact(leans_on, told):
    where = far(leans_on=(0.9, leans_on, 0.9, 0.9))
    assert is_far(where, 3.0, 1.0, 0.0, np.nan) == told
    assert not is_far(where, 3.0, 0.0, 0.0, np.nan)


def test_several_strange_names_together_are_far_though_none_is_alone():
    where = far(leans_on=(0.0, 0.1, 0.0, 0.1))
    assert not is_far(where, 3.0, 1.0, 0.0, np.nan)
    assert not is_far(where, 3.0, 0.0, 0.0, 2.0)
    assert is_far(where, 3.0, 1.0, 0.0, 2.0)


def test_what_is_unknown_is_neither_beyond_nor_strange():
    assert not is_far(far(leans_on=(0.9, 0.9, 0.9, 0.9)), np.nan, np.nan, np.nan, np.nan)


def test_a_code_that_names_no_level_at_all_is_not_strange():
    assert not is_far(far(leans_on=(0.9, 0.9, 0.9, 0.9)), 3.0, 0.0, 2.0, np.nan)
    assert not is_far(far(leans_on=(0.9, 0.9, 0.9, 0.9)), 3.0, 3.0, 0.0, np.nan)


@pytest.mark.parametrize(("leans_on", "told"), [(STRANGE_AT_MOST, False), (STRANGE_AT_MOST + 0.01, True)])
def test_a_name_that_is_no_level_is_strange_though_members_read_it_as_unknown(leans_on, told):
    where = far(leans_on=(0.0, leans_on, 0.0, 0.0))
    assert is_far(where, 3.0, np.nan, 0.0, np.nan, named=(1, 2)) == told
    assert not is_far(where, 3.0, np.nan, 0.0, np.nan, named=(2,))


def test_a_number_is_no_level_whatever_it_is():
    assert not is_far(far(leans_on=(0.9, 0.0, 0.0, 0.0)), 2.0, 0.0, 0.0, np.nan)


def test_without_learned_levels_only_numbers_count():
    where = Far(least=np.array([0.0]), most=np.array([1.0]))
    assert (is_far(where, 0.5), is_far(where, 9.0)) == (False, True)


ROWS = st.lists(
    st.tuples(st.floats(-99, 99) | st.just(np.nan), *[st.sampled_from([np.nan, 0.0, 1.0, 2.0])] * 3), max_size=6
)


@given(rows=ROWS, leans_on=st.tuples(*[st.floats(0, 0.2)] * 4))
def test_a_deal_is_as_far_alone_as_in_a_batch(rows, leans_on):
    where = far(leans_on=leans_on)
    states = np.tile([False, True, False, True], (len(rows), 1))
    together = where(Inputs(np.array(rows).reshape(-1, 4), np.zeros(len(rows), dtype=np.intp)), states)
    assert [is_far(where, *row, named=(1, 3)) for row in rows] == together.tolist()
