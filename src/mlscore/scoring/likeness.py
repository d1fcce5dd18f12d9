"""Which name of ours was meant by one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_LOOKED_AT = 64
"""So many letters of a name are looked at: strangers send them, of any length."""

_ALIKE = 0.7


def meant_by(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, whatever its case; None where none is like it."""
    return _most_like(name[:_LOOKED_AT].lower(), tuple(known))


@lru_cache(maxsize=1024)
def _most_like(name: str, known: tuple[str, ...]) -> str | None:
    """Look once for a name that is misspelt in every deal of a batch: it costs more than to read the deal."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=_ALIKE)), None)
