"""The few ways in which anything here is drawn at random, and the array types it comes in."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Moments = NDArray[np.datetime64]


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Draw `size` positions with the given weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right")


def known(rng: np.random.Generator, values: Floats, share: Floats | float) -> Floats:
    """Keep a random `share` of the values; the others become unknown (NaN)."""
    return cast("Floats", np.where(chance(rng, share, values.size), values, np.nan))


def chance(rng: np.random.Generator, share: Floats | float, size: int) -> Bools:
    """Draw true with probability `share`."""
    return rng.random(size) < share


def yes(rng: np.random.Generator, share: Floats | float, size: int) -> Floats:
    """Draw yes (1.0) with probability `share`, else no (0.0)."""
    return chance(rng, share, size).astype(np.float64)


def sigmoid(values: Floats) -> Floats:
    """Return the logistic function, computed without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))
