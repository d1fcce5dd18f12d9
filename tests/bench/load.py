"""Sends requests from outside the server: as many as it takes (closed loop), or at a rate of our own (open loop)."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from tests.drills.load import exchange
from tests.serving import request_bytes

CONNECTIONS = 8
_LUA = """\
local lines = {}
for line in io.lines(os.getenv("BENCH_BODIES")) do lines[#lines + 1] = line end
math.randomseed(os.time())
local at = math.random(#lines)
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
wrk.headers["Content-Type"] = "application/json"
request = function()
  at = at % #lines + 1
  return wrk.format(nil, nil, nil, lines[at])
end
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and the bodies they carry, one a line."""

    port: int
    path: str
    key: str
    bodies: Path

    def requests(self) -> Iterator[bytes]:
        """Yield whole requests, over and over."""
        bodies = self.bodies.read_bytes().splitlines()
        begin = secrets.randbelow(len(bodies))
        for body in itertools.cycle(bodies[begin:] + bodies[:begin]):
            yield request_bytes(self.path, self.key, body)


def rate(target: Target, seconds: float, *, connections: int = CONNECTIONS) -> float:
    """Return the answers a second to connections that send on as soon as they are answered."""
    if shutil.which("wrk"):
        return _wrk(target, seconds, connections)
    return asyncio.run(_closed_loop(target, seconds, connections))


class Batches:
    """One client that sends many deals at a time, over a connection it keeps."""

    def __init__(self, port: int, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60.0)

    def seconds(self, deals: Sequence[Mapping[str, Any]], query: str = "") -> float:
        """Send a batch, and return after how many seconds it was answered."""
        body = json.dumps({"deals": deals}, ensure_ascii=False).encode()
        begun = time.perf_counter()
        self._client.post(f"/v1/score/batch{query}", content=body).raise_for_status()
        return time.perf_counter() - begun

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def p99(target: Target, per_second: float, seconds: float) -> float:
    """Return the seconds within which 99 of 100 requests were answered, counted from when each was due."""
    taken = sorted(asyncio.run(_open_loop(target, per_second, seconds)))
    return taken[min(len(taken) - 1, int(0.99 * len(taken)))]


def _wrk(target: Target, seconds: float, connections: int) -> float:
    script = target.bodies.with_suffix(".lua")
    script.write_text(_LUA, encoding="utf-8")
    words = ["wrk", f"-c{connections}", "-t1", f"-d{max(1, round(seconds))}", "-s", str(script)]
    environment = {"BENCH_KEY": target.key, "BENCH_BODIES": str(target.bodies), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    address = f"http://127.0.0.1:{target.port}{target.path}"
    done = subprocess.run([*words, address], env=environment, capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"{target.path} refused requests: {done.stdout}")
    found = re.search(r"Requests/sec: *([\d.]+)", done.stdout)
    return float(found[1]) if found else 0.0


async def _closed_loop(target: Target, seconds: float, connections: int) -> float:
    requests, until, answered = target.requests(), time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        while time.perf_counter() < until:
            await _ask(reader, writer, next(requests))
            answered += 1
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return answered / (time.perf_counter() - begun)


async def _open_loop(target: Target, per_second: float, seconds: float) -> Sequence[float]:
    requests, taken = target.requests(), list[float]()
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(due: float) -> None:
        connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", target.port)
        await _ask(*connection, next(requests))
        taken.append(time.perf_counter() - due)
        idle.append(connection)

    # Connected first: a client's own beginning would be a hundredth of its requests, and those the slowest.
    await asyncio.gather(*(one(0.0) for _ in range(CONNECTIONS)))
    taken.clear()
    begun, tasks = time.perf_counter(), []
    for number in range(int(per_second * seconds)):
        due = begun + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    for _, writer in idle:
        writer.close()
    return taken


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    answer = await exchange(reader, writer, request)
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"A request was refused: {answer.head[:200]!r}")
