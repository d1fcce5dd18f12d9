"""Exact TreeSHAP of small trees, looked up: which way each split of a tree goes decides what every feature gave.

LightGBM works the shares of a deal out anew each time, which costs more than all the rest that is said of it. A tree of
few splits can only go few ways, so the shares of each are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats

if TYPE_CHECKING:
    from mlscore.registry.trees.plain import AnyBooster

SPLITS_AT_MOST = 8
"""The ways of so many splits make one byte."""

_ROWS_AT_ONCE = 512
"""So many rows of working columns stay near the processor."""

_Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TreeShares:
    """The shares of a booster's raw score, ready to be looked up.

    `feature`, `threshold` and `unknown_left` describe the splits, SPLITS_AT_MOST a tree. Those by categories stand at
    the places `listed`; which `codes` each sends left is a row, the last of it for all codes no list holds. The shares
    of one tree and way lie side by side in `table`, so many as the tree has `widths`: what is read of a tree is near.
    There is one of each feature of each `tree`, at `first` + way x width, sorted by feature; those of each of the
    features `told` begin at `begins`.
    """

    feature: NDArray[np.intp]
    threshold: Floats
    unknown_left: NDArray[np.bool_]
    listed: NDArray[np.intp]
    codes: NDArray[np.bool_]
    table: Floats
    tree: NDArray[np.intp]
    first: NDArray[np.intp]
    widths: NDArray[np.intp]
    told: NDArray[np.intp]
    begins: NDArray[np.intp]
    rest: float

    def __call__(self, matrix: Floats) -> Floats:
        """Return deals x (features + 1): the share of each feature, and the mean of all trees last."""
        deals, features = matrix.shape
        ways = np.zeros((deals, len(self.feature) // SPLITS_AT_MOST), dtype=np.uint8)
        for first in range(0, deals, _ROWS_AT_ONCE):
            rows = slice(first, first + _ROWS_AT_ONCE)
            ways[rows] = self._ways(matrix[rows])
        return self.of_ways(ways, features)

    def of_ways(self, ways: NDArray[np.uint8], features: int) -> Floats:
        """Return the same of deals x trees: the way each tree goes."""
        shares = np.zeros((len(ways), features + 1))
        shares[:, -1] = self.rest
        if len(self.told):
            for first in range(0, len(ways), _ROWS_AT_ONCE):
                rows = slice(first, first + _ROWS_AT_ONCE)
                at = (ways[rows] * self.widths).take(self.tree, axis=1)
                at += self.first
                shares[rows, self.told] = np.add.reduceat(self.table.take(at), self.begins, axis=1)
        return shares

    def _ways(self, matrix: Floats) -> NDArray[np.uint8]:
        """Return deals x trees: the way each tree goes, a bit for each split that goes left."""
        read = matrix[:, self.feature]
        goes_left = (read <= self.threshold) | (np.isnan(read) & self.unknown_left)
        code, of_none = read[:, self.listed], self.codes.shape[1] - 1
        is_listed = (code >= 0.0) & (code < of_none)
        at = np.where(is_listed, code, of_none).astype(np.intp)
        goes_left[:, self.listed] = self.codes[np.arange(len(self.listed)), at]
        return np.packbits(goes_left.reshape(len(matrix), -1, SPLITS_AT_MOST), axis=2)[:, :, 0]


@dataclass(frozen=True, slots=True)
class _Tree:
    """One tree: its splits, the features they read, and what each of these gives by the way the tree goes."""

    splits: tuple[_Node, ...]
    features: tuple[int, ...]
    shares: Floats
    rest: float


def tree_shares(booster: AnyBooster) -> TreeShares | None:
    """Work out the shares of a booster, None where a tree has too many splits or reads a zero as unknown."""
    structures = [one["tree_structure"] for one in booster.dump_model()["tree_info"]]
    splits = [tuple(splits_of(structure)) for structure in structures]
    if any(len(each) > SPLITS_AT_MOST for each in splits):
        return None
    if any(split["missing_type"] == "Zero" for each in splits for split in each):
        return None
    return _laid_out([_tree(structure, each) for structure, each in zip(structures, splits, strict=True)])


def _laid_out(trees: Sequence[_Tree]) -> TreeShares:
    places = [
        (place * SPLITS_AT_MOST + at, split) for place, tree in enumerate(trees) for at, split in enumerate(tree.splits)
    ]
    feature = np.zeros(len(trees) * SPLITS_AT_MOST, dtype=np.intp)
    threshold, unknown_left = np.full(len(feature), -np.inf), np.zeros(len(feature), dtype=np.bool_)
    listed: dict[int, list[int]] = {}
    for place, split in places:
        feature[place] = split["split_feature"]
        if split["decision_type"] == "==":
            listed[place] = [int(code) for code in split["threshold"].split("||")]
        else:
            threshold[place] = split["threshold"]
            unknown_left[place] = split["default_left"] if split["missing_type"] == "NaN" else threshold[place] >= 0.0
    codes = np.zeros((len(listed), max((max(each) for each in listed.values()), default=0) + 2), dtype=np.bool_)
    for at, each in enumerate(listed.values()):
        codes[at, each] = True
    of_features = [(f, place, at) for place, tree in enumerate(trees) for at, f in enumerate(tree.features)]
    feature_of, tree, of_tree = np.array(sorted(of_features), dtype=np.intp).reshape(-1, 3).T
    told, begins = np.unique(feature_of, return_index=True)
    starts = np.cumsum([0, *(one.shares.size for one in trees)])
    return TreeShares(
        feature=feature,
        threshold=threshold,
        unknown_left=unknown_left,
        listed=np.array(list(listed), dtype=np.intp),
        codes=codes,
        table=np.concatenate([one.shares.ravel() for one in trees]) if trees else np.zeros(0),
        tree=tree.copy(),
        first=starts[tree] + of_tree,
        widths=np.array([len(one.features) for one in trees], dtype=np.intp),
        told=told,
        begins=begins,
        rest=sum(one.rest for one in trees),
    )


def splits_of(node: _Node) -> Iterator[_Node]:
    """Yield the splits of a tree: each before those to its left, and these before those to its right."""
    if "split_feature" in node:
        yield node
        yield from splits_of(node["left_child"])
        yield from splits_of(node["right_child"])


def _tree(structure: _Node, splits: tuple[_Node, ...]) -> _Tree:
    """Work out, for every way a tree may go, the Shapley values of the features it reads."""
    features = tuple(sorted({split["split_feature"] for split in splits}))
    coalitions = np.arange(1 << len(features))
    is_known = {f: (coalitions >> at & 1).astype(np.bool_) for at, f in enumerate(features)}

    def value(node: _Node) -> Floats:
        """Return ways x coalitions: what is expected of a branch when only the features of a coalition are known.

        The ways are those of the branch's own splits, in the order they stand: its own first, then those to its left.
        """
        if "split_feature" not in node:
            return np.full((1, 1), float(node["leaf_value"]))
        left, right = value(node["left_child"])[:, None], value(node["right_child"])[None]
        share, known = _deals(node["left_child"]) / _deals(node), is_known[node["split_feature"]]
        went = np.empty((2, len(left), right.shape[1], len(coalitions)))
        went[:] = share * left + (1.0 - share) * right
        np.copyto(went[0], right, where=known)
        np.copyto(went[1], left, where=known)
        return went.reshape(-1, len(coalitions))

    values = np.broadcast_to(value(structure), (1 << len(splits), len(coalitions)))
    shares = values @ _weights(len(features))
    # The bits of splits the tree has not got say nothing.
    return _Tree(splits, features, np.repeat(shares, 1 << (SPLITS_AT_MOST - len(splits)), axis=0), float(values[0, 0]))


def _deals(node: _Node) -> int:
    return int(node["internal_count"] if "internal_count" in node else node["leaf_count"])


@lru_cache
def _weights(features: int) -> Floats:
    """Return coalitions x features: what a coalition's value counts in a feature's Shapley value."""
    weights = np.zeros((1 << features, features))
    for coalition in range(1 << features):
        members = coalition.bit_count()
        for feature in range(features):
            if coalition >> feature & 1:
                weights[coalition, feature] = factorial(members - 1) * factorial(features - members)
            else:
                weights[coalition, feature] = -factorial(members) * factorial(features - members - 1)
    return weights / factorial(features)
