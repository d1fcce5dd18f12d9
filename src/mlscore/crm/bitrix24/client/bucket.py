"""Keeps our calls below what a portal lets through: a bucket that leaks, as the portal's own does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from threading import Lock


@dataclass(frozen=True, slots=True)
class Pace:
    """How many calls a portal takes at once, and a second. The default stays below those of every plan but Enterprise.

    Source: the limits of Bitrix24's REST: the counter falls by 2 a second, and calls above 50 are refused (Enterprise:
    5 and 250). It counts every application behind one address.
    """

    at_once: int = 40
    per_second: float = 2.0


@dataclass(slots=True)
class Bucket:
    """Lets one call in after the other, and has it wait where the bucket is full."""

    pace: Pace
    _: KW_ONLY
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _level: float = 0.0
    _seen_at: float | None = None
    _lock: Lock = field(default_factory=Lock)

    def enter(self) -> None:
        """Wait until one more call fits in."""
        with self._lock:
            now = self.monotonic()
            if self._seen_at is not None:
                self._level = max(0.0, self._level - (now - self._seen_at) * self.pace.per_second)
            self._seen_at = now
            self._level += 1.0
            wait = (self._level - self.pace.at_once) / self.pace.per_second
        if wait > 0.0:
            self.sleep(wait)

    def fill(self) -> None:
        """Take the portal's word for it that the bucket is full: others call it too."""
        with self._lock:
            self._level, self._seen_at = max(self._level, float(self.pace.at_once)), self.monotonic()
