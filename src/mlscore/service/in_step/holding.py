"""Holds a CRM for one worker: the others wait, and one of them goes on within seconds of its death."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread

import structlog

from mlscore.ports import Clock, Hold, Holds
from mlscore.scoring.errors import StoreUnavailableError

HELD_FOR = timedelta(seconds=8)
"""After so long without a word of the one who holds it, another does."""

SAYS_EVERY_SECONDS = 2.0

_logger = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Holding:
    """One worker's part in it, by its name (`by`); says every few seconds that it lives, or looks who holds the CRM."""

    firm: str
    crm: str
    holds: Holds
    clock: Clock
    by: str
    monotonic: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _says_at: float = 0.0
    _mine_until: float = 0.0
    _told: str | None = None

    def is_mine(self) -> bool:
        """Tell whether this worker may call the CRM now. Raises StoreUnavailableError."""
        with self._lock:
            now = self.monotonic()
            if now >= self._says_at:
                self._say(now)
            return self.monotonic() < self._mine_until

    def is_still_mine(self) -> bool:
        """Tell the same from memory, without asking anybody: not while the word of who holds it is due for too long."""
        return self.monotonic() < self._mine_until

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Say it from a thread as well, for a call may wait for minutes where the CRM asks for it; leave at the end."""
        ended = Event()
        thread = Thread(target=self._go_on, args=(ended,), name="holding", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            with suppress(StoreUnavailableError):  # then it ends by itself
                self.holds.leave(self.firm, self.crm, by=self.by)

    def _go_on(self, ended: Event) -> None:
        while not ended.wait(SAYS_EVERY_SECONDS / 2):
            with suppress(StoreUnavailableError):  # the worker's next turn says so, and rests
                self.is_mine()

    def _say(self, now: float) -> None:
        at = self.clock()
        hold = self.holds.take(self.firm, self.crm, by=self.by, at=at, until=at + HELD_FOR)
        # Only then: who could not say it says it again at the next turn.
        self._says_at = now + SAYS_EVERY_SECONDS
        self._mine_until = now + HELD_FOR.total_seconds() if hold.by == self.by else 0.0
        if hold.by != self._told:
            self._tell(hold)
            self._told = hold.by

    def _tell(self, hold: Hold) -> None:
        if hold.by == self.by:
            _logger.info("holding", crm=self.crm, by=self.by)
        else:
            _logger.info("waiting: another worker holds the CRM", crm=self.crm, by=self.by, held_by=hold.by)
