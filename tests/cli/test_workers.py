"""Several service processes: they agree on keys, policy and model, come back when killed, and end in good order."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Run

STARTS_WITHIN = 30.0
ENDS_WITHIN = 5.0


def a_free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def a_worker(folder: Path) -> Iterator[str]:
    """Start `mlscore serve`, and give its address once it answers."""
    with a_service(folder) as (address, _):
        yield address


@contextmanager
def a_service(folder: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start `mlscore serve`, and give its address and the process once it answers."""
    port = a_free_port()
    environment = {
        **os.environ,
        "MLSCORE_DATABASE": f"sqlite:///{folder / 'store.db'}",
        "MLSCORE_PORT": str(port),
        "MLSCORE_DRAIN_SECONDS": "0.2",
        **settings,
    }
    with (folder / f"{port}.log").open("wb") as log:
        command = [sys.executable, "-m", "mlscore.cli", "serve"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + STARTS_WITHIN
            while status(f"{address}/health/live") != 200:
                assert process.poll() is None, (folder / f"{port}.log").read_text()
                assert time.monotonic() < until
            yield address, process
        finally:
            process.terminate()
            process.wait(timeout=30)


def status(url: str, key: str = "none") -> int:
    try:
        return httpx2.get(url, headers={"Authorization": f"Bearer {key}"}, trust_env=False).status_code
    except httpx2.TransportError:
        return 0


@pytest.mark.timeout(120)
def test_a_key_revoked_on_the_command_line_ends_on_every_worker_within_five_seconds(run: Run, tmp_path: Path) -> None:
    made = run("keys", "create", "lost")
    secret = made.stdout.strip().removeprefix("API key: ")
    key_id = made.stderr.split("its id is ")[1].split(".")[0]
    with ExitStack() as stack:
        policies = [f"{stack.enter_context(a_worker(tmp_path))}/v1/policy" for _ in range(2)]
        assert [status(url, secret) for url in policies] == [200, 200]
        assert run("keys", "revoke", key_id).exit_code == 0
        until = time.monotonic() + ENDS_WITHIN
        while [status(url, secret) for url in policies] != [401, 401]:
            assert time.monotonic() < until
    assert secret not in "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "last used 20" in run("keys", "list").stdout


@pytest.mark.timeout(180)
def test_workers_of_one_service_agree_within_five_seconds_and_come_back_when_killed(run: Run, tmp_path: Path) -> None:
    secret = run("keys", "create", "crm").stdout.strip().removeprefix("API key: ")
    document = run("policy", "show", "--default").stdout.replace("closed_capacity = 100", "closed_capacity = 77")
    (tmp_path / "policy.toml").write_text(document)
    with a_service(tmp_path, MLSCORE_WORKERS="2") as (address, process):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert len(workers(children)) == 2
        assert run("policy", "apply", str(tmp_path / "policy.toml"), "--why", "fewer").exit_code == 0
        until = time.monotonic() + ENDS_WITHIN
        while not all(floor_of(address, secret) for _ in range(20)):
            assert time.monotonic() < until
        killed = workers(children).pop()
        os.kill(killed, signal.SIGKILL)
        until = time.monotonic() + STARTS_WITHIN
        while killed in workers(children) or len(workers(children)) < 2:
            assert time.monotonic() < until
        assert all(status(f"{address}/v1/policy", secret) in {200, 0} for _ in range(20))
        counted = httpx2.get(f"{address}/metrics", trust_env=False).text
        assert 'mlscore_http_requests_total{route="/v1/policy",status="200"}' in counted
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def workers(children: Path) -> set[int]:
    """Return the processes of a service that answer; one of its children only tracks what they share."""
    return {int(child) for child in children.read_text().split() if b"spawn_main" in command_of(child)}


def command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def floor_of(address: str, key: str) -> bool:
    with httpx2.Client(trust_env=False) as client:  # a new connection each time: any worker may take it
        return (
            "closed_capacity = 77"
            in client.get(f"{address}/v1/policy", headers={"Authorization": f"Bearer {key}"}).text
        )


@pytest.mark.timeout(120)
def test_told_to_end_a_service_is_not_ready_first_answers_what_it_has_and_ends_well(run: Run, tmp_path: Path) -> None:
    secret = run("keys", "create", "crm").stdout.strip().removeprefix("API key: ")
    with a_service(tmp_path, MLSCORE_DRAIN_SECONDS="1") as (address, process):
        process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 1.0
        while status(f"{address}/health/ready") != 503:
            assert time.monotonic() < until
        assert status(f"{address}/v1/policy", secret) == 200
        assert process.wait(timeout=30) == 0
