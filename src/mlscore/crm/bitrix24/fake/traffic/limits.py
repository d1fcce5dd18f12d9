"""The portal's limits, and who comes back before he may."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from mlscore.crm.bitrix24.fake.refusals import system

BUCKETS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the portal bears; as its documents have it for all plans but the largest.

    A request adds 1 to a counter that drains so many a second; above `block_above` it is refused. A method may take
    `operating_seconds` in ten buckets of `bucket_seconds`; a call of it costs `seconds_of`, counted and not slept.
    """

    drains: float = 2.0
    block_above: float = 50.0
    operating_seconds: float = 480.0
    bucket_seconds: float = 60.0
    seconds_of: float = 0.05
    tells_operating: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal of a limit: what for, when, from when on one may come back, and after how long somebody did.

    `request` is the number of the request it was given to; a batch is one.
    """

    code: str
    method: str
    at: float
    free_at: float
    request: int = 0
    back_after: float | None = None

    @property
    def was_early(self) -> bool:
        """Whether whoever was refused came back before he could hope for more."""
        return self.back_after is not None and self.at + self.back_after < self.free_at


@dataclass(slots=True)
class Gate:
    """Counts requests and time, and refuses what is too much."""

    limits: Limits
    monotonic: Callable[[], float]
    wall: Callable[[], float]
    refusals: list[Refusal] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _request: int = 0
    _level: float = 0.0
    _seen_at: float | None = None
    _open: dict[str, int] = field(default_factory=dict)
    _spent: dict[str, dict[int, float]] = field(default_factory=dict)
    _began: dict[tuple[str, int], float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, method: str) -> None:
        """Count a request. Raises PortalRefusedError."""
        with self._lock:
            now = self.monotonic()
            self._request += 1
            self._note_return(now, "QUERY_LIMIT_EXCEEDED")
            drained = 0.0 if self._seen_at is None else (now - self._seen_at) * self.limits.drains
            self._level, self._seen_at = max(0.0, self._level - drained) + 1, now
            if self._level <= self.limits.block_above:
                return
            self._level = min(self._level, self.limits.block_above + 1)
            over = self._level + 1 - self.limits.block_above
            self._refuse(Refusal("QUERY_LIMIT_EXCEEDED", method, now, now + (over - 1) / self.limits.drains))
            raise system("QUERY_LIMIT_EXCEEDED")

    def check_time(self, method: str) -> None:
        """Refuse a method that has taken too long. Raises PortalRefusedError."""
        with self._lock:
            now = self.monotonic()
            self._note_return(now, f"OPERATION_TIME_LIMIT {method}")
            self.calls[method] += 1
            if self._operating(method) <= self.limits.operating_seconds:
                return
            free_in = max(0.0, self._reset_at(method) - self.wall())
            self._refuse(Refusal("OPERATION_TIME_LIMIT", method, now, now + free_in))
            raise system("OPERATION_TIME_LIMIT")

    def spend(self, method: str, seconds: float | None = None) -> dict[str, float]:
        """Count a method's time; return what the answer tells of it."""
        with self._lock:
            bucket = int(self.wall() // self.limits.bucket_seconds)
            spent = self._spent.setdefault(method, {})
            self._began.setdefault((method, bucket), math.floor(self.wall()))
            spent[bucket] = spent.get(bucket, 0.0) + (self.limits.seconds_of if seconds is None else seconds)
            if not self.limits.tells_operating:
                return {}
            return {"operating_reset_at": math.ceil(self._reset_at(method)), "operating": self._operating(method)}

    def crowd(self, requests: float) -> None:
        """Let other applications behind the same address take so much of the limit."""
        with self._lock:
            now = self.monotonic()
            drained = 0.0 if self._seen_at is None else (now - self._seen_at) * self.limits.drains
            self._level = min(max(0.0, self._level - drained) + requests, self.limits.block_above + 1)
            self._seen_at = now

    @property
    def early(self) -> list[Refusal]:
        """Refusals after which somebody came back too early."""
        return [one for one in self.refusals if one.was_early]

    def _operating(self, method: str) -> float:
        spent, length = self._spent.get(method, {}), BUCKETS * self.limits.bucket_seconds
        for bucket in [one for one in spent if self._began[method, one] + length <= self.wall()]:
            del spent[bucket]
        return sum(spent.values())

    def _reset_at(self, method: str) -> float:
        """Return when the oldest bucket falls out of the sum."""
        began = min((self._began[method, one] for one in self._spent.get(method, {})), default=self.wall())
        return began + BUCKETS * self.limits.bucket_seconds

    def _refuse(self, refusal: Refusal) -> None:
        key = refusal.code if refusal.code == "QUERY_LIMIT_EXCEEDED" else f"{refusal.code} {refusal.method}"
        self._open[key] = len(self.refusals)
        self.refusals.append(replace(refusal, request=self._request))

    def _note_return(self, now: float, key: str) -> None:
        """Note after how long whoever was refused last is back; the next command of the same batch is not he."""
        index = self._open.get(key)
        if index is not None and self.refusals[index].request != self._request:
            del self._open[key]
            self.refusals[index] = replace(self.refusals[index], back_after=now - self.refusals[index].at)
