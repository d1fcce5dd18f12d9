"""Reads plain trees from a booster's text as LightGBM tells of them, without LightGBM: it takes long and much to load.

Plain are trees that split by numbers, one an iteration. All else, and any text that is not as it must be, is left to
LightGBM.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lightgbm import Booster

    from mlscore.scoring.deal import Floats

Document = Mapping[str, Any]
_UNKNOWN_IS = ("None", "Zero", "NaN")
"""What a split takes for unknown, as two bits of its kind say."""

_FAR = 1e300
"""What LightGBM tells instead of infinity."""


class PlainBooster:
    """A booster of plain trees: its text, and the trees read of it; LightGBM is asked only where more is wanted."""

    def __init__(self, text: str, trees: Document) -> None:
        self._text = text
        self._trees = trees

    @cached_property
    def _whole(self) -> Booster:
        return whole_booster(self._text)

    def num_feature(self) -> int:
        """Return how many columns it reads."""
        return int(self._trees["max_feature_idx"]) + 1

    def num_trees(self) -> int:
        """Return how many trees it has."""
        return len(self._trees["tree_info"])

    def model_to_string(self) -> str:
        """Return its text."""
        return self._text

    def dump_model(self) -> Document:
        """Return its trees, as `plain_trees` does."""
        return self._trees

    def predict(self, columns: Floats, **how: Any) -> Any:  # noqa: ANN401 - LightGBM's own words
        """Return what LightGBM answers."""
        return self._whole.predict(columns, **how)


AnyBooster: TypeAlias = "Booster | PlainBooster"


def whole_booster(text: str) -> Booster:
    """Return LightGBM's own booster of a text that is known to be whole: a damaged one can end the process."""
    from lightgbm import Booster  # noqa: PLC0415 - imports pandas and scikit-learn where they are: seconds

    return Booster(model_str=text)


def plain_trees(text: str) -> Document | None:
    """Return of a text what is read of LightGBM's `dump_model`; None where it is LightGBM's to read."""
    try:
        return _document(text)
    except (LookupError, ValueError):
        return None


def _document(text: str) -> Document:
    head, *blocks = text[: text.index("\nend of trees\n")].split("\nTree=")
    said = _fields(head)
    if (said["num_class"], said["num_tree_per_iteration"]) != ("1", "1"):
        raise ValueError("it has trees for several answers")
    columns = int(said["max_feature_idx"]) + 1
    return {
        "objective": said.get("objective", ""),
        "average_output": "average_output" in said,
        "max_feature_idx": columns - 1,
        "tree_info": [{"tree_structure": _structure(_fields(block), columns)} for block in blocks],
    }


def _fields(block: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in block.split("\n"))


def _structure(said: Mapping[str, str], columns: int) -> Document:
    """Return the root of a tree. A split stands before those below it, and each is reached once."""
    if said["num_cat"] != "0" or said["is_linear"] != "0":
        raise ValueError("it is not plain")
    values = list(map(float, said["leaf_value"].split()))
    if said["num_leaves"] == "1":
        return {"leaf_value": values[0]}
    counts = map(int, said["leaf_count"].split())
    branches: dict[int, Document] = {
        ~at: {"leaf_value": value, "leaf_count": count}
        for at, (value, count) in enumerate(zip(values, counts, strict=True))
    }
    features = list(map(int, said["split_feature"].split()))
    if len(features) != int(said["num_leaves"]) - 1 or not 0 <= min(features) <= max(features) < columns:
        raise ValueError("it reads columns that are not there")
    told = zip(
        range(len(features)),
        features,
        (min(max(float(threshold), -_FAR), _FAR) for threshold in said["threshold"].split()),
        map(int, said["decision_type"].split()),
        map(int, said["internal_count"].split()),
        map(int, said["left_child"].split()),
        map(int, said["right_child"].split()),
        strict=True,
    )
    for at, feature, threshold, kind, count, left, right in reversed(list(told)):
        branches[at] = {
            "split_index": at,
            "split_feature": feature,
            "threshold": threshold,
            "decision_type": "<=",
            "default_left": bool(kind & 2),
            "missing_type": _UNKNOWN_IS[kind >> 2],
            "internal_count": count,
            "left_child": branches.pop(left),
            "right_child": branches.pop(right),
        }
    (root,) = branches.values()
    return root
