"""Ends a service in two steps: first it asks for no more work, then the server finishes what it has."""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

from starlette.datastructures import State


def not_ready_first(state: State, *, seconds: float) -> None:
    """On SIGTERM be not ready for `seconds`, while still answering, and only then leave the rest to the server.

    Balancers look every few seconds; until they have, requests go on coming. Call it when the server has set its own
    handler, within its loop. In a thread, where no signal arrives, nothing is done.
    """
    servers = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(servers):
        return
    loop = asyncio.get_running_loop()

    def begin(number: int, frame: FrameType | None) -> None:
        if state.draining:  # told twice: whoever it is does not want to wait
            servers(number, frame)
            return
        state.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, servers, number, frame)

    signal.signal(signal.SIGTERM, begin)
