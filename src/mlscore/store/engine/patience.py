"""Gives up on a PostgreSQL server that has stopped answering: a frozen one keeps its connections open for ever."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Generator
from threading import Lock, Thread
from typing import Any

from psycopg import Connection

LOOKS_EVERY_SECONDS = 0.25


class Patience:
    """Ends every wait for a server that lasts longer than `seconds`, by hanging up: the one who waits gets an error.

    A server bounds its own statements only while it runs, and a kernel goes on acknowledging for a frozen one.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits: dict[int, tuple[int, float]] = {}
        self._lock = Lock()
        self._thread: Thread | None = None
        self._patient = _connections_of(self)

    def connect(self, *arguments: Any, **parameters: Any) -> Connection:  # noqa: ANN401 - as psycopg takes them
        """Connect as psycopg does; every later wait of the connection has an end."""
        return self._patient.connect(*arguments, **parameters)

    def begin(self, descriptor: int) -> int:
        """Note that a wait on this socket begins; return what `end` takes."""
        wait = (descriptor, time.monotonic() + self._seconds)
        mark = id(wait)
        self._waits[mark] = wait
        if self._thread is None:
            self._start()
        return mark

    def end(self, mark: int) -> None:
        """Note that the wait is over."""
        with self._lock:  # not while it is being hung up: the number may be another's socket the next moment
            self._waits.pop(mark, None)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._look, name="patience", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY_SECONDS)
            with self._lock:
                now = time.monotonic()
                for descriptor, until in list(self._waits.values()):
                    if until < now:
                        _hang_up(descriptor)


def _connections_of(patience: Patience) -> type[Connection]:
    """Make a class of connections, for psycopg makes them by class."""

    class Patient(Connection):
        def wait(self, gen: Generator[Any, Any, Any], *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as psycopg's
            mark = patience.begin(self.pgconn.socket)
            try:
                return super().wait(gen, *more, **named)
            finally:
                patience.end(mark)

    return Patient


def _hang_up(descriptor: int) -> None:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # somebody else has hung up already
