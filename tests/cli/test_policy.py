"""`mlscore policy` checks, applies and shows what a manager may change."""

from pathlib import Path

import pytest

from mlscore.scoring.policy import default_document
from tests.cli.conftest import Run


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(default_document(), encoding="utf-8")
    return file


def changed(file: Path, before: str, after: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    return file


def test_the_shipped_policy_is_good_and_its_floor_is_told(run: Run, shipped: Path) -> None:
    done = run("policy", "check", shipped)
    assert done.exit_code == 0
    assert "5,000" in done.stdout


def test_a_capacity_of_nothing_is_refused_with_the_reason(run: Run, shipped: Path) -> None:
    done = run("policy", "check", changed(shipped, "closed_capacity = 100", "closed_capacity = 0"))
    assert done.exit_code == 1
    assert "economics.closed_capacity" in done.stderr
    assert "must be > 0" in done.stderr


def test_every_fault_is_told_at_once_and_in_russian_where_asked(run: Run, shipped: Path) -> None:
    changed(shipped, "closed_capacity = 100", "closed_capacity = 0")
    done = run("policy", "check", changed(shipped, "urgent_days", "urgentdays"), MLSCORE_LANGUAGE="ru")
    assert done.exit_code == 1
    assert "economics.closed_capacity" in done.stderr
    assert "grading.urgentdays" in done.stderr
    assert "В правилах есть ошибки" in done.stderr


def test_an_applied_policy_is_shown_as_it_was_written_comments_included(run: Run, shipped: Path) -> None:
    changed(shipped, "overhead_month = 500_000", "overhead_month = 600_000")
    assert run("policy", "apply", shipped, "--why", "rent went up", "--by", "Anna").exit_code == 0
    assert run("policy", "show").stdout == shipped.read_text(encoding="utf-8")
    listed = run("policy", "show", "--versions").stdout
    assert "rent went up" in listed
    assert "Anna" in listed


def test_a_policy_applied_twice_is_said_to_be_there_already(run: Run, shipped: Path) -> None:
    changed(shipped, "overhead_month = 500_000", "overhead_month = 600_000")
    first, again = (run("policy", "apply", shipped, "--why", why).stdout for why in ("rent went up", "and up"))
    assert "already" not in first
    assert "already: nothing is added, nor this reason kept" in again
    assert "and up" not in run("policy", "show", "--versions").stdout


def test_a_policy_below_a_pinned_one_is_not_said_to_be_in_force(run: Run, shipped: Path, tmp_path: Path) -> None:
    pinned = tmp_path / "pinned.toml"
    pinned.write_text(default_document(), encoding="utf-8")
    changed(shipped, "overhead_month = 500_000", "overhead_month = 600_000")
    said = run("policy", "apply", shipped, "--why", "rent went up", MLSCORE_POLICY=str(pinned)).stdout
    assert "scores by the file that MLSCORE_POLICY names" in said
    assert "scores by version" not in said


def test_an_earlier_version_can_be_written_to_a_file(run: Run, shipped: Path, tmp_path: Path) -> None:
    run("policy", "show")
    changed(shipped, "overhead_month = 500_000", "overhead_month = 600_000")
    run("policy", "apply", shipped, "--why", "rent went up")
    copy = tmp_path / "first.toml"
    assert run("policy", "show", copy, "--version", "1").exit_code == 0
    assert copy.read_text(encoding="utf-8") == default_document()


def test_a_version_that_never_was_is_refused(run: Run) -> None:
    done = run("policy", "show", "--version", "99")
    assert done.exit_code == 2
    assert "--versions" in done.stderr


def test_a_file_that_is_not_utf8_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "old.toml"
    file.write_bytes('name = "Фирма"'.encode("cp1251"))
    done = run("policy", "check", file)
    assert done.exit_code == 1
    assert "save it as UTF-8" in done.stderr


@pytest.mark.parametrize("asked", [["--default"], []], ids=["the shipped one", "the current one"])
def test_figures_a_manager_has_put_in_are_not_written_over(run: Run, shipped: Path, asked: list[str]) -> None:
    mine = changed(shipped, "overhead_month = 500_000", "overhead_month = 600_000").read_text(encoding="utf-8")
    done = run("policy", "show", shipped, *asked)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "is there already" in done.stderr
    assert shipped.read_text(encoding="utf-8") == mine


def test_a_pinned_policy_that_is_not_there_is_not_said_to_be_faulty_toml(run: Run) -> None:
    done = run("policy", "show", MLSCORE_POLICY="nowhere.toml")
    assert done.exit_code == 1
    assert "nowhere.toml: The file cannot be read: No such file or directory." in done.stderr
