"""Sends a hundred thousand broken requests to the real service over raw sockets that are kept open."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.drills.bytes import Odd, odd_requests
from tests.drills.load import GONE
from tests.drills.running import Service, a_service
from tests.drills.telling import Drill, Ground, Seen

REQUESTS = 100_000
WARM = 0.2
"""The share of requests after which memory is first looked at: by then every route has been met."""
GROWTH_MB = 30.0
CONNECTIONS = 4
WAITS_SECONDS = 30.0


@dataclass(slots=True)
class Told:
    """What the service answered: statuses, faults of ours with the bytes that made them, and hangs."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[tuple[int, bytes]] = field(default_factory=list)
    hangs: list[bytes] = field(default_factory=list)
    unsaid: int = 0
    """Connections closed without a word, as HTTP allows for what is no HTTP."""

    def note(self, odd: Odd, head: bytes) -> None:
        status = int(head.split(b" ", 2)[1])
        self.statuses[status] += 1
        is_overload = status == 503 and b"retry-after:" in head.lower()
        # 501 and 505 are what HTTP asks for of a method or a version that is unknown.
        if status >= 500 and not is_overload:
            self.faults.append((status, odd.sent[:2_000]))


def fuzz(service: Service, key: str, requests: int, seed: int, told: Told) -> None:
    """Send this many requests."""
    source = odd_requests(random.Random(seed), key)
    asyncio.run(_every(service, (next(source) for _ in range(requests)), told))


async def _every(service: Service, source: Iterator[Odd], told: Told) -> None:
    await asyncio.gather(*(_one(service, source, told) for _ in range(CONNECTIONS)))


async def _one(service: Service, source: Iterator[Odd], told: Told) -> None:
    connection = None
    for odd in source:
        if connection is None:
            connection = await asyncio.open_connection("127.0.0.1", service.port, limit=2**22)
        reader, writer = connection
        goes_on = False
        try:
            writer.write(odd.sent)
            if odd.has_answer:
                goes_on = await asyncio.wait_for(_answer(reader, odd, told), WAITS_SECONDS)
        except GONE:
            told.unsaid += 1
        except TimeoutError:
            told.hangs.append(odd.sent[:2_000])
        if odd.ends or not goes_on:
            writer.close()
            connection = None
    if connection is not None:
        connection[1].close()


async def _answer(reader: asyncio.StreamReader, odd: Odd, told: Told) -> bool:
    """Read one answer whole, and tell whether the connection goes on."""
    head = await reader.readuntil(b"\r\n\r\n")
    told.note(odd, head)
    lower = head.lower()
    if b"content-length:" in lower and not odd.ends:
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        return b"connection: close" not in lower
    return False


def run(ground: Ground) -> Seen:
    """Fuzz a service of its own."""
    seen, told, total = Seen(), Told(), ground.rounds(REQUESTS)
    with a_service(ground.folder, ground.database) as service:
        key = service.new_key()
        service.start()
        begun = time.monotonic()
        warm = max(1, int(total * WARM))
        fuzz(service, key, warm, ground.seed, told)
        before = service.megabytes()
        fuzz(service, key, total - warm, ground.seed + 1, told)
        after = service.megabytes()
        statuses = ", ".join(f"{count:,} of {status}" for status, count in sorted(told.statuses.items()))
        seen.note(requests=f"{total:,}", in_seconds=round(time.monotonic() - begun), answers=f"({statuses})")
        seen.note(closed_without_a_word=told.unsaid, memory_MB=f"{before:.0f} -> {after:.0f}")
        (ground.folder / "faults").write_text("\n".join(map(repr, [*told.faults, *told.hangs])), encoding="utf-8")
        seen.held(f"no fault of ours ({len(told.faults)}: {[f[0] for f in told.faults[:5]]})", not told.faults)
        seen.held(f"every request is answered or its connection closed ({len(told.hangs)} hung)", not told.hangs)
        seen.held(f"memory grows less than {GROWTH_MB:g} MB", after - before < GROWTH_MB)
        seen.held("the service is still ready", service.is_ready())
    return seen


DRILL = Drill(
    "fuzz",
    injected="100 000 requests of broken bytes, JSON and HTTP over kept connections (F13, F14)",
    promised="P2: no 5xx but 503 with Retry-After under overload, no hang, no growth in memory",
    run=run,
)
