"""`python -m training watch`: what it prints and writes, and how it ends."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.training.watch.planted import a_workshop, asked, changed, with_facts
from training.commands import app

AGO = timedelta(days=45)
"""Long enough for every deal to have ended."""


@pytest.fixture
def history():
    """Give deals of which the last came in six weeks ago."""
    return asked(600, last=datetime.now(UTC) - AGO)


def said(done) -> str:
    """Return what was printed in one line, whatever the width of the screen broke it into."""
    return " ".join(done.output.replace("│", " ").split())


def run(tmp_path, *words):
    env = {"MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'mlscore.db'}", "MLSCORE_MODELS": str(tmp_path / "models")}
    return CliRunner().invoke(app, ["watch", *words], env=env)


def test_it_ends_well_where_nothing_has_changed(tmp_path, history) -> None:
    with a_workshop(tmp_path, history):
        pass
    done = run(tmp_path)
    assert done.exit_code == 0, done.output
    assert "All 14 facts are like those of the earlier deals model 7 learned from: nothing to do." in said(done)
    assert "the newest 200 deals" in said(done)


def test_it_ends_with_5_on_an_alarm_and_writes_what_it_was_asked_to(tmp_path, history) -> None:
    with a_workshop(tmp_path, changed(history, lambda one: with_facts(one, source="tender"))):
        pass
    written, metrics = tmp_path / "watch.json", tmp_path / "mlscore.prom"
    done = run(tmp_path, "--json", str(written), "--metrics", str(metrics))
    assert done.exit_code == 6
    assert json.loads(written.read_text())["drifts"][0]["fact"] == "source"
    assert 'mlscore_watch_standing{check="facts",firm="main"} 2.0' in metrics.read_text()


def test_a_limit_of_ones_own_and_a_date_are_heeded(tmp_path, history) -> None:
    with a_workshop(tmp_path, changed(history, lambda one: with_facts(one, source="tender"))):
        pass
    since = datetime.now(UTC) - AGO - timedelta(days=8)
    done = run(tmp_path, "--since", f"{since:%Y-%m-%d}", "--limit", "psi_warn=50", "--limit", "psi_alarm=99")
    assert done.exit_code == 0
    assert f"deals since {since:%Y-%m-%d}" in said(done)


def test_an_empty_store_is_nothing_to_watch(tmp_path) -> None:
    done = run(tmp_path)
    assert done.exit_code == 3
    assert "python -m training retrain" in said(done)


@pytest.mark.parametrize("words", [("--limit", "psi=1"), ("--metrics", "/nowhere/at/all.prom")])
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, history, words) -> None:
    with a_workshop(tmp_path, history):
        pass
    assert run(tmp_path, *words).exit_code == 1


@pytest.mark.parametrize("words", [("--since", "soon"), ("--days", "0")])
def test_wrong_usage_ends_with_2(tmp_path, words) -> None:
    assert run(tmp_path, *words).exit_code == 2


def test_help_tells_the_exit_codes_and_every_limit(tmp_path) -> None:
    told = said(run(tmp_path, "--help"))
    assert "6 an alarm" in told
    assert "calibration_alarm (1.25)" in told


def test_the_timers_unit_runs_the_command_as_it_is(tmp_path, history) -> None:
    unit = (Path(__file__).parents[3] / "docs/systemd/mlscore-watch@.service").read_text(encoding="utf-8")
    [words] = re.findall(r"^ExecStart=\S+/python -m training watch (.*)$", unit, re.MULTILINE)
    options = {option: tmp_path / Path(file).name for option, file in zip(*[iter(words.split())] * 2, strict=True)}
    with a_workshop(tmp_path, history):
        pass
    assert run(tmp_path, *(str(word) for pair in options.items() for word in pair)).exit_code == 0
    assert all(file.exists() for file in options.values())
