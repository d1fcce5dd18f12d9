"""Clients that misbehave: slow ones, endless ones, fifty with one key; and a champion that changes under them."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise

import httpx2

from mlscore.registry import Shelf
from tests.drills.load import Clients, a_deal, at_once, send_during
from tests.drills.running import Service, a_service, until
from tests.drills.telling import Drill, Ground, Seen
from tests.registry.models import a_bundle, a_constant_model
from tests.serving import request_bytes

SWAPS, SLOW, ENDLESS_MB, SAME_KEY = 50, 100, 64, 50
GROWTH_MB = 40.0


def swap_the_champion(ground: Ground) -> Seen:
    """Move the champion's pointer between two models that each say one number, under load."""
    seen, chances, swaps = Seen(), {"1": 0.25, "2": 0.75}, ground.rounds(SWAPS)
    with a_service(ground.folder) as service:
        shelf = Shelf(service.folder / "models")
        for version, probability in chances.items():
            bundle = a_bundle(ground.folder / f"bundle-{version}", a_constant_model(probability), told=version)
            shelf.put("main", version, bundle)
        shelf.point("main", "1")
        key = service.new_key()
        service.start()
        clients = Clients(service, key, count=6, rate=100, seed=ground.seed)

        def swap() -> None:
            for number in range(swaps):
                version = "12"[(number + 1) % 2]
                shelf.point("main", version)
                until(lambda now=version: _served(service) == now, f"version {version} serves")

        send_during(clients, swap)
        models = [score["model"] for score in clients.heard.scored()]
        mixed = [m for m in models if abs(m["probability"] - chances.get(m["model_version"], 9.0)) > 0.01]
        served = {m["model_version"] for m in models}
        changes = sum(a["model_version"] != b["model_version"] for a, b in pairwise(models))
    seen.note(swaps=swaps, scored=len(models), versions_seen=" ".join(sorted(served)), changes_seen=changes)
    seen.note(mixed=len(mixed))
    seen.held("no probability comes with the version of another model", not mixed and bool(models))
    seen.held("both models have served", served == set(chances))
    seen.held("every request is scored", set(clients.heard.statuses()) == {200})
    return seen


def _served(service: Service) -> str:
    said: dict[str, str] = httpx2.get(f"{service.url}/health/ready", timeout=15, trust_env=False).json()
    return said["model_version"]


def send_slowly_and_without_end(ground: Ground) -> Seen:
    """Hold a hundred connections that send a byte a second, and send bodies that never end."""
    seen = Seen()
    with a_service(ground.folder) as service:
        key = service.new_key()
        service.start()
        clients = Clients(service, key, count=2, rate=40, seed=ground.seed)
        send_during(clients, lambda: time.sleep(2))
        before = service.megabytes()
        stopped, endless = threading.Event(), list[int]()
        slow = threading.Thread(target=lambda: asyncio.run(_slowly(service, key, stopped)))
        slow.start()

        def endlessly() -> None:
            endless.extend(asyncio.run(_endless(service, key)) for _ in range(3))

        beside = Clients(service, key, count=2, rate=40, seed=ground.seed, prefix="F11")
        send_during(beside, endlessly, before=3.0, after=3.0)
        after = service.megabytes()
        stopped.set()
        slow.join()
    seen.note(slow_connections=SLOW, endless_answered=endless, memory_MB=f"{before:.0f} -> {after:.0f}")
    seen.note(p99_before_ms=1000 * clients.heard.quantile(0.99), p99_beside_ms=1000 * beside.heard.quantile(0.99))
    seen.held("who sends without end is told 413, or cut off", set(endless) <= {413, 0})
    seen.held(f"memory grows less than {GROWTH_MB:g} MB", after - before < GROWTH_MB)
    seen.held("the others are all scored", set(beside.heard.statuses()) == {200})
    return seen


async def _slowly(service: Service, key: str, stopped: threading.Event) -> None:
    head, body = request_bytes("/v1/score", key, a_deal("slow")).split(b"\r\n\r\n")

    async def one() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(head + b"\r\n\r\n")
        for byte in body:
            if stopped.is_set():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(1)
        writer.close()

    await asyncio.gather(*(one() for _ in range(SLOW)), return_exceptions=True)


async def _endless(service: Service, key: str) -> int:
    """Send chunks until the service has had enough; return the status it gave, 0 where it only closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = request_bytes("/v1/score", key, b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    writer.write(head)
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    try:
        for _ in range(ENDLESS_MB * 16):
            writer.write(chunk)
            await writer.drain()
        return int((await reader.readuntil(b"\r\n")).split(b" ")[1])
    except (ConnectionError, asyncio.IncompleteReadError):
        # It may have answered before it closed.
        return 0
    finally:
        writer.close()


def repeat_one_key(ground: Ground) -> Seen:
    """Send the same deal fifty times at once under one Idempotency-Key, some times."""
    seen, statuses, receipts, rounds = Seen(), list[int](), list[int](), ground.rounds(10)
    with a_service(ground.folder) as service:
        key = service.new_key()
        service.start()
        for number in range(rounds):
            sent = request_bytes("/v1/score", key, a_deal(f"I-{number}"), {"Idempotency-Key": f"once-{number}"})
            answers = at_once(service, [sent] * SAME_KEY)
            statuses += [answer.status for answer in answers]
            receipts.append(len({a.json["receipt_id"] for a in answers if a.status == 200}))
    counted = {status: statuses.count(status) for status in sorted(set(statuses))}
    seen.note(rounds=rounds, answers=counted, receipts_a_key=max(receipts))
    seen.held("one receipt a key", set(receipts) == {1})
    seen.held("the others are replayed, or told 409", set(counted) <= {200, 409})
    return seen


SWAP = Drill(
    "F8",
    "the champion's pointer moved 50 times between two models under the load of 6 clients",
    "every answer's probability is that of the version it names; no request fails",
    swap_the_champion,
)
SLOWLY = Drill(
    "F11-F12",
    "100 connections that send a byte a second, and chunked bodies without end",
    "P5: memory stays flat, the endless are told 413 or cut off, the others are served",
    send_slowly_and_without_end,
)
ONCE = Drill("F24", "50 clients at once under one Idempotency-Key, ten times", "one receipt a key", repeat_one_key)
