"""Writes an answer that is already of the right shape: no schema reads it a second time."""

from __future__ import annotations

from fastapi import Response
from pydantic_core import to_json


class JsonAnswer(Response):
    """Plain values as JSON: moments and days as ISO 8601 has them."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Return the body."""
        return to_json(content)
