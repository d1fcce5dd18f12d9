"""Maps the words people write for an industry or a category to its code."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Texts
from mlscore.scoring.policy.terms import Category, Industry

Rows = tuple[Industry, ...] | tuple[Category, ...]


def normalised(text: str) -> str:
    """Return a text as it is compared: no case, single spaces, ё as е, one form of every letter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).replace("ё", "е")


class Vocabulary:
    """The codes of a list and the words that mean them."""

    __slots__ = ("_positions", "codes")

    def __init__(self, rows: Sequence[Industry | Category]) -> None:
        self.codes = tuple(row.code for row in rows)
        self._positions: dict[Any, int] = {None: -1}
        for position, row in enumerate(rows):
            for word in (row.code, *row.synonyms):
                self._positions[word] = self._positions[normalised(word)] = position

    def index(self, text: str | None) -> int:
        """Return the position of the code a text means, or -1 where it means none or is unknown."""
        found = self._positions.get(text)
        if found is None and text is not None:
            found = self._positions.get(normalised(text))
        return -1 if found is None else found

    def indices(self, texts: Texts) -> NDArray[np.intp]:
        """Return the positions of the codes a column of texts means, -1 where none."""
        known = {text: self.index(text) for text in set(texts.tolist())}
        return np.fromiter((known[text] for text in texts.tolist()), dtype=np.intp, count=len(texts))


class _Same:
    """Compares by identity: hashing every word of a policy would cost more than looking one up."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def __hash__(self) -> int:
        return id(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rows is other.rows


def vocabulary_of(rows: Rows) -> Vocabulary:
    """Return the vocabulary of a policy's `industries` or `categories`, made once for each."""
    return _made(_Same(rows))


@lru_cache(maxsize=64)
def _made(same: _Same) -> Vocabulary:
    return Vocabulary(same.rows)
