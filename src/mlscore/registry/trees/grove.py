"""All small trees of a model, walked together, and for a deal as it would be only where that differs from the deal.

LightGBM walks every tree of every booster anew for each row. Most rows of one answer are one deal with a fact changed,
so here the way of each tree is kept as bits, one a split, and only the splits that read a changed feature are asked
again. The leaves are those LightGBM would reach and are added in its order: not a bit of a sum differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlscore.registry.trees.shares import SPLITS_AT_MOST, splits_of
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Design, Inputs

if TYPE_CHECKING:
    from mlscore.registry.trees.plain import AnyBooster

Bits = NDArray[np.uint64]

_WAYS = 1 << SPLITS_AT_MOST
_WORD = 8
"""Bytes of a word: the ways of so many trees."""

_WORDS_AT_ONCE = 1 << 16
"""So many words of working bits stay near the processor."""

_MANY = 256
"""From so many rows on, and so many at once, it is faster to go feature by feature."""

_NOTHING = float(np.float32(1e-35))
"""What LightGBM takes for 0."""

_PLAIN = {"", "regression"}
"""The objectives whose answer is the raw sum as it stands."""

_Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grove:
    """Boosters over one feature matrix, as tables.

    `features` are those any split reads, by their place in the matrix, and `read` tells of a place which of them it is
    (-1: none). A feature's values fall into bins at its `corners` (one row a feature, padded with infinity), the
    unknown into the bin `unknown`; `bits` says, bin by bin from `begins` on, which splits that read the feature then go
    left. `leaves` hold trees x ways, `ends` where in them each booster's trees end, and `is_plain` whether a booster's
    answer is the sum itself.
    """

    features: NDArray[np.intp]
    read: NDArray[np.intp]
    corners: Floats
    unknown: NDArray[np.intp]
    begins: NDArray[np.intp]
    bits: Bits
    leaves: Floats
    ends: tuple[int, ...]
    is_plain: tuple[bool, ...]

    def __call__(self, inputs: Inputs) -> Floats:
        """Return boosters x deals: the raw sum of each booster's leaves, worked out once for the same inputs."""
        return inputs.once(self, "sums", lambda: self._sums(self.ways(inputs)))

    def ways(self, inputs: Inputs) -> Bits:
        """Return deals x words: the way every tree goes."""
        return inputs.once(
            self,
            "ways",
            lambda: self._walked(inputs.matrix) if inputs.origin is None else self._changed(inputs, *inputs.origin),
        )

    def _walked(self, matrix: Floats) -> Bits:
        rows, words = len(matrix), self.bits.shape[1]
        ways = np.zeros((rows, words), dtype=np.uint64)
        if rows >= _MANY:
            for first in range(0, rows, _MANY):
                self._walk_by_feature(matrix[first : first + _MANY], ways[first : first + _MANY])
            return ways
        everywhere = np.arange(len(self.features))
        step = max(1, _WORDS_AT_ONCE // max(1, words * len(everywhere)))
        for first in range(0, rows if len(everywhere) else 0, step):
            bins = self._bins(matrix[first : first + step, self.features], everywhere)
            np.bitwise_xor.reduce(self.bits.take(bins, axis=0), axis=1, out=ways[first : first + step])
        return ways

    def _walk_by_feature(self, matrix: Floats, ways: Bits) -> None:
        """Put one feature after the other into ways that are 0: `_bins`, as is faster for many rows."""
        places = zip(self.features.tolist(), self.corners, self.unknown.tolist(), self.begins.tolist(), strict=True)
        for feature, corners, unknown, begin in places:
            column = matrix[:, feature] * (np.abs(matrix[:, feature]) > _NOTHING)
            found = np.searchsorted(corners[: unknown - 1], column)  # the last but one bin lies past every corner
            found[np.isnan(column)] = unknown
            ways ^= self.bits[begin : begin + unknown + 1].take(found, axis=0, mode="clip")

    def _changed(self, inputs: Inputs, before: Inputs, whose: NDArray[np.intp]) -> Bits:
        """Walk what was changed only: a split's bit is its feature's own, so what went out comes off by XOR."""
        ways = self.ways(before)[whose]
        row, place = inputs.changed()
        read = self.read[place] >= 0
        row, place = row[read], place[read]
        now, was = inputs.matrix[row, place], before.matrix[whose[row], place]
        step = max(1, _WORDS_AT_ONCE // max(1, self.bits.shape[1]))
        for first in range(0, len(row), step):
            some = slice(first, first + step)
            at, which = row[some], self.read[place[some]]
            bins = self._bins(np.array([now[some], was[some]]), which)
            flips = self.bits.take(bins[0], axis=0)
            flips ^= self.bits.take(bins[1], axis=0)
            begins = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
            ways[at[begins]] ^= np.bitwise_xor.reduceat(flips, begins, axis=0)
        return ways

    def _bins(self, values: Floats, which: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return where in `bits` values fall: past every corner that is less."""
        values = values * (np.abs(values) > _NOTHING)
        found = np.zeros(values.shape, dtype=np.intp)
        half, begins = self.corners.shape[1] // 2, which * self.corners.shape[1] - 1
        while half:
            found += half * (self.corners.take(begins + (found + half)) < values)
            half //= 2
        return self.begins[which] + np.where(np.isnan(values), self.unknown[which], found)

    def _sums(self, ways: Bits) -> Floats:
        trees = len(self.leaves) // _WAYS
        sums = np.empty((len(self.ends), len(ways)))
        offsets = np.arange(trees)[:, None] * _WAYS
        step = max(1, _WORDS_AT_ONCE // max(1, trees))
        for first in range(0, len(ways), step):
            at = ways[first : first + step].view(np.uint8)[:, :trees].T.astype(np.intp, order="C")
            at += offsets
            read = self.leaves.take(at, mode="clip")
            begin = 0
            for booster, end in enumerate(self.ends):
                sums[booster, first : first + step] = _added(read[begin:end])
                begin = end
        return sums


def _added(leaves: Floats) -> Floats:
    """Add trees x rows up tree by tree, as LightGBM does; NumPy's own sum of a single row would pair the terms."""
    return np.add.reduce(leaves, axis=0) if leaves.shape[1] > 1 else np.add.accumulate(leaves, axis=0)[-1]


def grown(boosters: Sequence[tuple[AnyBooster, Design]], *, features: int) -> Grove | None:
    """Return the trees of boosters over so many features as tables; None where there are none or one cannot be so.

    A tree may have `SPLITS_AT_MOST` splits by numbers; the booster's answer must be the sum of its leaves.
    """
    read = [(booster.dump_model(), design) for booster, design in boosters]
    if not read or not all(_can_be_walked(document) for document, _ in read):
        return None
    trees = [(tree["tree_structure"], design) for document, design in read for tree in document["tree_info"]]
    splits = [
        (tree * SPLITS_AT_MOST + place, split, design)
        for tree, (structure, design) in enumerate(trees)
        for place, split in enumerate(splits_of(structure))
    ]
    words = -(-len(trees) // _WORD)
    by_feature: dict[int, list[tuple[int, _Node, float]]] = {}
    for bit, split, design in splits:
        column = split["split_feature"]
        by_feature.setdefault(int(design.source[column]), []).append((bit, split, float(design.level[column])))
    used = sorted(by_feature)
    corners = [_corners(by_feature[feature]) for feature in used]
    width = 1 << max((len(each) for each in corners), default=0).bit_length()
    bits = [_bits(by_feature[feature], values, words) for feature, values in zip(used, corners, strict=True)]
    sizes = [len(each) for each in bits]
    read_at = np.full(features, -1, dtype=np.intp)
    read_at[used] = np.arange(len(used))
    return Grove(
        features=np.array(used, dtype=np.intp),
        read=read_at,
        corners=np.array([np.pad(c, (0, width - len(c)), constant_values=np.inf) for c in corners]),
        unknown=np.array([size - 1 for size in sizes], dtype=np.intp),
        begins=np.cumsum([0, *sizes])[:-1].astype(np.intp),
        bits=np.concatenate(bits) if bits else np.zeros((0, words), dtype=np.uint64),
        leaves=np.concatenate([_leaves(structure) for structure, _ in trees]),
        ends=tuple(np.cumsum([len(document["tree_info"]) for document, _ in read]).tolist()),
        is_plain=tuple(d.get("objective", "") in _PLAIN and not d.get("average_output") for d, _ in read),
    )


def _can_be_walked(document: _Node) -> bool:
    is_a_sum = document.get("objective", "") in {*_PLAIN, "binary sigmoid:1", "cross_entropy"}
    each = [list(splits_of(tree["tree_structure"])) for tree in document["tree_info"]]
    return (
        bool(each)
        and is_a_sum
        and all(
            len(splits) <= SPLITS_AT_MOST
            and all(s["decision_type"] == "<=" and s["missing_type"] != "Zero" for s in splits)
            for splits in each
        )
    )


def _corners(splits: Iterable[tuple[int, _Node, float]]) -> Floats:
    """Return where the answer of any split by one feature may change, rising."""
    found: set[float] = set()
    for _, split, level in splits:
        if np.isnan(level):
            found.add(float(split["threshold"]))
        elif level >= 0.0:
            found |= {level - 0.5, level}  # codes are whole
    return np.array(sorted(found))


def _bits(splits: Sequence[tuple[int, _Node, float]], corners: Floats, words: int) -> Bits:
    """Return bins x words: for each bin, the last of them the unknown, the splits of one feature that go left."""
    values = np.concatenate([corners, [np.inf, np.nan]])  # one of each bin: its own upper corner
    goes_left = np.zeros((len(values), words * _WORD * SPLITS_AT_MOST), dtype=np.bool_)
    for bit, split, level in splits:
        goes_left[:, bit] = _goes_left(values, split, level)
    return np.packbits(goes_left, axis=1).view(np.uint64)


def _goes_left(values: Floats, split: _Node, level: float) -> NDArray[np.bool_]:
    read = values if np.isnan(level) else (np.isnan(values) if level < 0.0 else values == level).astype(np.float64)
    threshold = float(split["threshold"])
    unknown_left = split["default_left"] if split["missing_type"] == "NaN" else threshold >= 0.0
    return np.asarray(np.where(np.isnan(read), unknown_left, read <= threshold))


def _leaves(structure: _Node) -> Floats:
    """Return the value of the leaf that each way of a tree ends in."""

    def value(node: _Node) -> Floats:
        """Return the same of a branch, for the ways of its own splits: its first, then those to its left."""
        if "split_feature" not in node:
            return np.array([float(node["leaf_value"])])
        left, right = value(node["left_child"]), value(node["right_child"])
        return np.concatenate([np.tile(right, len(left)), np.repeat(left, len(right))])

    leaves = value(structure)
    # The bits of splits the tree has not got say nothing.
    return np.repeat(leaves, _WAYS // len(leaves))
