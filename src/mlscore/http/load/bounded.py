"""Connections that take nothing: uvicorn waits for them for ever, we do not."""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle

from mlscore.http.load.connections import Impatient

TAKING_SECONDS = 10.0
"""Seconds within which some of an answer that waits to be sent must have gone."""

TAKEN_BYTES_AT_LEAST = 65_536


class Bounded(Impatient):
    """The connections of a service: who takes next to nothing of an answer is cut off.

    uvicorn would wait for it for ever, in the middle of an answer and when the connection is to be closed.
    """

    taking_seconds = TAKING_SECONDS
    _next_look: TimerHandle | None = None
    _left = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to look what is left of answers."""
        super().connection_made(transport)
        self._look_later()

    def on_response_complete(self) -> None:
        """Begin to wait anew for the client to take what is left: more was added to it."""
        self._left = 0
        super().on_response_complete()

    def resume_writing(self) -> None:
        """Begin to wait anew: the client has taken what was too much."""
        self._left = 0
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self.taking_seconds, self._look)

    def _look(self) -> None:
        # Not at the end of a pause in writing: a connection that is being closed waits for its client as well.
        left = self.transport.get_write_buffer_size()
        if left and self._left and left > self._left - TAKEN_BYTES_AT_LEAST:
            self.transport.abort()
        elif left or not self.transport.is_closing():  # else it is nobody's any more
            self._left = left
            self._look_later()
