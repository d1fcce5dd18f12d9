"""The command line as a person runs it: in an empty folder, settings from the environment."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mlscore.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mlscore ARGUMENTS` on a store of its own; the service's defaults, and tables wide enough to read."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(
        env={"MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'store.db'}", "COLUMNS": "200", "MLSCORE_PORT": "0"}
    )
    return lambda *arguments, **env: runner.invoke(
        app, [str(argument) for argument in arguments], env={name: str(value) for name, value in env.items()}
    )
