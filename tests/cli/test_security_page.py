"""docs/security.md says what is so: its commands run, its scopes are those of the routes, its unit starts a command."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlscore.api.access import declared
from mlscore.cli import app
from mlscore.http.access.doors import PUBLIC
from tests.cli.conftest import Run
from training.commands import app as trainer

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "security.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
NAMED = sorted(set(re.findall(r"`mlscore (\w+)", PAGE)))
TRAINERS = sorted(set(re.findall(r"python -m training (\w+)", PAGE)))


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("mlscore")])
def test_a_command_of_the_page_runs(run: Run, line: str) -> None:
    assert run(*line.split()[1:]).exit_code == 0


@pytest.mark.parametrize("command", NAMED)
def test_every_command_the_page_names_is_there(command: str) -> None:
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("command", TRAINERS)
def test_every_command_of_the_trainer_it_names_is_there(command: str) -> None:
    assert CliRunner().invoke(trainer, [command, "--help"]).exit_code == 0


def test_its_table_of_scopes_is_that_of_the_routes() -> None:
    told = dict(re.findall(r"^\| `(score|outcome|read|admin)` \| (.*) \|$", PAGE, re.MULTILINE))
    asked = {scope for scope in declared(metrics_for="admin").values() if scope != PUBLIC}
    assert set(told) == asked
    for door, scope in declared(metrics_for="admin").items():
        path = door.split()[1]
        if scope in {"score", "outcome", "admin"}:
            assert f"{path}`" in told[scope]


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:http|api|web|service|store|registry|outgoing|tests)/[\w/.]*|logs\.py)`", PAGE)
    assert [one for one in named if not any((DOCS.parent / root / one).exists() for root in ("src/mlscore", "."))] == []


def test_the_unit_of_the_retention_starts_a_command_that_is_there(run: Run) -> None:
    unit = (DOCS / "systemd/mlscore-retention.service").read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=/opt/mlscore/\.venv/bin/mlscore (\w+)$", unit, re.MULTILINE)
    assert command is not None
    assert run(command[1], MLSCORE_REQUEST_TEXT_DAYS="30").exit_code == 0
