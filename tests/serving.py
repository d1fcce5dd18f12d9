"""The service as processes of its own: `mlscore serve` on a free port, asked over real sockets, killed, looked at."""

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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import httpx2

from mlscore.ports.keys import EVERY_SCOPE
from mlscore.store import open_store

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0
LOOKS_EVERY_SECONDS = 0.02


@dataclass(slots=True)
class Service:
    """`mlscore serve` on one port, with a database, a shelf and a spool in one folder; it can be started again."""

    folder: Path
    database: str
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this service."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLSCORE_", "OMP_"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)  # a service does not compile its libraries at every start
        return kept | {
            "MLSCORE_DATABASE": self.database,
            "MLSCORE_MODELS": str(self.folder / "models"),
            "MLSCORE_SPOOL": str(self.folder / "spool"),
            "MLSCORE_PORT": str(self.port),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "OPENBLAS_NUM_THREADS": "1",
            **self.settings,
        }

    def start(self, before: Callable[[], None] | None = None) -> float:
        """Start the process and wait until it is ready; return the seconds that took."""
        begun = time.monotonic()
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlscore.cli", "serve"],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                preexec_fn=before,  # noqa: PLW1509 - limits are set on the child alone, and we have no threads then
            )
        until(self.is_ready, "the service is ready", process=self.process)
        return time.monotonic() - begun

    def is_ready(self) -> bool:
        """Tell whether it can score."""
        return answers(self.port, "/health/ready")

    def call(self, method: str, path: str, *, key: str = "", **sent: Any) -> httpx2.Response:
        """Ask over a connection of its own: any worker may take it."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.request(
            method, self.url + path, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False, **sent
        )

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it as a power cut does."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def workers(self) -> set[int]:
        """Return the processes that answer, where there are several; one child only tracks what they share."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        return {int(child) for child in children if b"spawn_main" in _command_of(child)}

    def megabytes(self) -> float:
        """Return the memory it holds now."""
        return megabytes_of(self.pid)

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def new_key(self, firm: str = "main", rate: int | None = None) -> str:
        """Make a key that may do everything."""
        store = open_store(self.database)
        try:
            store.migrate()
            return store.keys.create(
                firm, "drill", at=datetime.now(UTC), scopes=frozenset(EVERY_SCOPE), rate_per_minute=rate
            )[1]
        finally:
            store.close()


@contextmanager
def a_service(folder: Path, database: str | None = None, **settings: str) -> Iterator[Service]:
    """Give a service that has not been started, and end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    service = Service(folder, database or f"sqlite:///{folder / 'mlscore.db'}", free_port(), settings)
    try:
        yield service
    finally:
        if service.process is not None:
            if service.process.poll() is None:
                service.send(signal.SIGCONT)
            service.stop()


@contextmanager
def serving(folder: Path, database: str | None = None, **settings: str) -> Iterator[Service]:
    """Give a service that is ready, and end it afterwards."""
    with a_service(folder, database, **settings) as service:
        service.start()
        yield service


def until(
    is_so: Callable[[], bool],
    what: str = "it came to be",
    *,
    seconds: float = PATIENCE_SECONDS,
    process: subprocess.Popen[bytes] | None = None,
) -> float:
    """Wait until something is so, and return how long it took. Raises RuntimeError when it never is."""
    begun = time.monotonic()
    while not is_so():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"The process ended with {process.returncode} before {what}; its log says why.")
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"It was not so within {seconds:g} s that {what}.")
        time.sleep(LOOKS_EVERY_SECONDS)
    return time.monotonic() - begun


def answers(port: int, path: str) -> bool:
    """Tell whether a server on this machine answers a GET with 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5.0)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def megabytes_of(pid: int) -> float:
    """Return the memory a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def request_bytes(
    path: str, key: str, body: bytes | Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a POST as it goes over the line."""
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"{head}{more}Content-Length: {len(written)}\r\n\r\n".encode() + written


def _command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""
