"""What one worker gets through, by how many ask it at once: the table of docs/operations.md."""

from __future__ import annotations

import statistics
from contextlib import closing

from tests.bench.ground import Ground, Progress
from tests.bench.load import Batches, Target, rate
from tests.bench.servers import product
from tests.bench.serving import BATCH

AT_ONCE = (1, 4, 8, 32, 64)
ROUNDS, SECONDS = 5, 3.0


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
        deals = ground.deals()
        with closing(Batches(running.port, ground.key)) as batches:
            starts = range(0, ROUNDS * BATCH, BATCH)
            seconds = statistics.median(batches.seconds(deals[begin : begin + BATCH]) for begin in starts)
        lines.append(f"| one client, {BATCH:,} deals at a time | {BATCH / seconds:,.0f} | {seconds * 1000:,.0f} ms |")
    return "\n".join(lines)
