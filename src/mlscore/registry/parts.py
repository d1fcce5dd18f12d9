"""The parts of a model as JSON: each by its kind and its numbers, boosters as text files beside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from mlscore.registry.booster import BoosterMember, BoosterProfit, count_trees, read_booster
from mlscore.scoring.errors import BundleUnfitError, ModelError
from mlscore.scoring.model import Far, Knots, Linear, Rates, Sigmoid
from mlscore.scoring.model.fitted import MeanProfit, StatedProfit

if TYPE_CHECKING:
    from lightgbm import Booster

Written = dict[str, Any]
Kinds = Mapping[str, type[Any]]

MEMBERS: Kinds = {"linear": Linear, "rates": Rates, "booster": BoosterMember}
CALIBRATIONS: Kinds = {"sigmoid": Sigmoid, "knots": Knots}
PROFITS: Kinds = {"stated": StatedProfit, "mean": MeanProfit, "booster": BoosterProfit}
FARS: Kinds = {"range": Far}


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes parts; `files` collects the boosters' texts by file name."""

    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, part: Any, kinds: Kinds) -> Written:  # noqa: ANN401 - one of `kinds`
        """Return a part as JSON. Raises ModelError for a kind that no bundle can hold."""
        for kind, made_by in kinds.items():
            if type(part) is made_by:
                return {"kind": kind} | {f.name: self._value(getattr(part, f.name)) for f in fields(part)}
        raise ModelError(f"A bundle cannot hold a {type(part).__name__}. It holds: {', '.join(kinds)}.")

    def _value(self, value: Any) -> object:  # noqa: ANN401 - a number, an array or a booster
        if isinstance(value, float | int | np.ndarray | np.number):
            return numbers(value)
        return self._booster(value)

    def _booster(self, booster: Booster) -> Written:
        text = booster.model_to_string()
        name = f"booster-{len(self.files) + 1}.lgb"
        self.files[name] = text.encode()
        return {"file": name, "trees": count_trees(text)}


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads parts back; `files` are the bundle's, `features` how many columns the matrix has."""

    files: Mapping[str, bytes]
    features: int

    def read(self, written: Written, kinds: Kinds) -> Any:  # noqa: ANN401 - one of `kinds`
        """Return a part. Raises BundleUnfitError where this version knows no such kind or it does not fit."""
        values = dict(written)
        kind = values.pop("kind", None)
        if kind not in kinds:
            raise BundleUnfitError(
                f"The model has a part of kind {kind!r}; this version of mlscore knows {', '.join(kinds)}. "
                "Retrain it, or run the version of mlscore it was trained with."
            )
        try:
            return kinds[kind](**{name: self._value(value) for name, value in values.items()})
        except (TypeError, ValueError) as error:
            raise BundleUnfitError(f"The model's part of kind {kind!r} cannot be read ({error}). Retrain it.") from None

    def _value(self, value: object) -> object:
        if isinstance(value, dict):
            return self._booster(**value)
        return array(value) if isinstance(value, list) else float(value)  # type: ignore[arg-type]  # refused by `float`

    def _booster(self, *, file: str, trees: int) -> Booster:
        if file not in self.files:
            raise BundleUnfitError(f"The model needs {file}, which its bundle does not hold. Publish it again.")
        text = self.files[file].decode()
        if count_trees(text) != trees:
            raise BundleUnfitError(f"{file} holds {count_trees(text)} trees instead of {trees}. Publish it again.")
        booster = read_booster(text)
        if booster.num_trees() != trees or booster.num_feature() != self.features:
            raise BundleUnfitError(
                f"{file} was read as {booster.num_trees()} trees over {booster.num_feature()} features instead of "
                f"{trees} over {self.features}. Retrain the model."
            )
        return booster


def numbers(value: Any) -> object:  # noqa: ANN401 - a number or an array of any shape
    """Return numbers as JSON holds them exactly: infinities and NaN by name."""
    if isinstance(value, np.ndarray | list):
        return [numbers(one) for one in value]
    exact = float(value)
    return exact if math.isfinite(exact) else str(exact)


def array(value: object) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a float array of what `numbers` wrote."""
    return np.array(_floats(value), dtype=np.float64)


def _floats(value: Any) -> Any:  # noqa: ANN401 - nested as the array is
    return [_floats(one) for one in value] if isinstance(value, list) else float(value)
