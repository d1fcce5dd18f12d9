"""The words people write find their code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.policy import Industry, Vocabulary, default_policy, vocabulary_of


def code_of(vocabulary, text):
    position = vocabulary.index(text)
    return None if position < 0 else vocabulary.codes[position]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("steam_boiler", "steam_boiler"),
        ("Паровой котёл", "steam_boiler"),
        ("  паровой   КОТЕЛ ", "steam_boiler"),
        ("электрокотёл", "electric_boiler"),
        ("запорная\u00a0арматура", "valve"),
        ("котёл", None),
        ("", None),
        (None, None),
    ],
)
def test_a_text_means_its_category(text, code):
    assert code_of(vocabulary_of(default_policy().categories), text) == code


def test_a_column_is_looked_up_as_its_texts_one_by_one():
    vocabulary = vocabulary_of(default_policy().industries)
    column = np.array(["dairy", None, "ЖКХ", "dairy", "звездолёты"], dtype=object)
    found = vocabulary.indices(column)
    assert found.dtype == np.intp
    assert found.tolist() == [vocabulary.index(text) for text in column]
    assert found.tolist() == [0, -1, 12, 0, -1]


def test_an_empty_column_gives_an_empty_one():
    assert vocabulary_of(()).indices(np.array([], dtype=object)).tolist() == []


def test_the_vocabulary_of_a_list_is_made_once():
    rows = default_policy().industries
    assert vocabulary_of(rows) is vocabulary_of(rows)
    assert vocabulary_of(rows) is not vocabulary_of(default_policy().categories)


@given(st.text())
def test_any_text_has_an_answer_and_any_code_finds_itself(text):
    vocabulary = Vocabulary([Industry(code="тёмное дело", target=True), Industry(code=text, target=False)])
    assert vocabulary.index(text) == 1
    assert vocabulary.index("ТЕМНОЕ  ДЕЛО") in (0, 1)
