"""Loads: steady, rising beyond what can be served, lasting, and of the dearest requests."""

from __future__ import annotations

import asyncio
import itertools
import time

from mlscore.registry import Shelf
from tests.drills.load import GONE, Answer, Clients, Heard, a_deal, exchange, send_for
from tests.drills.running import Service, a_service, until
from tests.drills.telling import Drill, Ground, Seen
from tests.registry.models import a_bundle, a_constant_model, a_weighted_model
from tests.serving import request_bytes

STEADY_SECONDS, RAMP, STEP_SECONDS, CLIENTS = 10.0, (0.25, 0.5, 1.0, 1.5, 2.0), 4.0, 16
GROWTH_SHARE, GROWTH_MB = 0.05, 15.0


def _with_models(service: Service) -> None:
    shelf = Shelf(service.folder / "models")
    shelf.put("main", "1", a_bundle(service.folder / "bundle-1", a_weighted_model(), told="1"))
    shelf.put("main", "2", a_bundle(service.folder / "bundle-2", a_constant_model(0.4), told="2"))
    shelf.point("main", "1")


def load_steadily(ground: Ground) -> Seen:
    """Send single deals as fast as they are answered, then at half that rate; a live check is what nothing costs."""
    seen, seconds = Seen(), STEADY_SECONDS * max(0.2, ground.scale)
    with a_service(ground.folder) as service:
        _with_models(service)
        key = service.new_key()
        service.start()
        send_for(Clients(service, key, count=CLIENTS, seed=9, prefix="warm"), 2)
        full = send_for(Clients(service, key, count=CLIENTS, seed=ground.seed), seconds)
        most = full.statuses()[200] / seconds
        half = send_for(Clients(service, key, count=CLIENTS, seed=ground.seed, prefix="half", rate=most / 2), seconds)
        nothing = _live_rate(service, seconds / 2)
    seen.note(scored_a_second=most, of_a_live_check=most / nothing, p99_ms=1000 * full.quantile(0.99))
    seen.note(p99_at_half_ms=1000 * half.quantile(0.99), p50_at_half_ms=1000 * half.quantile(0.5))
    seen.held("every request is scored", set(full.statuses()) == set(half.statuses()) == {200})
    seen.held("P5: at half the rate p99 is no worse than at full", half.quantile(0.99) <= 1.5 * full.quantile(0.99))
    return seen


def _live_rate(service: Service, seconds: float) -> float:
    begun, count = time.monotonic(), 0
    sent = b"GET /health/live HTTP/1.1\r\nHost: drill\r\n\r\n"

    async def one() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        while time.monotonic() - begun < seconds:
            await exchange(reader, writer, sent)
            count += 1
        writer.close()

    async def every() -> None:
        await asyncio.gather(*(one() for _ in range(CLIENTS)))

    asyncio.run(every())
    return count / seconds


def load_too_much(ground: Ground) -> Seen:
    """Raise the load, open loop, to twice what can be served, then let go."""
    seen = Seen()
    with a_service(ground.folder) as service:
        _with_models(service)
        key = service.new_key()
        service.start()
        most = send_for(Clients(service, key, count=CLIENTS, seed=ground.seed), 3).statuses()[200] / 3
        for share in RAMP:
            heard = asyncio.run(_open_loop(service, key, share * most, STEP_SECONDS))
            statuses = heard.statuses()
            seen.note(
                **{
                    f"at {share:g}x": f"{statuses[200]} scored, {statuses[503] + statuses[429]} refused, "
                    f"{statuses[0]} cut off, p99 {1000 * heard.quantile(0.99):.0f} ms"
                }
            )
            slow = [a for a in heard.answers if a.status in {503, 429} and b"retry-after" not in a.head.lower()]
            seen.held("beyond what can be served: scored, or refused with Retry-After", not slow)
            seen.held("nothing else fails", set(statuses) <= {200, 429, 503})
        back = until(service.is_ready, "it is ready again")
        calm = send_for(Clients(service, key, count=2, rate=max(5.0, most / 10), prefix="calm"), 3)
        seen.note(served_at_most_a_second=most, ready_again_in_s=back, p99_afterwards_ms=1000 * calm.quantile(0.99))
        seen.held("it recovers within 5 s", back < 5 and set(calm.statuses()) == {200})
    return seen


