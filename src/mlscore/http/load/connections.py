"""Connections that say nothing: uvicorn lets them stay for ever, we do not."""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
"""Seconds within which the line and the headers of a request must have come."""

HEADER_BYTES_AT_MOST = 65_536
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Impatient(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with an end to the headers of a request, in time and in length."""

    header_seconds = HEADER_SECONDS
    _deadline: TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait for a first request."""
        super().connection_made(cast("Transport", transport))  # of a connection it is never less
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        """Read on; between two requests, begin to wait for the next one's headers."""
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._await_headers()
        super().data_received(data)
        self._unread += len(data)
        if self._deadline is not None and self._unread > HEADER_BYTES_AT_MOST and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._unread = 0
        self._deadline = self.loop.call_later(self.header_seconds, self._close)

    def _close(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
