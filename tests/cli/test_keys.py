"""`mlscore keys` makes keys, lists them without their secrets, and withdraws them."""

import pytest

from tests.cli.conftest import Run


def test_a_key_stands_alone_on_a_line_and_is_listed_without_its_secret(run: Run) -> None:
    made = run("keys", "create", "crm", "--days", "30")
    assert made.exit_code == 0
    secret = made.stdout.strip().removeprefix("API key: ")
    assert made.stdout == f"API key: {secret}\n"
    listed = run("keys", "list").stdout
    assert "crm" in listed
    assert secret not in listed


def test_a_revoked_key_is_listed_with_the_moment(run: Run) -> None:
    made = run("keys", "create", "crm")
    key_id = made.stderr.split("its id is ")[1].split(".")[0]
    done = run("keys", "revoke", key_id)
    assert done.exit_code == 0
    assert "opens nothing any more" in done.stdout


def test_revoking_a_key_that_is_not_there_says_so_without_a_traceback(run: Run) -> None:
    done = run("keys", "revoke", "no-such-key")
    assert done.exit_code == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_a_key_is_made_for_what_it_is_to_do_and_listed_so(run: Run) -> None:
    made = run("keys", "create", "bi", "--scope", "read", "--expires", "2099-03-31", "--rate", "60/minute", "--sandbox")
    assert made.exit_code == 0
    assert "sandbox" in made.stderr
    listed = run("keys", "list").stdout
    assert all(said in listed for said in ("read, sandbox", "60/minute", "2099-03-31"))
    assert "outcome" not in listed


def test_a_rotated_key_is_listed_beside_the_one_it_follows(run: Run) -> None:
    made = run("keys", "create", "crm")
    key_id = made.stderr.split("its id is ")[1].split(".")[0]
    done = run("keys", "rotate", key_id, "--grace", "3")
    assert done.exit_code == 0
    assert done.stdout.strip() != made.stdout.strip()
    assert "3 day(s)" in done.stderr
    assert run("keys", "list").stdout.count("crm") == 2


@pytest.mark.parametrize(
    "wrong", [("--scope", "root"), ("--expires", "soon"), ("--rate", "fast"), ("--expires", "-1d")]
)
def test_what_cannot_be_understood_makes_no_key(run: Run, wrong: tuple[str, str]) -> None:
    done = run("keys", "create", "crm", *wrong)
    assert done.exit_code == 1
    assert wrong[1] in done.stderr
    assert "crm" not in run("keys", "list").stdout
