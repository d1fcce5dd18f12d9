"""Three-valued logic over columns: 1 is yes, 0 is no, NaN is unknown (Kleene)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import isnan

import numpy as np
from numpy.typing import NDArray

Tri = NDArray[np.float64]
YES, NO, UNKNOWN = 1.0, 0.0, np.nan
ANSWERS = (False, True, None)
"""As Python has them, in the order of `position`."""


def yes(answer: Tri) -> NDArray[np.bool_]:
    """Tell where the answer is a known yes."""
    return answer == YES


def no(answer: Tri) -> NDArray[np.bool_]:
    """Tell where the answer is a known no."""
    return answer == NO


def unknown(answer: Tri) -> NDArray[np.bool_]:
    """Tell where there is no answer."""
    return np.isnan(answer)


def constant(value: float, size: int) -> Tri:
    """Return the same answer `size` times."""
    return np.full(size, value)


def where(condition: NDArray[np.bool_], *, known: NDArray[np.bool_]) -> Tri:
    """Turn a comparison into an answer, unknown where its facts are not `known`."""
    return np.where(known, condition, UNKNOWN)


def all_of(*answers: Tri) -> Tri:
    """Kleene AND: a known no beats an unknown."""
    return np.where(reduce(np.fmin, answers) == NO, NO, reduce(np.multiply, answers))


def any_of(*answers: Tri) -> Tri:
    """Kleene OR: a known yes beats an unknown."""
    return np.where(reduce(np.fmax, answers) == YES, YES, reduce(np.maximum, answers))


def first_known(*answers: Tri) -> Tri:
    """Return the first answer that is known, row by row."""
    result = answers[0]
    for answer in answers[1:]:
        result = np.where(np.isnan(result), answer, result)
    return result


def first_yes(conditions: Sequence[NDArray[np.bool_]], codes: Sequence[int], *, default: int) -> NDArray[np.intp]:
    """Return the code of the first condition that holds, row by row."""
    found = np.full(len(conditions[0]), default, dtype=np.intp)
    for condition, code in zip(reversed(conditions), reversed(codes), strict=True):
        found[condition] = code
    return found


def position(answer: Tri) -> NDArray[np.intp]:
    """Return 0 for no, 1 for yes, 2 for unknown: where an answer stands in a table."""
    return np.where(np.isnan(answer), 2, answer).astype(np.intp)


def to_python(value: float) -> bool | None:
    """Return one answer as True, False or None."""
    return None if isnan(value) else bool(value)
