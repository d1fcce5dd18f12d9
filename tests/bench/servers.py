"""Starts the servers that are measured, each a process of its own, and stops them whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ground import ROOT, Ground
from tests.serving import answers, free_port, megabytes_of, until

READY_SECONDS, STOP_SECONDS = 120.0, 15.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: where, its process, and how long it took."""

    port: int
    pid: int
    seconds_to_ready: float

    @property
    def megabytes(self) -> float:
        """The memory it holds now."""
        return megabytes_of(self.pid)


@contextmanager
def product(ground: Ground) -> Iterator[Running]:
    """Run `mlscore serve` from the lean environment."""
    with _running(ground, [str(ground.python), "-m", "mlscore.cli", "serve"], "/health/ready") as running:
        yield running


@contextmanager
def stand(ground: Ground, answer: Path) -> Iterator[Running]:
    """Run the same application with the routes to compare with, from the lean environment."""
    words = [str(ground.python), "-m", "tests.bench.stand", str(answer)]
    with _running(ground, words, "/health/ready") as running:
        yield running


@contextmanager
def mlflow(ground: Ground, model: Path) -> Iterator[Running]:
    """Run `mlflow models serve`, one worker, on a model folder."""
    words = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    with _running(ground, [*words, "--host", "127.0.0.1", "--workers", "1"], "/ping", port_word="--port") as running:
        yield running


@contextmanager
def _running(ground: Ground, words: Sequence[str], ready: str, *, port_word: str | None = None) -> Iterator[Running]:
    port = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"  # MLflow looks for uvicorn there
    environment = {**os.environ, **ground.environment, "MLSCORE_PORT": str(port), "PATH": path}
    environment.pop("MLSCORE_POLICY", None)
    command = [*words, port_word, str(port)] if port_word else list(words)
    begun = time.perf_counter()
    with (ground.folder / "servers.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT, start_new_session=True)
        try:
            until(lambda: answers(port, ready), "a server answers", seconds=READY_SECONDS, process=process)
            yield Running(port, process.pid, time.perf_counter() - begun)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server with whatever it started itself: they are a session of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
