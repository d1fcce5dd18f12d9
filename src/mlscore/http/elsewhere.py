"""What answers where the API has no route: the pages, made when the first of them is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

_OF_PROGRAMS = ("/v1", "/v2", "/health", "/metrics", "/openapi", "/docs")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Sends people to the `pages`, and tells programs that there is `nothing`."""

    pages: ASGIApp
    nothing: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        is_for_people = scope["type"] == "http" and not scope["path"].startswith(_OF_PROGRAMS)
        await (self.pages if is_for_people else self.nothing)(scope, receive, send)


@dataclass(slots=True)
class WhenAsked:
    """An application that is made when it is first asked for."""

    make: Callable[[], ASGIApp]
    _made: list[ASGIApp] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if not self._made:
            await run_in_threadpool(self._make_once)
        await self._made[0](scope, receive, send)

    def _make_once(self) -> None:
        with self._lock:
            if not self._made:
                self._made.append(self.make())
