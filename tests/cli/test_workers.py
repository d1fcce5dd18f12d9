"""Two service processes on one store: a key revoked on the command line ends on both within five seconds."""

import os
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
    port = a_free_port()
    environment = {**os.environ, "MLSCORE_DATABASE": f"sqlite:///{folder / 'store.db'}", "MLSCORE_PORT": str(port)}
    with (folder / f"{port}.log").open("wb") as log:
        command = [sys.executable, "-m", "mlscore.cli", "serve"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + STARTS_WITHIN
            while status(f"{address}/health/live") != 200:
                assert process.poll() is None, (folder / f"{port}.log").read_text()
                assert time.monotonic() < until
            yield address
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
