"""Lets in only as many requests as can be answered in time: who comes beyond them is told so at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlscore.http.problems import Problem
from mlscore.http.requests import language_of


@dataclass(slots=True)
class Crowd:
    """Stands behind the reading of bodies: a slow client takes nobody's place.

    `at_most` requests are inside at once, those that wait for each other included, and each for `seconds` at most.
    Paths in `free` are never refused: who watches must be heard above all when it is full.
    """

    app: ASGIApp
    _: KW_ONLY
    at_most: int
    seconds: float
    free: frozenset[str] = frozenset()
    refused: Callable[[str], None] = lambda _reason: None
    _inside: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer 503: with `busy` at once, with `too_slow` when the time is over."""
        if scope["type"] != "http" or scope["path"] in self.free:
            await self.app(scope, receive, send)
        elif self._inside >= self.at_most:
            await self._refuse("busy", scope, receive, send)
        else:
            self._inside += 1
            try:
                await self._serve(scope, receive, send)
            finally:
                self._inside -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds):
                await self.app(scope, receive, answer)
        except TimeoutError:
            if has_begun:
                raise
            await self._refuse("too_slow", scope, receive, send)

    async def _refuse(self, reason: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.refused(reason)
        await Problem(status=503, code=f"problem.{reason}").response(language_of(scope))(scope, receive, send)
