"""Chooses the reader's language."""

from __future__ import annotations

import re
from typing import Literal, get_args

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_RANGE = re.compile(r"(?P<tag>\*|[A-Za-z]{1,8})(-[A-Za-z0-9]{1,8})*(\s*;\s*[qQ]=(?P<q>0(\.[0-9]{0,3})?|1(\.0{0,3})?))?")
"""No two repetitions of it may take the same letters: a stranger's header is read by it, as long as he makes it."""


def language_from(accept_language: str | None, default: Language) -> Language:
    """Return the language an Accept-Language header prefers (RFC 9110, 12.5.4).

    The default where the header names none of ours. Of equal quality values the first wins; what is
    no language range is passed over.
    """
    weights: dict[str, float] = {}
    for written in (accept_language or "").split(","):
        found = _RANGE.fullmatch(written.strip())
        if found is not None:
            tag, weight = found["tag"].lower(), float(found["q"] or 1)
            weights[tag] = max(weight, weights.get(tag, 0.0))
    others = weights.get("*", 0.0)
    named = [language for tag in weights for language in LANGUAGES if language == tag]
    best = max(dict.fromkeys([*named, default, *LANGUAGES]), key=lambda language: weights.get(language, others))
    return best if weights.get(best, others) > 0 else default
