"""How long a database is waited for, and how long it is left alone once it has failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from mlscore.scoring.errors import StoreUnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a database is waited for, in seconds.

    `lock`: for a lock or a free connection. PostgreSQL only: `connect` for a server, `statement` for one statement,
    `silence` for a server that has stopped answering altogether; None waits on. `rest`: after a failure nobody asks
    again for so long.
    """

    lock: float = 5.0
    connect: int = 3
    statement: int = 60
    silence: float | None = None
    rest: float = 0.0


PATIENT = Waits()
"""For those who can wait: commands and training."""

BRISK = Waits(silence=5.0, rest=1.0)
"""For those whom somebody waits for."""


@dataclass(slots=True)
class Rest:
    """A while after a database failed in which nobody asks it: each who did would wait for the same failure.

    When it is over one asks first, and the others go on resting until that one knows.
    """

    seconds: float = 0.0
    longest_try: float = 5.0
    monotonic: Callable[[], float] = time.monotonic
    _until: float | None = None

    def refuse(self) -> None:
        """Raise StoreUnavailableError while it lasts."""
        until = self._until
        if until is None:
            return
        now = self.monotonic()
        if now < until:
            raise StoreUnavailableError("The database did not answer a moment ago: it is asked again shortly.")
        self._until = now + self.longest_try

    def begin(self) -> None:
        """Begin: the database has just failed."""
        if self.seconds:
            self._until = self.monotonic() + self.seconds

    def end(self) -> None:
        """End: the database has just answered."""
        self._until = None
