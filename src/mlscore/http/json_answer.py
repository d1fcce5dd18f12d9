"""Writes an answer that is already of the right shape: no schema reads it a second time."""

from __future__ import annotations

from fastapi import Response
from orjson import OPT_UTC_Z, Fragment, dumps

__all__ = ["Fragment", "JsonAnswer", "written_once"]


class JsonAnswer(Response):
    """Plain values as JSON: moments and days as ISO 8601 has them."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Return the body."""
        return dumps(content, option=OPT_UTC_Z)


def written_once(part: object) -> Fragment:
    """Return a part of answers as JSON already, to be put into each as it is."""
    # A copy: what was written lies in a buffer many times its size, which the part would keep.
    return Fragment(bytes(memoryview(dumps(part, option=OPT_UTC_Z))))
