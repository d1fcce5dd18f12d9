"""`mlscore serve` as processes: workers agree on the champion, none outlives its service, silence is cut off."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlscore.registry import Shelf
from mlscore.store import open_store
from tests.api.calling import GOOD
from tests.registry.models import a_bundle, a_constant_model
from tests.serving import a_service, request_bytes, serving, until

DEAL = {"deal_id": "D-1", **GOOD}

FORKED = """
import asyncio, os
from mlscore.cli.server import make_app

app = make_app()

async def serve():
    async with app.router.lifespan_context(app):
        print("served")

if child := os.fork():
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
asyncio.run(serve())
"""


@pytest.mark.timeout(180)
def test_a_new_champion_serves_in_every_worker_within_seconds_and_none_outlives_its_service(tmp_path):
    shelf = Shelf(tmp_path / "models")
    for version, probability in (("1", 0.25), ("2", 0.75)):
        shelf.put("main", version, a_bundle(tmp_path / version, a_constant_model(probability)))
    shelf.point("main", "1")
    with serving(tmp_path, MLSCORE_WORKERS="2") as running:
        key = running.new_key()

        def models() -> set[tuple[str, float]]:
            answers = [running.call("POST", "/v1/score?dry_run=true", key=key, json=DEAL).json() for _ in range(12)]
            return {(a["model"]["model_version"], round(a["model"]["probability"], 2)) for a in answers}

        assert models() == {("1", 0.25)}
        shelf.point("main", "2")
        until(lambda: models() == {("2", 0.75)}, seconds=15)
        workers = running.workers()
        running.process.kill()
        running.process.wait(20)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


@pytest.mark.timeout(120)
def test_a_body_sent_slowly_is_finished_after_sigterm_and_kept(tmp_path):
    with serving(tmp_path, MLSCORE_DRAIN_SECONDS="1") as running:
        sent = request_bytes("/v1/score", running.new_key(), DEAL)
        with socket.create_connection(("127.0.0.1", running.port)) as line:
            line.sendall(sent[:-20])
            assert running.call("GET", "/health/ready").status_code == 200
            running.process.terminate()
            until(lambda: running.call("GET", "/health/ready").status_code == 503)
            line.sendall(sent[-20:])
            assert line.recv(65_536).startswith(b"HTTP/1.1 200")
        assert running.process.wait(20) == 0
    store = open_store(running.database)
    assert len(store.receipts.of_deal("main", "D-1")) == 1
    store.close()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "is in use: stop what runs there, or set MLSCORE_PORT to a free port."),
        ({"MLSCORE_WORKERS": "2"}, "is in use: stop what runs there, or set MLSCORE_PORT to a free port."),
        ({"MLSCORE_HOST": "192.0.2.1"}, "set MLSCORE_HOST to an address of this machine."),
    ],
)
def test_where_it_cannot_listen_it_says_what_to_do_and_not_that_it_listens(tmp_path, settings, said):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with a_service(tmp_path, MLSCORE_PORT=str(taken.getsockname()[1]), **settings) as service:
            told = service.environment
        command = [sys.executable, "-m", "mlscore.cli", "serve"]
        done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "listens" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.timeout(120)
def test_connections_have_an_end_in_number_in_what_they_say_and_in_how_slowly(tmp_path):
    with serving(tmp_path, MLSCORE_CONNECTIONS="2", MLSCORE_BODY_SECONDS="0.3") as running:
        with socket.create_connection(("127.0.0.1", running.port)) as line:
            line.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
            until(lambda: running.call("GET", "/v1/policy").status_code == 503)
            line.sendall(b"x" * 70_000)
            assert line.recv(65_536).startswith(b"HTTP/1.1 431")
        until(lambda: running.call("GET", "/v1/policy").status_code == 401)
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as line:
            line.sendall(request_bytes("/v1/score", running.new_key(), DEAL)[:-1])
            assert line.recv(65_536).startswith(b"HTTP/1.1 408")


@pytest.mark.timeout(120)
def test_a_service_made_before_a_fork_does_not_start_in_the_child(tmp_path):
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED]
    with a_service(tmp_path) as service:
        told = {"cwd": tmp_path, "env": service.environment}
        forked = subprocess.run(command, **told, capture_output=True, text=True, check=False, timeout=60)
    assert forked.returncode != 0
    assert "do not preload it" in forked.stderr
    assert "served" not in forked.stdout