async def _open_loop(service: Service, key: str, rate: float, seconds: float) -> Heard:
    heard, idle, tasks = Heard(), list[tuple[asyncio.StreamReader, asyncio.StreamWriter]](), list[asyncio.Task[None]]()

    async def one(number: int, due: float) -> None:
        try:
            connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", service.port)
            answer = await exchange(*connection, request_bytes("/v1/score", key, a_deal(f"R-{rate:.0f}-{number}")))
            idle.append(connection)
            heard.answers.append(Answer(answer.status, time.monotonic() - due, answer.at, answer.head, answer.body))
        except GONE:
            heard.answers.append(Answer(0, time.monotonic() - due, time.monotonic()))

    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    for _, writer in idle:
        writer.close()
    return heard


def soak(ground: Ground) -> Seen:
    """Send for long, with a change of champion now and then, and look at memory and open files."""
    seen, seconds = Seen(), 60 * ground.minutes
    with a_service(ground.folder) as service:
        _with_models(service)
        shelf = Shelf(service.folder / "models")
        key = service.new_key()
        service.start()
        counted: list[int] = []
        looks: list[tuple[float, int, float]] = []
        versions, numbers = itertools.cycle("21"), itertools.count()
        until_then = time.monotonic() + seconds
        while time.monotonic() < until_then or len(looks) < 4:
            part = Clients(service, key, count=4, rate=200, seed=next(numbers), prefix=f"soak{next(numbers)}")
            heard = send_for(part, min(10.0, max(2.0, seconds / 6)))
            counted.append(heard.statuses()[200])
            seen.held("every request is scored", set(heard.statuses()) == {200})
            looks.append((service.megabytes(), service.open_files(), 1000 * heard.quantile(0.99)))
            shelf.point("main", next(versions))
    warm = looks[len(looks) // 3]
    last = looks[-1]
    seen.note(minutes=ground.minutes, scored=sum(counted), champions=len(looks))
    seen.note(memory_MB=f"{warm[0]:.0f} -> {last[0]:.0f}", open_files=f"{warm[1]} -> {last[1]}")
    seen.note(p99_ms=f"{warm[2]:.0f} -> {last[2]:.0f}")
    seen.held("memory stays flat once warm", last[0] - warm[0] < max(GROWTH_MB, GROWTH_SHARE * warm[0]))
    seen.held("open files stay flat", last[1] <= warm[1] + 4)
    return seen


def storm_of_explanations(ground: Ground) -> Seen:
    """Have fifty clients ask for everything that can be explained, beside a few that ask for a score."""
    seen = Seen()
    with a_service(ground.folder) as service:
        _with_models(service)
        key = service.new_key()
        service.start()
        plain_path = "/v1/score?include="
        plain = {"count": 2, "rate": 20.0, "path": plain_path, "seed": ground.seed}
        alone = send_for(Clients(service, key, prefix="alone", **plain), 4)
        storm = Clients(service, key, count=50, seed=ground.seed, prefix="storm")
        beside = Clients(service, key, prefix="beside", **plain)

        async def both() -> None:
            stopped = asyncio.Event()
            sending = [asyncio.create_task(one.run(stopped)) for one in (storm, beside)]
            await asyncio.sleep(8 * max(0.25, ground.scale))
            stopped.set()
            await asyncio.gather(*sending)

        asyncio.run(both())
    p99, p99_alone = beside.heard.quantile(0.99), alone.quantile(0.99)
    seen.note(storm_answered=sum(storm.heard.statuses().values()), p99_alone_ms=1000 * p99_alone)
    seen.note(p99_beside_ms=1000 * p99, ratio=p99 / p99_alone)
    allowed = {200, 429, 503}
    seen.held("scored, or refused with 503", set(beside.heard.statuses()) | set(storm.heard.statuses()) <= allowed)
    seen.held("scores beside the storm come within a second", p99 < 1.0)
    return seen


STEADY = Drill(
    "L1", "16 clients with single deals, at full and at half rate", "none fails; p99 stays bounded", load_steadily
)
RISING = Drill(
    "L2",
    "open loop up to twice what can be served",
    "P5: 503 with Retry-After beyond it, and it recovers in 5 s",
    load_too_much,
)
LASTING = Drill(
    "L3", "a load of 200 a second, the champion changed every 10 s", "memory and open files stay flat", soak
)
STORM = Drill(
    "L4", "50 clients that ask for every explanation", "scores beside them stay within a second", storm_of_explanations
)
