"""The trainer's command line: what it prints, writes and refuses."""

import json
import os
import re
import socket
import subprocess

import numpy as np
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import default_document
from mlscore.settings import Settings
from tests.training.histories import START, a_history, a_table, undated
from training.commands import app, demo
from training.commands.console import EXIT_CODES, read_folds
from training.commands.example_deal import EXAMPLE_DEAL, show_answer
from training.estimators import candidates
from training.export import write_parquet
from training.workshop import open_workshop

COMMANDS = (
    "retrain",
    "evaluate",
    "export",
    "leaks",
    "watch",
    "keygen",
    "sign",
    "promote",
    "rollback",
    "simulate",
    "bench",
    "pages",
    "speed",
    "demo",
)
DATASETS = os.environ.get("MLSCORE_DATASETS")


@pytest.fixture
def env(tmp_path):
    """Give the environment of a firm of its own."""
    return {
        "MLSCORE_DATABASE": f"sqlite:///{tmp_path / 'mlscore.db'}",
        "MLSCORE_MODELS": str(tmp_path / "models"),
        "MLSCORE_TRACKING_URI": f"sqlite:///{tmp_path / 'mlflow.db'}",
        "COLUMNS": "200",
    }


def keep(env, history) -> None:
    with open_workshop(Settings(database=env["MLSCORE_DATABASE"])) as workshop:
        workshop.store.receipts.keep("main", [c.receipt for c in history])
        workshop.store.outcomes.record("main", [c.outcome for c in history], at=START)


def run(*words, env):
    return CliRunner().invoke(app, list(words), env=env)


def test_help_names_every_command_and_the_exit_codes(env) -> None:
    said = run("--help", env=env).output
    assert all(command in said for command in COMMANDS)
    assert all(f"{code} {means.split()[0]}" in said for code, means in EXIT_CODES.items())
    assert "4 another training" in run("retrain", "--help", env=env).output
    assert all(run(command, "--help", env=env).exit_code == 0 for command in COMMANDS)


def test_evaluate_prints_rules_and_candidates_and_registers_nothing(env, tmp_path) -> None:
    keep(env, a_history(120))
    done = run("evaluate", "--markdown", "--json", str(tmp_path / "out.json"), env=env)
    assert done.exit_code == 0
    rows = [line.split("|")[1].strip() for line in done.output.splitlines() if line.startswith("| ")]
    names = [entrant.name for entrant in candidates(a_table(a_history(120)), seed=1, threads=1)]
    assert rows[1:] == ["rules", *(name.replace("_", " ") for name in names), "service"]
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["figures"][0]["scorer"] == "rules"
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "mlflow.db").exists()


def test_evaluate_takes_a_date_or_folds(env) -> None:
    keep(env, a_history(120))
    assert run("evaluate", "--test-from", "2024-03-15", "--refit", "month", env=env).exit_code == 0
    assert run("evaluate", "--folds", "1x3", env=env).exit_code == 0


@pytest.mark.parametrize(
    ("text", "read"), [(None, None), ("5", (5, 1)), ("5x10", (10, 5)), ("1x2", (2, 1)), ("3X4", (4, 3))]
)
def test_folds_are_told_as_how_often_and_how_many(text, read) -> None:
    assert read_folds(text) == read


def test_a_test_that_begins_after_the_history_is_refused_with_its_newest_day(env) -> None:
    keep(env, a_history(120))
    done = run("evaluate", "--test-from", "2031-01-01", env=env)
    assert done.exit_code == 1
    assert "No deal can be judged from 2031-01-01 on: the newest that is old enough is of 2024-0" in done.output


