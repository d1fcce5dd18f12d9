"""The service as its own processes: `mlscore serve` on a free port, asked over real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """A service that runs; `folder` holds its database, its models and its spool."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'mlscore.db'}"

    def call(self, method: str, path: str, *, key: str = "", **sent: Any) -> httpx2.Response:
        """Ask over a connection of its own: any worker may take it."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.request(method, self.url + path, headers=headers, timeout=PATIENCE_SECONDS, **sent)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[Running]:
    """Start `mlscore serve`, wait until it answers, and see that it ends."""
    port = free_port()
    command = [sys.executable, "-m", "mlscore.cli", "serve", "--port", str(port), *arguments]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stderr=log, env=settled_in(folder) | environment)
    running = Running(process, port, folder)
    try:
        until(lambda: is_live(running), process)
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE_SECONDS)


def settled_in(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose database, models and spool lie in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLSCORE_")}
    return kept | {
        "MLSCORE_DATABASE": f"sqlite:///{folder / 'mlscore.db'}",
        "MLSCORE_MODELS": str(folder / "models"),
        "MLSCORE_SPOOL": str(folder / "spool"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


def until(
    is_so: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait until something is so; fail once time is up, or the process has ended."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        assert process is None or process.poll() is None, f"the process ended with {process.returncode}"
        time.sleep(0.05)


def is_live(running: Running) -> bool:
    try:
        return running.call("GET", "/health/live").status_code == 200
    except httpx2.NetworkError:
        return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def request_bytes(path: str, key: str, body: Mapping[str, Any]) -> bytes:
    """Return a POST as it goes over the line."""
    written = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(written)}\r\n\r\n".encode() + written
