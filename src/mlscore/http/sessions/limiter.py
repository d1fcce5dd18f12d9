"""Slows down who tries passwords: so many tries a minute from one address, whoever they are for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

TRIES_A_MINUTE = 20
WINDOW_SECONDS = 60.0
_COUNTED_AT_MOST = 10_000


@dataclass(slots=True)
class Limiter:
    """Counts tries by address, in this worker."""

    at_most: int = TRIES_A_MINUTE
    monotonic: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def may_try(self, address: str) -> bool:
        """Count a try; tell whether it is one too many."""
        now = self.monotonic()
        ends, taken = self._windows.get(address, (0.0, 0))
        if ends <= now:
            if len(self._windows) >= _COUNTED_AT_MOST:
                self._windows = {one: window for one, window in self._windows.items() if window[0] > now}
            ends, taken = now + WINDOW_SECONDS, 0
        self._windows[address] = ends, taken + 1
        return taken < self.at_most