def test_figures_that_cannot_be_told_are_null_in_the_file(env, tmp_path) -> None:
    keep(env, a_history(3))
    assert run("evaluate", "--json", str(tmp_path / "out.json"), env=env).exit_code == 0
    text = (tmp_path / "out.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["figures"][0]["auc"] is None


@pytest.mark.parametrize(
    "words",
    [["--test-from", "soon"], ["--folds", "5x1"], ["--folds", "many"], ["--refit", "daily"], ["--threads", "0"]],
)
def test_wrong_usage_ends_with_2(env, words) -> None:
    assert run("evaluate", *words, env=env).exit_code == 2


def test_a_setting_that_cannot_be_used_is_named(env) -> None:
    done = run("evaluate", env=env | {"MLSCORE_PORT": "many"})
    assert done.exit_code == 1
    assert "MLSCORE_PORT" in done.output


def test_each_kind_of_failure_ends_with_its_own_status(env) -> None:
    history = a_history(60)
    assert run("retrain", env=env).exit_code == 3
    keep(env, history)
    settings = Settings(database=env["MLSCORE_DATABASE"], models=env["MLSCORE_MODELS"])
    with open_workshop(settings) as workshop, workshop.alone():
        assert run("retrain", env=env).exit_code == 4
    done = run("retrain", env=env | {"MLSCORE_TRACKING_URI": "http://127.0.0.1:1"})
    assert (done.exit_code, "cannot be reached" in done.output) == (5, True)
    assert run("evaluate", env=env | {"MLSCORE_DATABASE": "postgresql://127.0.0.1:1/none"}).exit_code == 5
    done = run("retrain", "--vouch", "shoe_size", env=env)
    assert (done.exit_code, "Nobody can vouch for shoe_size" in done.output) == (1, True)


def test_promoting_what_is_not_there_is_refused_in_a_sentence(env) -> None:
    done = run("promote", "7", env=env)
    assert done.exit_code == 1
    assert "No model 7" in done.output
    assert run("rollback", env=env).exit_code == 1


def test_the_exported_table_is_the_one_trained_on(env, tmp_path) -> None:
    history = a_history(60)
    keep(env, history)
    file = tmp_path / "table.parquet"
    done = run("export", str(file), env=env)
    assert (done.exit_code, "realised profit in minor units of RUB" in done.output) == (0, True)
    written, table = parquet.read_table(file), a_table(history)
    assert written.column("deal_id").to_pylist() == list(table.deal_ids)
    assert written.column("profitable").to_pylist() == table.y.tolist()
    assert written.column("realised_profit").to_pylist() == table.profit.tolist()
    assert written.schema.metadata[b"history_sha256"].decode() == table.history_sha256
    assert written.schema.metadata[b"realised_profit"] == b"minor units of RUB"
    amounts = [np.log1p(c.receipt.deal.amount / 100) for c in history]
    assert b"ln(1 + x) of whole units" in written.schema.metadata[b"features"]
    assert written.column("feature.amount").to_pylist() == pytest.approx(amounts)
    need = [c.receipt.deal.need_defined for c in history]
    assert written.column("feature.need_defined").to_pylist() == [float(answer) for answer in need]
    assert written.column("feature.industry").to_pylist() == [c.receipt.deal.industry for c in history]
    as_of = written.column("as_of").to_pylist()
    assert [moment.date() for moment in as_of] == [c.receipt.as_of.date() for c in history]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "{}/table.csv"), "What is written is Parquet"),
        (("export", "{}/nowhere/table.parquet"), "There is no folder"),
        (("export", "{}/a.parquet"), "is a folder"),
        (("evaluate", "--json", "{}/nowhere/out.json"), "There is no folder"),
        (("watch", "--json", "{}/nowhere/out.json"), "There is no folder"),
        (("bench", "--json", "{}/nowhere/out.json"), "There is no folder"),
        (("simulate", "{}/nowhere/deals.csv"), "There is no folder"),
        (("simulate", "{}/deals.csv", "--truth", "{}/nowhere/truth.csv"), "There is no folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_wrong_usage_before_the_work_begins(env, tmp_path, words, said) -> None:
    (tmp_path / "a.parquet").mkdir()
    done = run(*(word.format(tmp_path) for word in words), env=env | {"COLUMNS": "300"})
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_leaks_shows_what_every_fact_tells_alone_and_ends_with_1_where_one_is_refused(env, tmp_path) -> None:
    history = a_history(200)
    keep(env, history)
    honest = run("leaks", env=env)
    assert (honest.exit_code, "120 deals judged of 200" in honest.output) == (0, True)
    assert re.search(r"budget_allocated\s+│\s+0\.\d{3} │\s+0\.500", honest.output)
    policy = tmp_path / "policy.toml"
    policy.write_text(default_document() + '\n[[custom_facts]]\nname = "close_date"\nkind = "date"\n', encoding="utf-8")
    leaking = run("leaks", env=env | {"MLSCORE_POLICY": str(policy)})
    assert (leaking.exit_code, "REFUSED  close_date is by its name" in leaking.output) == (1, True)


def test_leaks_says_so_where_deals_are_too_few(env) -> None:
    keep(env, a_history(9))
    done = run("leaks", env=env)
    assert (done.exit_code, "9 closed deals are too few to hear facts alone" in done.output) == (0, True)


def test_what_is_unknown_is_empty_in_an_export(tmp_path) -> None:
    write_parquet(a_table(undated(a_history(8))), tmp_path / "table.parquet")
    written = parquet.read_table(tmp_path / "table.parquet")
    assert written.column("as_of").null_count == 8
    known = [c.receipt.deal.role_user is not None for c in a_history(8)]
    assert written.column("feature.role_user").null_count == known.count(False) > 0


def test_simulate_writes_the_export_and_the_truth_apart(env, tmp_path) -> None:
    file, truth = tmp_path / "deals.csv", tmp_path / "truth.csv"
    done = run("simulate", str(file), "--deals", "50", "--truth", str(truth), env=env)
    assert done.exit_code == 0
    assert "p_true" in truth.read_text()
    assert "p_true" not in file.read_text(encoding="cp1251")


def test_the_demo_clears_no_folder_that_is_not_its_own(env, tmp_path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("years of it")
    done = run("demo", "--folder", str(tmp_path / "work"), env=env | {"MLSCORE_PORT": str(a_free_port())})
    assert done.exit_code == 1
    assert (tmp_path / "work" / "thesis.txt").exists()


def test_the_demo_says_so_where_its_port_is_taken(env, tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run("demo", "--folder", str(tmp_path / "demo"), env=env | {"MLSCORE_PORT": port})
    assert done.exit_code == 1
    assert f"Port {port} is in use" in done.output


def test_what_the_demo_says_to_type_works_on_what_it_has_made_from_any_folder(env, tmp_path) -> None:
    folder, elsewhere = tmp_path / "a demo", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    stage = demo.Stage(
        folder, Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", port=a_free_port())
    )
    demo.told_by(stage, "keys", "create", "of the demo")
    typed = ["sh", "-c", stage.by_hand]
    done = subprocess.run(typed, cwd=elsewhere, env=os.environ | env, capture_output=True, text=True, check=False)
    assert "1 in force: of the demo" in done.stdout
    assert list(elsewhere.iterdir()) == []
    assert str(folder / "spool") == stage.environment["MLSCORE_SPOOL"]


def test_the_demo_keeps_to_itself_what_a_command_says_of_a_secret_it_shows_later(tmp_path, capfd) -> None:
    stage = demo.Stage(tmp_path, Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}"))
    assert demo.told_by(stage, "keys", "create", "demo").startswith("API key: ")
    assert capfd.readouterr().err == ""
    with pytest.raises(TrainingError, match="keys create"):
        demo.told_by(stage, "keys", "create", "demo", "--scope", "everything")
    assert "everything" in capfd.readouterr().err


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_answer_without_a_model_can_be_shown(capsys) -> None:
    rule = {
        "verdict": "ask",
        "grade": "none",
        "fire": None,
        "route": "undetermined",
        "economics": {"profit_if_won": None, "floor": 5000, "cost_per_worked_deal": 2500},
    }
    decision = {"action": "ask", "decided_by": "rule", "agreement": "undecided"}
    show_answer(EXAMPLE_DEAL, {"rule": rule, "model": None, "decision": decision})
    assert "Decision: ask, decided by rule" in capsys.readouterr().out
