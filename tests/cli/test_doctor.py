"""`mlscore doctor` says in words what is missing or misconfigured."""

from pathlib import Path

from tests.cli.conftest import Run


def test_without_a_key_it_says_how_to_make_one(run: Run) -> None:
    done = run("doctor")
    assert done.exit_code == 1
    assert "mlscore keys create" in done.stdout


def test_with_a_key_nothing_is_wrong(run: Run) -> None:
    run("keys", "create", "crm")
    done = run("doctor")
    assert done.exit_code == 0
    assert "wrong" not in done.stdout


def test_a_damaged_model_is_named(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    (tmp_path / "models/main/7").mkdir(parents=True)
    (tmp_path / "models/main/champion").write_text('{"version": "7"}', encoding="utf-8")
    done = run("doctor")
    assert done.exit_code == 1
    assert "model" in done.stdout


def test_a_store_that_is_not_there_is_told_in_words(run: Run) -> None:
    done = run("doctor", MLSCORE_DATABASE="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_a_setting_that_cannot_be_used_is_named_with_the_reason(run: Run) -> None:
    done = run("doctor", MLSCORE_PORT="many")
    assert done.exit_code == 1
    assert "MLSCORE_PORT" in done.stderr


def test_before_any_training_the_shelf_says_who_answers(run: Run) -> None:
    done = run("model", "show")
    assert done.exit_code == 0
    assert "the policy's prior answers" in done.stdout


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout.startswith("mlscore ")
