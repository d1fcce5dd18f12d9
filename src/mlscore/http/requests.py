"""Gives every request its id and its reader's language, logs it, and answers when all else failed."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from http import HTTPStatus
from typing import cast
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlscore.http.metrics import Metrics
from mlscore.http.problems import Problem
from mlscore.texts import Language, language_from

REQUEST_ID = "X-Request-ID"
SECURITY: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""What every answer says to a browser or a proxy: keep it nowhere, guess nothing, show it in no frame."""

_CSP = b"content-security-policy"
_LOADS_NOTHING = (_CSP, b"default-src 'none'; frame-ancestors 'none'")
_LOADS_SWAGGER = (
    _CSP,
    (
        b"default-src 'none'; frame-ancestors 'none'; connect-src 'self'; img-src data: https://fastapi.tiangolo.com; "
        b"script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net"
    ),
)

CLIENT_GONE = 499
"""What is noted where nobody waited for an answer."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_logger = structlog.get_logger()


def language_of(scope: Scope) -> Language:
    """Return the language of a request that came through `Requests`."""
    return cast("Language", scope["state"]["language"])


@dataclass(frozen=True, slots=True)
class Requests:
    """The outermost room of the service: whatever happens inside, a client gets an answer with a number on it."""

    app: ASGIApp
    _: KW_ONLY
    language: Language
    metrics: Metrics
    routes: Sequence[BaseRoute] = field(default=())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers.get(REQUEST_ID))
        language = language_from(headers.get("accept-language"), self.language)
        started = time.perf_counter()
        came = {"language": language, "request_id": request_id, "came_at": started}
        scope["state"] = {**scope.get("state", {}), **came}
        answer = _Answer(send, request_id)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with self.metrics.in_flight():
                await self.app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - the very edge: nothing may leave a client without an answer
            # Where, not what: the message of an error may repeat a fact of a deal.
            where = traceback.format_tb(error.__traceback__)
            _logger.error("request failed", error=type(error).__name__, where=where)  # noqa: TRY400 - its own text may name facts
            if not answer.status:
                problem = Problem(status=500, code="problem.unexpected")
                await problem.response(language)(scope, receive, answer)
        finally:
            self._note(scope, answer.status or CLIENT_GONE, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's pattern, not the address: an address names a deal.
        route = getattr(scope.get("route") or self._route_of(scope), "path", "none")
        self.metrics.served(route=route, status=status, seconds=seconds)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.metrics.refused("rate")
        key_id = scope["state"].get("key_id")
        _logger.info("request", method=scope["method"], route=route, status=status, seconds=seconds, key_id=key_id)

    def _route_of(self, scope: Scope) -> BaseRoute | None:
        # A request refused or replayed on its way in never met the router; it was meant for a route all the same.
        return next((route for route in self.routes if route.matches(scope)[0] is Match.FULL), None)


class _Answer:
    """Sends on, noting the status and adding the request's id."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID] = self._request_id
            said = dict(message["headers"])
            is_page = said.get(b"content-type", b"").startswith(b"text/html")
            ours = (*SECURITY, _LOADS_SWAGGER if is_page else _LOADS_NOTHING)
            message["headers"] += [header for header in ours if header[0] not in said]
        await self._send(message)


def _request_id(given: str | None) -> str:
    return given if given is not None and _PLAIN_ID.fullmatch(given) else uuid4().hex
