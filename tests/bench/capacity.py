"""What one worker gets through, by how many ask it at once: the table of docs/operations.md."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator

import httpx2

from tests.bench.ground import Ground, Progress
from tests.bench.load import Target, rate
from tests.bench.servers import product

AT_ONCE = (1, 4, 8, 32, 64)
BATCH, ROUNDS, SECONDS = 1000, 5, 3.0


def capacity_table(ground: Ground, progress: Progress) -> str:
    """Return the table: deals a second, and how long each answer took; medians of five rounds in turn."""
    lines = ["| asked by | deals a second | an answer after |", "|---|---:|---:|"]
    with product(ground) as running:
        target = Target(running.port, "/v1/score", ground.key, ground.bodies)
        rate(target, SECONDS)
        rates: dict[int, list[float]] = {at_once: [] for at_once in AT_ONCE}
        for number in range(ROUNDS):
            for at_once, found in rates.items():
                found.append(rate(target, SECONDS, connections=at_once))
            progress(f"round {number + 1} of {ROUNDS}: " + ", ".join(f"{n}: {f[-1]:,.0f}" for n, f in rates.items()))
        for at_once, found in rates.items():
            median = statistics.median(found)
            who = "one client, a deal at a time" if at_once == 1 else f"{at_once} clients, a deal at a time each"
            lines.append(f"| {who} | {median:,.0f} | {at_once / median * 1000:,.0f} ms |")
        seconds = statistics.median(_batches(ground, running.port))
        lines.append(f"| one client, {BATCH:,} deals at a time | {BATCH / seconds:,.0f} | {seconds * 1000:,.0f} ms |")
    return "\n".join(lines)


def _batches(ground: Ground, port: int) -> Iterator[float]:
    """Yield how long whole batches took, in seconds."""
    deals = ground.deals()
    headers = {"Authorization": f"Bearer {ground.key}", "Content-Type": "application/json"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60.0) as client:
        for begin in range(0, ROUNDS * BATCH, BATCH):
            body = json.dumps({"deals": deals[begin : begin + BATCH]}, ensure_ascii=False).encode()
            begun = time.perf_counter()
            client.post("/v1/score/batch", content=body).raise_for_status()
            yield time.perf_counter() - begun
