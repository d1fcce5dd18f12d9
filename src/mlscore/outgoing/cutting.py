"""Cuts a call off at its time: who sends a letter now and then is waited for anew at every one of them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

_CONNECTED = "connection.connect_tcp.complete"
_ENCRYPTED = "connection.start_tls.complete"


@dataclass(slots=True)
class Line:
    """The newest connection to a host, noted as it is made. Calls of one caller come one after the other."""

    peer: str | None = None
    """The address at the other end, which the system forgets once that has hung up."""

    _stream: Any = field(default=None)

    def note(self, name: str, told: Mapping[str, Any]) -> None:
        """Note a connection; every other step of a call is passed over. This is the `trace` of the HTTP client."""
        if name == _CONNECTED:
            self.peer = None  # that of an earlier connection says nothing of this one
        if name in {_CONNECTED, _ENCRYPTED}:
            self._stream = told["return_value"]
            with suppress(OSError):
                self.peer = self._stream.get_extra_info("server_addr")[0]

    def cut_after(self, seconds: float) -> Timer:
        """Have the line cut unless that is cancelled first."""
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        return timer

    def _cut(self) -> None:
        """Wake whoever reads from the other end: to him it has hung up."""
        line = None if self._stream is None else self._stream.get_extra_info("socket")
        if isinstance(line, socket.socket):
            with suppress(OSError):  # it has hung up indeed
                # Of the plain socket: TLS would take its state from under who reads.
                socket.socket.shutdown(line, socket.SHUT_RDWR)
