"""`mlscore users`: people are made, changed and kept out without a browser."""

import re
from pathlib import Path

from mlscore.ports import DeedsAsked, User
from mlscore.store import open_store
from tests.cli.conftest import Run


def done(run: Run, *words: str) -> str:
    result = run("users", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(run: Run, *words: str) -> str:
    result = run("users", *words)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    return result.stderr


def kept(folder: Path, name: str) -> User:
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    user = store.users.named("main", name)
    store.close()
    assert user is not None
    return user


def test_a_person_is_added_with_a_password_shown_this_once(run: Run, tmp_path: Path) -> None:
    said = done(run, "create", "anna", "--role", "manager")
    password = re.search(r"^Password: (\S+)$", said, re.MULTILINE)[1]
    user = kept(tmp_path, "anna")
    assert user.role == "manager"
    assert password not in user.password_hash
    assert password not in done(run, "list")


def test_a_seller_needs_seller_ids(run: Run) -> None:
    assert "seller" in refused(run, "create", "boris", "--role", "seller")
    done(run, "create", "boris", "--role", "seller", "--seller", "S-1", "--seller", "S-2")
    assert "boris: seller of S-1, S-2, open" in done(run, "list")


def test_a_role_that_is_none_is_refused(run: Run) -> None:
    assert "viewer, manager, admin" in refused(run, "create", "anna", "--role", "king")


def test_another_role_another_password_kept_out_and_let_in(run: Run, tmp_path: Path) -> None:
    done(run, "create", "boris", "--role", "manager")
    done(run, "role", "boris", "viewer")
    before = kept(tmp_path, "boris").password_hash
    assert "Password: " in done(run, "password", "boris")
    assert kept(tmp_path, "boris").password_hash != before
    done(run, "disable", "boris")
    assert "boris: viewer, disabled" in done(run, "list")
    done(run, "disable", "boris", "--undo")
    assert "boris: viewer, open" in done(run, "list")


def test_the_last_admin_stays(run: Run) -> None:
    done(run, "create", "anna", "--role", "admin")
    assert "last admin" in refused(run, "disable", "anna")
    assert "last admin" in refused(run, "role", "anna", "viewer")


def test_a_name_nobody_has_is_told(run: Run) -> None:
    assert "no user" in refused(run, "password", "nobody")


def test_sessions_are_listed_and_ended(run: Run) -> None:
    done(run, "create", "anna")
    assert done(run, "sessions", "anna").strip() == ""
    assert "0 session(s) ended." in done(run, "sessions", "anna", "--end")


def test_every_change_names_the_command_in_the_audit_log(run: Run, tmp_path: Path) -> None:
    done(run, "create", "anna")
    done(run, "role", "anna", "manager")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    deeds = store.audit.read("main", DeedsAsked(), first=0, at_most=9)
    store.close()
    assert [(deed.who, deed.what) for deed in deeds] == [
        ("mlscore users", "user.role"),
        ("mlscore users", "user.added"),
    ]
