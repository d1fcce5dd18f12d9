"""`demo`: a firm that does not exist, from its CRM export to a scored deal, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess  # nosec B404 # the demonstration starts our own commands
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import FrameType
from typing import Annotated, Any

import httpx2
import typer

from mlscore.scoring.errors import TrainingError
from mlscore.settings import Settings
from training.commands.console import err, out, refusing, telling
from training.commands.example_deal import EXAMPLE_DEAL, show_answer
from training.commands.learning import tell_findings
from training.retrain import Progress, Terms, retrain
from training.simulate import simulate
from training.workshop import now, open_workshop

MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "demo" / "mapping.toml"
FOLDER = Path(".demo")
DEALS, SEED = 4000, 20
READY_SECONDS, STOP_SECONDS, POLL_SECONDS = 60.0, 15.0, 0.2

MANAGER = "manager"
_KEY, _PASSWORD = "API key: ", "Password: "


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: its folder, and the settings every part of it is given."""

    folder: Path
    settings: Settings

    @property
    def address(self) -> str:
        """The service's address."""
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Our environment with the demo's settings: no policy or store of the user's is touched."""
        ours = {name: value for name, value in os.environ.items() if name != "MLSCORE_POLICY"}
        return {**ours, **self.own}

    @property
    def own(self) -> Mapping[str, str]:
        """The demo's settings, as variables."""
        return {
            "MLSCORE_DATABASE": self.settings.database,
            "MLSCORE_MODELS": str(self.settings.models),
            "MLSCORE_SPOOL": str(self.folder / "spool"),
            "MLSCORE_TRACKING_URI": self.settings.tracking_uri,
            "MLSCORE_FIRM": self.settings.firm,
            "MLSCORE_HOST": "127.0.0.1",
            "MLSCORE_PORT": str(self.settings.port),
        }

    @property
    def by_hand(self) -> str:
        """How a shell is told to work on what the demo has made, and a first command."""
        told = " ".join(f"{name}={quote(value)}" for name, value in self.own.items())
        return f"export {told}; {quote(sys.executable)} -m mlscore.cli doctor"


def demo_command(
    fresh: Annotated[bool, typer.Option(help="Begin anew; --no-fresh serves what an earlier demo trained.")] = True,
    deals: Annotated[int, typer.Option(min=1, help="How many deals to simulate.")] = DEALS,
    folder: Annotated[Path, typer.Option(help="Where everything of the demo lies.")] = FOLDER,
) -> None:
    """Simulate a firm, import its deals, train, pass the gates, serve, score a deal; stay up until Ctrl-C."""
    with refusing() as settings, _stopping_politely():
        stage = _set(folder, settings)
        _see_that_port_is_free(stage)
        progress = telling()
        if fresh or not stage.settings.models.is_dir():
            _prepare(stage, deals, progress)
        key = _printed(told_by(stage, "keys", "create", "demo"), _KEY)
        password = _manager(stage)
        with _serving(stage, progress) as service:
            _show(stage, key, password)
            service.wait()


def _set(folder: Path, settings: Settings) -> Stage:
    where = folder.resolve()
    own = {
        "database": f"sqlite:///{where / 'mlscore.db'}",
        "models": where / "models",
        "tracking_uri": f"sqlite:///{where / 'mlflow.db'}",
        "policy": None,
        "firm": "main",
    }
    return Stage(where, settings.model_copy(update=own))


def _prepare(stage: Stage, deals: int, progress: Progress) -> None:
    _clear(stage.folder)
    export = stage.folder / "deals.csv"
    progress(f"simulating {deals} deals of a firm that does not exist")
    simulate(deals=deals, seed=SEED).write_csv(export)
    progress("importing them, as a firm would: mlscore history import")
    out.print(told_by(stage, "history", "import", str(export), "--mapping", str(MAPPING)).rstrip(), markup=False)
    progress("training: python -m training retrain --simulated")
    with open_workshop(stage.settings) as workshop:
        done = retrain(workshop, Terms(seed=SEED, simulated=True), at=now(), progress=progress)
    tell_findings(done.findings)
    if not done.findings.passed:
        raise TrainingError("The simulated model did not pass its gates, so there is nothing to show.")


