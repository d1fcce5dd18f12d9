"""Tells our own forms from those of other sites: each carries what only our page could know."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

FIELD = "csrf"
_FROM_OUR_PAGES = frozenset({None, "same-origin", "none"})


def mark_of(token: str) -> str:
    """Return what the forms of a session carry; it tells nothing of the token it is made from."""
    return hmac.new(token.encode(errors="surrogatepass"), b"mlscore form", "sha256").hexdigest()


def is_ours(form: Mapping[str, str], headers: Mapping[str, str], token: str | None) -> bool:
    """Tell whether a form was sent from a page of ours to the browser that shows this token."""
    if token is None or headers.get("sec-fetch-site") not in _FROM_OUR_PAGES:
        return False
    return hmac.compare_digest(mark_of(token).encode(), form.get(FIELD, "").encode(errors="surrogatepass"))
