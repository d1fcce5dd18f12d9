"""Trainings and promotions that really run at once, each in a process of its own: exactly one wins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from mlscore.registry import Shelf, registered_model_name
from mlscore.settings import Settings
from tests.training.histories import START, a_history
from training.commands import app
from training.commands.console import BUSY
from training.workshop import open_workshop

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # MLflow warns of its own tables
    pytest.mark.timeout(300),  # four processes, each of which loads MLflow
]

FIRM = "main"
READY = "ready"
_PROGRAM = f"""
import sys
from training.commands import app
from mlflow import MlflowClient
print("{READY}", flush=True)
sys.stdin.readline()
app(sys.argv[1:])
"""
"""Loads everything, says so, and begins when it is told to: two of them begin within a moment."""


@pytest.fixture(scope="module")
def env(tmp_path_factory) -> Mapping[str, str]:
    """Give the environment of a firm with a history and no model."""
    folder: Path = tmp_path_factory.mktemp("at-once")
    settings = Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", firm=FIRM)
    history = a_history(60)
    with open_workshop(settings) as workshop:
        workshop.store.receipts.keep(FIRM, [c.receipt for c in history])
        workshop.store.outcomes.record(FIRM, [c.outcome for c in history], at=START)
    return os.environ | {
        "MLSCORE_DATABASE": settings.database,
        "MLSCORE_MODELS": str(settings.models),
        "MLSCORE_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLSCORE_FIRM": FIRM,
        "OMP_WAIT_POLICY": "passive",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


def at_once(env: Mapping[str, str], *commands: list[str]) -> list[tuple[int, str]]:
    """Run commands of the trainer at the same moment; return how each ended and what it said."""
    started = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, *words],
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for words in commands
    ]
    for process in started:
        assert process.stdout.readline().strip() == READY
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    ended = []
    for process in started:
        said, _ = process.communicate(timeout=200)
        ended.append((process.returncode, said))
    return ended


def champions_of(env: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the champion of the shelf, and that of the tracking server."""
    client = MlflowClient(env["MLSCORE_TRACKING_URI"])
    alias = client.get_model_version_by_alias(registered_model_name(FIRM), "champion")
    return Shelf(Path(env["MLSCORE_MODELS"])).champion(FIRM), str(alias.version)


def test_of_two_trainings_and_of_two_promotions_at_once_exactly_one_wins(env) -> None:
    shelf = Shelf(Path(env["MLSCORE_MODELS"]))
    trained = at_once(env, ["retrain"], ["retrain"])
    assert [code for code, _ in trained if code != BUSY] in ([0], [1]), trained
    [said] = [said for code, said in trained if code == BUSY]
    assert "Another training or promotion of main is running" in said
    assert shelf.versions(FIRM) == ("1",)
    assert champions_of(env) == ("1", "1")

    later = CliRunner().invoke(app, ["retrain"], env=env)
    assert (later.exit_code, "Nothing is new since version 1 of main" in later.output) == (0, True)
    assert shelf.versions(FIRM) == ("1",)

    assert CliRunner().invoke(app, ["retrain", "--force"], env=env).exit_code in {0, 1}
    assert shelf.versions(FIRM) == ("1", "2")

    promoted = at_once(env, ["promote", "1"], ["promote", "2"])
    assert sorted(code for code, _ in promoted) == [0, BUSY], promoted
    winner = str([code for code, _ in promoted].index(0) + 1)
    assert champions_of(env) == (winner, winner)
