"""`mlscore keys` makes keys, lists them without their secrets, and withdraws them."""

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
