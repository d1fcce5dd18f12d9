"""Counts each key's requests, so that one client gone wild leaves room for the others."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import NamedTuple

from mlscore.ports import Key

WINDOW_SECONDS = 60
_COUNTED_AT_MOST = 10_000


class Share(NamedTuple):
    """What a key may do in one worker: requests a window, how many are left, and seconds until it begins anew."""

    at_most: int
    left: int
    seconds: int
    is_spent: bool

    def headers(self) -> dict[str, str]:
        """Return the fields of the IETF draft `draft-ietf-httpapi-ratelimit-headers`."""
        return {
            "RateLimit-Policy": f'"key";q={self.at_most};w={WINDOW_SECONDS}',
            "RateLimit": f'"key";r={self.left};t={self.seconds}',
        }


@dataclass(slots=True)
class Rates:
    """Allows each key its own rate, or `per_minute`; 0 is no limit.

    A rate is that of all `workers` together: each counts for itself and allows an equal share. Counted is by a clock
    that only goes forward: one set back must not lock a firm out.
    """

    per_minute: int = 0
    _: KW_ONLY
    workers: int = 1
    monotonic: Callable[[], float] = time.monotonic
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, key: Key) -> Share | None:
        """Count one request of a key; None where it has no limit."""
        rate = self.per_minute if key.rate_per_minute is None else key.rate_per_minute
        if rate == 0:
            return None
        at_most, now = math.ceil(rate / self.workers), self.monotonic()
        ends, taken = self.windows.get(key.key_id, (0.0, 0))
        if ends <= now:
            if len(self.windows) >= _COUNTED_AT_MOST:
                self.windows = {one: window for one, window in self.windows.items() if window[0] > now}
            ends, taken = now + WINDOW_SECONDS, 0
        self.windows[key.key_id] = ends, taken + 1
        left = at_most - taken - 1
        return Share(at_most, max(left, 0), math.ceil(ends - now), is_spent=left < 0)
