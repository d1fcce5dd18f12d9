"""Commands are loaded when they are called, and told of as if all of them were there."""

import re
import subprocess
import sys

import pytest

LOADED = """
import sys
from typer.testing import CliRunner
from mlscore.cli import app

assert CliRunner().invoke(app, ["serve", "--help"]).exit_code == 0
print(*(name for name in sys.modules if name.startswith("mlscore.")))
"""


def test_a_service_loads_neither_the_connector_nor_what_other_commands_need():
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()
    assert "mlscore.cli.server" in loaded
    assert [name for name in loaded if name.startswith(("mlscore.crm", "mlscore.cli.doctor", "mlscore.store"))] == []


def test_the_help_tells_of_every_command(run):
    told = run("--help").stdout
    for name, sentence in (
        ("serve", "Start the service"),
        ("score", "Score every deal"),
        ("keys", "rotate and revoke"),
    ):
        assert name in told
        assert sentence in told


@pytest.mark.parametrize("typed", ["srve", "bitrx24"])
def test_a_mistyped_command_is_told_which_may_be_meant(run, typed):
    assert "Did you mean" in run(typed).stderr


def test_groups_keep_their_name_and_their_commands(run):
    told = run("users", "--help").stdout
    assert "users [OPTIONS] COMMAND" in told
    assert "Create, list and change who may sign in" in told


@pytest.mark.parametrize(
    ("command", "settings", "named"),
    [
        (("policy", "show", "nowhere/my.toml", "--default"), {}, "nowhere/my.toml"),
        (("score", "deals.csv", "--out", "nowhere/out.csv"), {}, "nowhere/"),
        (("backup", "deals.csv/copy"), {}, "deals.csv"),
        (("model", "list"), {"MLSCORE_MODELS": "deals.csv"}, "deals.csv"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_place_that_cannot_be_used_is_named_without_a_traceback(run, tmp_path, command, settings, named):
    run("keys", "create", "crm")
    (tmp_path / "deals.csv").write_text("deal_id,amount\nD-1,5\n", encoding="utf-8")
    done = run(*command, **settings)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert named in done.stderr
    assert "see to it, or name another place." in done.stderr


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_paragraph_of_help_is_as_wide_as_the_terminal(run, columns):
    told = run("follow", "--help", COLUMNS=columns).stdout.split("╭")[0]
    [paragraph] = [one for one in re.split(r"\n *\n", told) if "A process of its own" in one]
    lines = [line.strip() for line in paragraph.splitlines()]
    room = [columns - 2 - len(line) - 1 for line in lines[:-1]]
    assert all(len(after.split()[0]) > left for left, after in zip(room, lines[1:], strict=True))


@pytest.mark.parametrize("what", ["keys", "webhooks", "users"])
def test_an_empty_list_says_what_would_fill_it_and_stays_empty_for_programs(run, what):
    done = run(what, "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"`mlscore {what} create NAME" in done.stderr


@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (("keys", "revoke", "crm"), "`mlscore keys list` shows them"),
        (("webhooks", "end", "crm"), "`mlscore webhooks list` shows them"),
        (("restore", "nowhere"), "name a folder that `mlscore backup` wrote"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_name_that_is_none_is_told_where_the_right_ones_are(run, command, shows):
    done = run(*command)
    assert done.exit_code == 1
    assert shows in done.stderr
