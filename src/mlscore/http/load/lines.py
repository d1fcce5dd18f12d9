"""What passes over one connection: HTTP/1.1 and nothing else, in turn, each request answered in its own place."""

from __future__ import annotations

from asyncio import Transport
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import httptools
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mlscore.http.problems import Problem
from mlscore.http.requests import REQUEST_ID, SECURITY
from mlscore.texts import language_from

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

NOT_HTTP = Problem(status=HTTPStatus.BAD_REQUEST, code="problem.not_http")
FULL = Problem(status=HTTPStatus.SERVICE_UNAVAILABLE, code="problem.busy")

WAITING_AT_MOST = 64
"""Requests of one connection that wait for the one in hand; those after them are not read, and it is closed."""


class InTurn(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which answers with problems, takes up no upgrade, and mixes no two answers up.

    uvicorn drops the body of a request that asks for another protocol, as Java's own client does unless told otherwise,
    or takes it for a request.
    """

    _in_hand: RequestResponseCycle | None = None
    _is_deaf = False
    _fault = NOT_HTTP

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin."""
        super().connection_made(transport)
        # uvicorn's own refusal says nothing; ours is made where the headers are known.
        self._connections_at_most, self.limit_concurrency = self.limit_concurrency, None
        self._served = self.app

    def data_received(self, data: bytes) -> None:
        """Read what came; a request that asks for another protocol is read anew, as one that does not."""
        self._unset_keepalive_if_required()
        parts = [memoryview(data)]
        while parts and not self._is_deaf:
            try:
                self.parser.feed_data(parts[0])
            except httptools.HttpParserUpgrade as asked:
                parts[:1] = [self._asked_plainly(), parts[0][asked.args[0] :]]
            except httptools.HttpParserError:
                self.refuse(self._fault)
            else:
                del parts[0]

    def on_headers_complete(self) -> None:
        """Begin a request, unless it asks for another protocol: then it is read anew.

        Raises ValueError where too many wait: with each that is answered uvicorn would read thousands more.
        """
        if self.parser.should_upgrade():
            return
        if len(self.pipeline) >= WAITING_AT_MOST:
            self.give_up(FULL)
        at_most = self._connections_at_most
        is_full = at_most is not None and max(len(self.connections), len(self.tasks)) >= at_most
        self.app = cast("ASGI3Application", _full) if is_full else self._served
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request, unless it was none yet."""
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self.cycle.more_body = False  # uvicorn leaves it so where the answer came before the end

    def give_up(self, problem: Problem) -> None:
        """End the reading from within it: what comes cannot be used. Raises ValueError, for the reader to stop."""
        self._fault = problem
        raise ValueError(problem.code)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the request in hand know too, not only the newest of those that wait for it."""
        super().connection_lost(exc)
        if self._in_hand is not None and not self._in_hand.response_complete:
            self._in_hand.disconnected = True
            self._in_hand.message_event.set()

    def refuse(self, problem: Problem) -> None:
        """Answer what cannot be used and close, once the requests before it have their answers."""
        self._is_deaf = True
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()  # what cannot be read is its body
        waiting = self.pipeline[0][0] if self.pipeline else self._in_hand
        if waiting is not None and not waiting.response_complete and not waiting.more_body:
            waiting.keep_alive = False
            self.flow.pause_reading()
        elif not self.transport.is_closing():
            is_told = waiting is not None and waiting.more_body and waiting.response_started
            if not is_told:  # a second answer to one request would be taken for that of the next
                self.transport.write(_written(_response(problem, self.headers or ())))
            self.transport.close()

    def _asked_plainly(self) -> memoryview:
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":  # it asks for nothing else, and no body follows it
            self.refuse(NOT_HTTP)
        kept = [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return memoryview(b"\r\n".join([b"%b %b HTTP/%b" % (method, self.url, version), *kept, b"\r\n"]))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._in_hand = cycle
        super()._start_asgi_task(cycle, app)


async def _full(scope: Scope, receive: Receive, send: Send) -> None:
    await _response(FULL, scope["headers"])(scope, receive, send)


def _response(problem: Problem, asked_with: Iterable[tuple[bytes, bytes]]) -> Response:
    accepted = dict(asked_with).get(b"accept-language", b"").decode("latin-1")
    response = problem.response(language_from(accepted, "en"))
    response.headers.update({REQUEST_ID: uuid4().hex, "Connection": "close"})
    response.raw_headers += SECURITY
    return response


def _written(response: Response) -> bytes:
    lines = [b"%b: %b\r\n" % header for header in response.raw_headers]
    return b"".join([STATUS_LINE[response.status_code], *lines, b"\r\n", bytes(response.body)])
