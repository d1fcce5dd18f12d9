"""Slows down who guesses passwords: so many wrong ones a minute from one address, whoever they are for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES_A_MINUTE = 20
WINDOW_SECONDS = 60.0
_COUNTED_AT_MOST = 10_000


@dataclass(slots=True)
class Limiter:
    """Counts failures by address, in this worker."""

    at_most: int = FAILURES_A_MINUTE
    monotonic: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def may_try(self, address: str) -> bool:
        """Tell whether an address has not failed too often within a minute."""
        ends, failed = self._windows.get(address, (0.0, 0))
        return ends <= self.monotonic() or failed < self.at_most

    def failed(self, address: str) -> None:
        """Count a failure."""
        now = self.monotonic()
        ends, failed = self._windows.get(address, (0.0, 0))
        if ends <= now:
            if len(self._windows) >= _COUNTED_AT_MOST:
                self._windows = {one: window for one, window in self._windows.items() if window[0] > now}
            ends, failed = now + WINDOW_SECONDS, 0
        self._windows[address] = ends, failed + 1
