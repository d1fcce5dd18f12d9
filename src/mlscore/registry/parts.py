"""The parts of a model as JSON: each by its kind and its numbers, boosters as text files beside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlscore.registry.trees.booster import BoosterMember, BoosterRatio, count_trees, read_booster
from mlscore.registry.trees.plain import AnyBooster
from mlscore.scoring.errors import BundleUnfitError, ModelError
from mlscore.scoring.model import Boosted, Design, Far, Knots, Linear, PartedProfit, Rates, SameRatio, Sigmoid, Staged
from mlscore.scoring.verdict import CELLS

if TYPE_CHECKING:
    pass

Written = dict[str, Any]
Kinds = Mapping[str, type[Any]]

MEMBERS: Kinds = {
    "linear": Linear,
    "rates": Rates,
    "booster": BoosterMember,
    "staged": Staged,
    "boosted": Boosted,
}
CALIBRATIONS: Kinds = {"sigmoid": Sigmoid, "knots": Knots}
PROFITS: Kinds = {"parted": PartedProfit}
FARS: Kinds = {"range": Far}
_WITHIN: Kinds = {**MEMBERS, "design": Design, "same_ratio": SameRatio, "booster_ratio": BoosterRatio}
"""What parts are made of."""


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes parts; `files` collects the boosters' texts by file name."""

    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, part: Any, kinds: Kinds) -> Written:  # noqa: ANN401 - one of `kinds`
        """Return a part as JSON. Raises ModelError for a kind that no bundle can hold."""
        for kind, made_by in kinds.items():
            if type(part) is made_by:
                return {"kind": kind} | {f.name: self._value(getattr(part, f.name)) for f in fields(part) if f.init}
        raise ModelError(f"A bundle cannot hold a {type(part).__name__}. It holds: {', '.join(kinds)}.")

    def _value(self, value: Any) -> object:  # noqa: ANN401 - a number, an array or a booster
        if isinstance(value, float | int | np.ndarray | np.number):
            return numbers(value)
        return self.write(value, _WITHIN) if is_dataclass(value) else self._booster(value)

    def _booster(self, booster: AnyBooster) -> Written:
        text = booster.model_to_string()
        name = f"booster-{len(self.files) + 1}.lgb"
        self.files[name] = text.encode()
        return {"file": name, "trees": count_trees(text), "columns": booster.num_feature()}


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads parts back; `files` are the bundle's, `features` how many columns the matrix has.

    `boosters` collects those that were read.
    """

    files: Mapping[str, bytes]
    features: int
    boosters: list[BoosterMember | BoosterRatio] = field(default_factory=list)

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
            part = kinds[kind](**{name: self._value(value) for name, value in values.items()})
            self._see_that_it_fits(part)
            if isinstance(part, BoosterMember | BoosterRatio):
                self.boosters.append(part)
        except (TypeError, ValueError) as error:
            raise BundleUnfitError(f"The model's part of kind {kind!r} cannot be read ({error}). Retrain it.") from None
        return part

    def _see_that_it_fits(self, part: Any) -> None:  # noqa: ANN401 - one of the kinds
        if isinstance(part, Rates):
            if not len(part.deals) == len(part.positives) == CELLS:
                raise ValueError(f"it has {len(part.deals)} rule cells instead of {CELLS}")
        elif isinstance(part, Design):
            is_within = (part.source >= 0) & (part.source < self.features)
            if len(part.source) != len(part.level) or not is_within.all():
                raise ValueError(f"its columns are not of the {self.features} features")
        elif isinstance(part, BoosterMember | BoosterRatio) and part.booster.num_feature() != len(part.design.source):
            raise ValueError(f"its booster reads {part.booster.num_feature()} columns, not {len(part.design.source)}")

    def _value(self, value: object) -> object:
        if isinstance(value, dict):
            return self.read(value, _WITHIN) if "kind" in value else self._booster(**value)
        return array(value) if isinstance(value, list) else float(value)  # type: ignore[arg-type]  # refused by `float`

    def _booster(self, *, file: str, trees: int, columns: int) -> AnyBooster:
        if file not in self.files:
            raise BundleUnfitError(f"The model needs {file}, which its bundle does not hold. Publish it again.")
        text = self.files[file].decode()
        if count_trees(text) != trees:
            raise BundleUnfitError(f"{file} holds {count_trees(text)} trees instead of {trees}. Publish it again.")
        booster = read_booster(text)
        if booster.num_trees() != trees or booster.num_feature() != columns:
            raise BundleUnfitError(
                f"{file} was read as {booster.num_trees()} trees over {booster.num_feature()} columns instead of "
                f"{trees} over {columns}. Retrain the model."
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
