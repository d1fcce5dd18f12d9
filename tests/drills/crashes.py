"""The process ends when it should not: killed under load, killed while it writes, asked to stop with work in hand."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from mlscore.store import open_store
from tests.drills.load import Clients, a_deal, at_once, send_during
from tests.drills.running import Service, a_service, until
from tests.drills.telling import Drill, Ground, Seen
from tests.serving import request_bytes

KILLS, WRITER_KILLS, IN_FLIGHT = 5, 200, 200
READY_WITHIN = 10.0


def missing(service: Service, receipt_ids: list[str], firm: str = "main") -> list[str]:
    """Return the receipts that cannot be read back."""
    store = open_store(service.database)
    try:
        return [one for one in receipt_ids if store.receipts.find(firm, one) is None]
    finally:
        store.close()


def kill_the_service(ground: Ground) -> Seen:
    """Kill the service under load and start it again, some times."""
    seen, chance, starts = Seen(), ground.chance, list[float]()
    with a_service(ground.folder) as service:
        key = service.new_key()
        service.start()
        clients = Clients(service, key, count=8, seed=ground.seed)

        def kill_again_and_again() -> None:
            for _ in range(ground.rounds(KILLS)):
                time.sleep(chance.uniform(0.2, 1.0))
                service.kill()
                starts.append(service.start())

        send_during(clients, kill_again_and_again)
        statuses = clients.heard.statuses()
        acknowledged = [score["receipt_id"] for score in clients.heard.scored()]
        lost = missing(service, acknowledged)
        seen.note(kills=len(starts), answered=statuses[200], cut_off=statuses[0], lost=len(lost))
        seen.note(slowest_start_s=max(starts))
        failed = sum(count for status, count in statuses.items() if status not in {200, 0})
        seen.held("nothing fails but what was in flight", failed == 0 and statuses[0] <= 8 * len(starts))
        seen.held("P7: ready again in under 10 s", max(starts) < READY_WITHIN)
        seen.held("P1: no acknowledged receipt is lost", not lost and bool(acknowledged))
    return seen


WRITER = """
import os, sys
from mlscore.bootstrap import build_service
from mlscore.scoring.deal import Deal
from mlscore.settings import Settings

def write(number):
    acknowledged = os.open(f"acknowledged-{number}", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    with build_service(Settings()) as application:
        os.write(acknowledged, b"ready\\n")
        for turn in range(10**9):
            named = [f"K-{number}-{turn}-{at}" for at in range(turn % 3 + 1)]
            deals = [Deal(deal_id=name, profit_if_won=1_200_000) for name in named]
            for receipt in application.scoring.score("main", deals, include=()):
                os.write(acknowledged, receipt.receipt_id.encode() + b"\\n")

for line in sys.stdin:
    child = os.fork()
    if not child:
        write(int(line))
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
"""Forks a writer a round, before anything is open: a start costs a hundredth of a second then."""


def kill_the_writer(ground: Ground) -> Seen:
    """Kill a process that writes receipts at moments drawn at random, and read back what it acknowledged."""
    seen, chance, acknowledged = Seen(), ground.chance, list[str]()
    rounds = ground.rounds(WRITER_KILLS)
    with a_service(ground.folder) as service:
        service.new_key()
        command = [sys.executable, "-c", WRITER]
        with subprocess.Popen(
            command,
            env=service.environment,
            cwd=service.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writers:
            for number in range(rounds):
                acknowledged += _write_until_killed(writers, service.folder, number, chance.uniform(0.0, 0.15))
        with sqlite3.connect(service.database.removeprefix("sqlite:///")) as database:
            [(verdict,)] = database.execute("PRAGMA integrity_check")
        lost = missing(service, acknowledged)
        spooled = list((ground.folder / "spool").glob("*.journal"))
    seen.note(kills=rounds, acknowledged=f"{len(acknowledged):,}", lost=len(lost), integrity_check=verdict)
    seen.held("P1: every acknowledged receipt is read back", not lost and len(acknowledged) >= rounds)
    seen.held("the database is whole", verdict == "ok")
    seen.held("nothing was spooled", not spooled)
    return seen


def _write_until_killed(writers: subprocess.Popen[str], folder: Path, number: int, seconds: float) -> list[str]:
    assert writers.stdin is not None
    assert writers.stdout is not None
    writers.stdin.write(f"{number}\n")
    writers.stdin.flush()
    child, written = int(writers.stdout.readline()), folder / f"acknowledged-{number}"
    until(lambda: written.exists() and written.stat().st_size > 0, "the writer writes")
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert writers.stdout.readline() == "dead\n"
    return written.read_text(encoding="ascii").split("\n")[1:-1]  # the last is empty, or half a line


def stop_with_work_in_hand(ground: Ground) -> Seen:
    """Ask the service to stop while requests are in hand."""
    seen, count = Seen(), IN_FLIGHT
    with a_service(ground.folder) as service:
        key = service.new_key()
        service.start()
        sent = [request_bytes("/v1/score", key, a_deal(f"S-{number}")) for number in range(count)]
        batch = json.dumps({"deals": [json.loads(a_deal(f"B-{number}")) for number in range(500)]}).encode()
        sent += [request_bytes("/v1/score/batch", key, batch)] * 2
        begun = time.monotonic()
        answers = at_once(service, sent, at_first=lambda: service.send(signal.SIGTERM))
        assert service.process is not None
        status = service.process.wait(60)
        took = time.monotonic() - begun
        scored = [a.json["receipt_id"] for a in answers[:count] if a.status == 200]
        cut_off = [a for a in answers if a.status == 0]
        lost = missing(service, scored)
    seen.note(in_flight=len(sent), answered=len(answers) - len(cut_off), refused_to_connect_or_cut_off=len(cut_off))
    seen.note(exit_status=status, seconds_to_the_end=took, lost=len(lost))
    seen.held("all in flight are answered", not cut_off)
    seen.held("it ends with status 0", status == 0)
    seen.held("P1: no acknowledged receipt is lost", not lost)
    return seen


KILL = Drill(
    "F1",
    "kill -9 of the service under the load of 8 clients, and a start, five times",
    "only requests in flight fail; P7: ready again in under 10 s; P1: nothing acknowledged is lost",
    kill_the_service,
)
WRITES = Drill(
    "F2",
    "200 times SIGKILL at a random moment of writing receipts",
    "P1: every acknowledged receipt is read back; the database passes its integrity check",
    kill_the_writer,
)
STOP = Drill(
    "F27",
    "SIGTERM with 202 requests in flight",
    "all are answered, the process ends with status 0",
    stop_with_work_in_hand,
)
