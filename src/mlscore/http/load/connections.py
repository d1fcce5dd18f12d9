"""Connections that say nothing: uvicorn lets them stay for ever, we do not."""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Iterable
from typing import cast

from mlscore.http.load.lines import InTurn
from mlscore.http.problems import Problem

HEADER_SECONDS = 10.0
"""Seconds within which the line and the headers of a request must have come."""

HEADER_BYTES_AT_MOST = 65_536
_TOO_LARGE = Problem(status=431, code="problem.long_headers", params={"at_most": HEADER_BYTES_AT_MOST})


class Impatient(InTurn):
    """HTTP/1.1 with an end to the headers of a request, in time and in length."""

    header_seconds = HEADER_SECONDS
    _deadline: TimerHandle | None = None
    _unread = 0
    """Bytes that came since the last headers or part of a body: headers, or what stands between chunks."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for a first request."""
        super().connection_made(cast("Transport", transport))  # of a connection it is never less
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Read on; between two requests, begin to wait for the next one's headers."""
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._await_headers()
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEADER_BYTES_AT_MOST:
            self.refuse(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Stop waiting. Raises ValueError for headers that are too long, though they came at once."""
        self._stop_waiting()
        if self._unread > HEADER_BYTES_AT_MOST and _bytes_of(self.url, self.headers) > HEADER_BYTES_AT_MOST:
            self.give_up(_TOO_LARGE)
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body: what came was none of the headers. Once it is answered it does not go on for ever."""
        if not self.cycle.response_complete:
            self._unread = 0
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._deadline = self.loop.call_later(self.header_seconds, self._close)

    def _close(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _bytes_of(url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in headers)
