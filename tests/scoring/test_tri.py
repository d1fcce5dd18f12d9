"""Three-valued logic: unknown is an answer of its own."""

from itertools import product

import numpy as np
import pytest

from mlscore.scoring import tri

ANSWERS = (True, False, None)


def column(*answers: bool | None) -> tri.Tri:
    return np.array([np.nan if a is None else float(a) for a in answers])


def said(answer: tri.Tri) -> list[bool | None]:
    return [tri.to_python(value) for value in answer]


@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=3)))
def test_all_of_is_no_on_any_no_and_unknown_before_yes(answers):
    expected = False if False in answers else None if None in answers else True
    assert said(tri.all_of(*map(column, answers))) == [expected]


@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=3)))
def test_any_of_is_yes_on_any_yes_and_unknown_before_no(answers):
    expected = True if True in answers else None if None in answers else False
    assert said(tri.any_of(*map(column, answers))) == [expected]


@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=3)))
def test_the_first_known_answer_counts(answers):
    expected = next((a for a in answers if a is not None), None)
    assert said(tri.first_known(*map(column, answers))) == [expected]


def test_each_answer_is_one_of_three():
    answers = column(*ANSWERS)
    assert tri.yes(answers).tolist() == [True, False, False]
    assert tri.no(answers).tolist() == [False, True, False]
    assert tri.unknown(answers).tolist() == [False, False, True]


def test_a_comparison_without_its_facts_is_unknown():
    compared, known = np.array([True, False, True]), np.array([True, True, False])
    assert said(tri.where(compared, known=known)) == [True, False, None]
    assert said(tri.constant(tri.UNKNOWN, 2)) == [None, None]
