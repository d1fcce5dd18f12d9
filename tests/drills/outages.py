"""What the service leans on goes away: the database stops, hangs and comes back; the tracking server never answers."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.drills.crashes import missing
from tests.drills.databases import durable_postgres
from tests.drills.load import Clients, send_during, send_for
from tests.drills.running import Service, a_service, until
from tests.drills.telling import Drill, Ground, Seen

AWAY_SECONDS, FROZEN_SECONDS, DRAINED_WITHIN = 6.0, 20.0, 60.0
ANSWERED_WITHIN = 12.0
"""Twice the five seconds a silent database is waited for, and some."""


def _ready(service: Service) -> dict[str, object]:
    said: dict[str, object] = httpx2.get(f"{service.url}/health/ready", timeout=15, trust_env=False).json()
    return said


def lose_postgres(ground: Ground) -> Seen:
    """Stop PostgreSQL at once, then freeze it, under load."""
    seen = Seen()
    with durable_postgres() as database, a_service(ground.folder, database.url) as service:
        key = service.new_key()
        service.start()
        _lose(
            seen,
            service,
            key,
            "stopped",
            ground,
            database.stop,
            database.start,
        )
        master = database.pid
        _lose(seen, service, key, "frozen", ground, lambda: _freeze(master), lambda: _thaw(master))
    return seen


def _lose(
    seen: Seen, service: Service, key: str, how: str, ground: Ground, go: Callable[[], None], back: Callable[[], None]
) -> None:
    clients = Clients(service, key, count=4, seed=ground.seed, prefix=how)
    degraded: list[object] = []

    def away() -> None:
        go()
        time.sleep(FROZEN_SECONDS if how == "frozen" else AWAY_SECONDS)
        degraded.append(_ready(service)["degraded"])
        back()

    send_during(clients, away, before=1.0, after=3.0)
    begun = time.monotonic()
    until(lambda: _ready(service)["degraded"] != "spooling", "the database is seen again")
    until(lambda: not any((service.folder / "spool").glob("*.journal")), "the spool is drained", seconds=DRAINED_WITHIN)
    scored, statuses = clients.heard.scored(), clients.heard.statuses()
    spooled = [score for score in scored if score["logged"] == "spooled"]
    lost = missing(service, [score["receipt_id"] for score in scored])
    seen.note(
        **{
            f"{how}: stored": len(scored) - len(spooled),
            "spooled": len(spooled),
            f"{how} spooled": len(spooled),
            f"{how} not scored": sum(statuses.values()) - len(scored),
            f"{how} slowest s": clients.heard.quantile(1.0),
            f"{how} drained in s": time.monotonic() - begun,
            f"{how} lost": len(lost),
        }
    )
    seen.figures.pop("spooled")
    seen.held(f"{how}: every request is scored ({dict(statuses)})", set(statuses) == {200})
    seen.held(f"{how}: receipts are spooled, and readiness says so", bool(spooled) and degraded == ["spooling"])
    seen.held(f"{how}: P1: nothing acknowledged is lost", not lost)
    seen.held(f"{how}: nobody waits longer than {ANSWERED_WITHIN:g} s", clients.heard.quantile(1.0) < ANSWERED_WITHIN)


def _family(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    return [master, *map(int, children)]


def _freeze(master: int) -> None:
    for pid in _family(master):
        os.kill(pid, signal.SIGSTOP)


def _thaw(master: int) -> None:
    for pid in reversed(_family(master)):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def a_server_that_never_answers() -> Iterator[tuple[int, list[socket.socket]]]:
    """Give the port of a server that accepts every connection and says nothing, and the connections it took."""
    taken: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                taken.append(listening.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], taken
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for one in taken:
            one.close()


def hang_the_tracking_server(ground: Ground) -> Seen:
    """Follow a tracking server that accepts and never answers, beside a service under load."""
    seen = Seen()
    with a_server_that_never_answers() as (port, taken), a_service(ground.folder) as service:
        key = service.new_key()
        service.settings = {**service.settings, "MLSCORE_TRACKING_URI": f"http://127.0.0.1:{port}"}
        started = service.start()
        without = send_for(Clients(service, key, count=2, rate=50, seed=ground.seed), 6)
        command = [sys.executable, "-m", "mlscore.cli", "follow", "--once"]
        clients = Clients(service, key, count=2, rate=50, seed=ground.seed, prefix="F5")

        def follow() -> tuple[int, float]:
            begun = time.monotonic()
            with (ground.folder / "follow.log").open("wb") as log:
                done = subprocess.run(command, env=service.environment, stderr=log, check=False, timeout=120)
            return done.returncode, time.monotonic() - begun

        status, took = send_during(clients, follow)
        seen.note(start_s=started, follow_ended_with=status, follow_took_s=took, connections_taken=len(taken))
        seen.note(p99_before_ms=1000 * without.quantile(0.99), p99_meanwhile_ms=1000 * clients.heard.quantile(0.99))
        seen.held("every request is scored", set(clients.heard.statuses()) == {200})
        seen.held("the service starts and serves without it", service.is_ready())
        seen.held("whoever follows gives up, and says so by its status", status == 1 and bool(taken))
    return seen


def fill_the_disk(ground: Ground) -> Seen:
    """Let the service write no file larger than 1.2 MB: the database is full, then the spool is."""
    seen, most = Seen(), 1_200_000

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    with a_service(ground.folder) as service:
        key = service.new_key()
        service.start(before=limited)
        heard = send_for(Clients(service, key, count=4, seed=ground.seed), 8 * max(1.0, ground.scale))
        statuses = heard.statuses()
        scored = heard.scored()
        spooled = sum(score["logged"] == "spooled" for score in scored)
        headers = {"Authorization": f"Bearer {key}"}
        read = httpx2.get(f"{service.url}/v1/policy", headers=headers, trust_env=False, timeout=15).status_code
        service.stop()
        service.start()  # with room again
        until(lambda: not any((service.folder / "spool").glob("*.journal")), "the spool is drained")
        lost = missing(service, [score["receipt_id"] for score in scored])
    seen.note(stored=len(scored) - spooled, spooled=spooled, refused_503=statuses[503], reading=read, lost=len(lost))
    seen.held(f"scored, or refused with 503 ({dict(statuses)})", set(statuses) <= {200, 503})
    seen.held("the limit was met", spooled + statuses[503] > 0)
    seen.held("reading goes on", read == 200)
    seen.held("P1: with room again, nothing acknowledged is lost", not lost)
    return seen


POSTGRES = Drill(
    "F4",
    "PostgreSQL stopped at once under load and started 6 s later; then frozen by SIGSTOP for 20 s",
    "P3: scores go on with `logged: spooled`, readiness is degraded; P1: all is drained, nothing is lost",
    lose_postgres,
)
TRACKING = Drill(
    "F5",
    "a tracking server that accepts connections and never answers, while `mlscore follow` asks it",
    "P3: the request path is untouched; whoever follows gives up and says so",
    hang_the_tracking_server,
)
DISK = Drill(
    "F9",
    "no file may grow beyond 1.2 MB (RLIMIT_FSIZE), under load, then room again",
    "scores go on while the spool has room, then 503; reading goes on; P1: nothing acknowledged is lost",
    fill_the_disk,
)