def _clear(folder: Path) -> None:
    mark = folder / "DEMO"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise TrainingError(f"{folder} holds something that is no demo. Choose another --folder, or remove it.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.write_text("Everything here is simulated and made anew by `python -m training demo`.\n", encoding="utf-8")


def told_by(stage: Stage, *words: str) -> str:
    """Return what a command of ours printed; what else it said is shown where it fails. Raises TrainingError."""
    command = [sys.executable, "-m", "mlscore.cli", *words]
    done = subprocess.run(  # noqa: S603 # nosec B603 # our own command line
        command, env=stage.environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        err.print(done.stderr.rstrip(), markup=False)
        raise TrainingError(f"mlscore {' '.join(words[:2])} ended with status {done.returncode}; its reason is above.")
    return done.stdout


def _printed(said: str, mark: str) -> str:
    found = [line.removeprefix(mark) for line in said.splitlines() if line.startswith(mark)]
    if len(found) != 1:
        raise TrainingError(f"A command printed no line that begins with {mark.strip()!r}.")
    return found[0].strip()


def _manager(stage: Stage) -> str:
    """Return the password of the demo's manager, who is made the first time."""
    has_one = f"{MANAGER}:" in told_by(stage, "users", "list")
    words = ("password", MANAGER) if has_one else ("create", MANAGER, "--role", "manager")
    return _printed(told_by(stage, "users", *words), _PASSWORD)


@contextmanager
def _serving(stage: Stage, progress: Progress) -> Iterator[subprocess.Popen[bytes]]:
    """Start the service, wait until it is ready, and stop it whatever happens."""
    progress(f"starting the service: mlscore serve, {stage.address}")
    log = (stage.folder / "service.log").open("ab")
    command = [sys.executable, "-m", "mlscore.cli", "serve"]
    service = subprocess.Popen(command, env=stage.environment, stdout=log, stderr=log)  # noqa: S603 # nosec B603 # our own
    try:
        _wait_until_ready(stage, service)
        yield service
    finally:
        service.terminate()
        try:
            service.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()
            service.wait()
        log.close()
        err.print("The service has stopped.")


def _wait_until_ready(stage: Stage, service: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if service.poll() is not None:
            raise TrainingError(f"The service ended as it started; {stage.folder / 'service.log'} says why.")
        try:
            if httpx2.get(f"{stage.address}/health/ready", timeout=2.0).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            pass
        time.sleep(POLL_SECONDS)
    raise TrainingError(f"The service was not ready within {READY_SECONDS:g} s; see {stage.folder / 'service.log'}.")


def _show(stage: Stage, key: str, password: str) -> None:
    answer = _score(stage, key, EXAMPLE_DEAL)
    show_answer(EXAMPLE_DEAL, answer)
    body = json.dumps(EXAMPLE_DEAL, ensure_ascii=False)
    out.print(
        f"\nScore a deal yourself:\n  curl -s {stage.address}/v1/score -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{body}'\n",
        markup=False,
        soft_wrap=True,
    )
    sign_in = f"sign in as {MANAGER} with the password {password}"
    out.print(f"Pages:        {stage.address} ({sign_in})", highlight=False, soft_wrap=True)
    out.print(f"API by hand:  {stage.address}/docs")
    out.print(f"Command line: {stage.by_hand}", highlight=False, soft_wrap=True)
    out.print(
        f"MLflow runs:  {sys.executable} -m mlflow server --workers 1 --port 5000 "
        f"--backend-store-uri {stage.settings.tracking_uri}",
        soft_wrap=True,
    )
    typer.echo(f"{_KEY}{key}")
    out.print("Ctrl-C stops it.")


def _score(stage: Stage, key: str, deal: Mapping[str, object]) -> Mapping[str, Any]:
    answer = httpx2.post(
        f"{stage.address}/v1/score", json=deal, headers={"Authorization": f"Bearer {key}"}, timeout=30.0
    )
    if answer.status_code != httpx2.codes.OK:
        raise TrainingError(f"The service refused the example deal with {answer.status_code}: {answer.text[:500]}")
    read: Mapping[str, Any] = answer.json()
    return read


def _see_that_port_is_free(stage: Stage) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", stage.settings.port))
        except OSError:
            raise TrainingError(
                f"Port {stage.settings.port} is in use. Choose another: MLSCORE_PORT=8001 make demo."
            ) from None


@contextmanager
def _stopping_politely() -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the demo in the same way, without a traceback."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # A shell starts background jobs deaf to Ctrl-C; we always listen.
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        err.print("Stopped.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
