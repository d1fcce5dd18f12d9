"""Refuses a body that is too large, before more of it than the limit is held."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlscore.http.problems import Problem
from mlscore.http.requests import language_of


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Reads the whole body, chunked ones too, up to `at_most_bytes` or the limit of its path, and passes it on.

    A body must arrive within `seconds`: who sends a byte a minute holds a connection, and nothing else.
    `one_deal_bytes` are the limits of paths that take a single deal, which cannot be split.
    """

    app: ASGIApp
    _: KW_ONLY
    at_most_bytes: int
    seconds: float = 30.0
    one_deal_bytes: Mapping[str, int] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 for a body beyond the limit, 408 for one that does not arrive in time."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = min(self.one_deal_bytes.get(scope["path"], self.at_most_bytes), self.at_most_bytes)
        declared = Headers(scope=scope).get("content-length", "")
        try:
            async with asyncio.timeout(self.seconds):
                body = None if declared.isdecimal() and int(declared[:20]) > limit else await _read(receive, limit)
        except TimeoutError:
            problem = Problem(status=408, code="problem.slow_body", headers={"Connection": "close"})
            await problem.response(language_of(scope))(scope, receive, send)
            return
        except ClientDisconnect:
            return  # Half a request is none, and there is nobody left to answer.
        if body is None:
            said = "problem.too_large.one_deal" if scope["path"] in self.one_deal_bytes else "problem.too_large.limit"
            problem = Problem(status=413, code="problem.too_large", said=said, params={"at_most": limit})
            await problem.response(language_of(scope))(scope, receive, send)
            return
        await self.app(scope, replayed(body, receive), send)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body already read, then whatever comes."""
    pending = [body]

    async def again() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return again


async def _read(receive: Receive, limit: int) -> bytes | None:
    parts, size, has_more = [], 0, True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        has_more = message.get("more_body", False)
    return b"".join(parts)
