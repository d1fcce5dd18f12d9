"""A database that is away is told from a mistake of ours, and an address that cannot be used is refused."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mlscore.scoring.errors import FaultyInputError, StoreUnavailableError
from mlscore.store import Store, Waits, open_store
from tests.postgres import Postgres
from tests.store.builders import NOON, a_receipt, an_outcome


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Store]:
    """Open a SQLite store that waits for nobody."""
    opened = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}", waits=Waits(lock=0.05))
    opened.migrate()
    yield opened
    opened.close()


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'var' / 'lib' / 'mlscore.db'}")
    store.migrate()
    store.ping()
    store.close()
    assert (tmp_path / "var" / "lib" / "mlscore.db").stat().st_size > 0


def test_who_asks_sqlite_again_is_given_the_connection_that_holds_its_pages(impatient: Store) -> None:
    with impatient.database.reading(), impatient.database.reading():
        pass
    asked = []
    for _ in range(3):
        with impatient.database.reading() as connection:
            asked.append(connection.connection.driver_connection)
    assert len({id(one) for one in asked}) == 1


def test_a_folder_that_cannot_be_made_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailableError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'mlscore.db'}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "cannot be read"),
        ("not an address", "cannot be read"),
        ("mysql://user:secret@host/name", "not in mysql"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_repeated(url: str, reason: str) -> None:
    with pytest.raises(FaultyInputError, match=reason) as refusal:
        open_store(url)
    assert "secret" not in str(refusal.value)


def test_sqlite_is_opened_to_survive_a_power_cut_and_to_keep_its_references(impatient: Store) -> None:
    with impatient.database.reading() as connection:
        found = {
            name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_an_error_of_either_database_repeats_nothing_that_was_sent_to_it(database_url: str) -> None:
    store = open_store(database_url)
    with pytest.raises(DBAPIError) as wrong, store.database.reading() as connection:
        connection.execute(text("SELECT nothing WHERE :name = 'nobody'"), {"name": "Ivan Petrovich"})
    store.close()
    assert "Ivan" not in str(wrong.value)


def test_a_locked_database_is_away_for_writers_and_open_to_readers(impatient: Store) -> None:
    kept = a_receipt()
    impatient.receipts.keep("main", [kept])
    with impatient.database.writing():
        with pytest.raises(StoreUnavailableError, match="locked"):
            impatient.outcomes.record("main", [an_outcome()], at=NOON)
        assert impatient.receipts.find("main", kept.receipt_id) == kept
    impatient.outcomes.record("main", [an_outcome()], at=NOON)


def test_a_full_disk_is_a_store_that_is_away_and_nothing_is_kept_by_half(impatient: Store) -> None:
    many = [a_receipt() for _ in range(300)]
    with impatient.database.writing() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages + 5}"))
    with pytest.raises(StoreUnavailableError, match="full"):
        impatient.receipts.keep("main", many)
    assert impatient.receipts.of_deal("main", "D-1") == []


def test_a_file_that_is_no_database_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "mlscore.db").write_text("not a database" * 100)
    store = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    with pytest.raises(StoreUnavailableError, match="not a database"):
        store.ping()
    store.close()


def test_a_server_that_is_not_there_is_a_store_that_is_away() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        store = open_store(f"postgresql://mlscore:secret@127.0.0.1:{nobody.getsockname()[1]}/mlscore")
        with pytest.raises(StoreUnavailableError, match="Check that it runs") as away:
            store.ping()
        store.close()
    assert "secret" not in str(away.value)


def test_a_statement_that_takes_too_long_is_cut_off(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        store = open_store(url, waits=Waits(statement=1))
        with pytest.raises(StoreUnavailableError, match="statement timeout"), store.database.reading() as connection:
            connection.execute(text("SELECT pg_sleep(30)"))
        store.close()


def test_a_connection_the_server_has_dropped_is_replaced(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        store, other = open_store(url), open_store(url)
        store.migrate()
        with other.database.writing() as connection:
            drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.execute(text(f"{drop} AND datname = current_database()"))
        store.ping()
        store.close()
        other.close()


def test_a_mistake_of_ours_is_not_called_a_database_that_is_away(store: Store) -> None:
    with pytest.raises(DBAPIError), store.database.reading() as connection:
        connection.execute(text("SELECT nothing FROM receipts"))


def test_work_that_fails_is_undone(store: Store, firm: str) -> None:
    def fail(firm: str) -> None:
        insert = text(
            "INSERT INTO keys (key_id, firm, name, prefix, digest, created_at) "
            "VALUES (:firm, :firm, 'crm', 'mlscore_', :firm, 0)"
        )
        with store.database.writing() as connection:
            connection.execute(insert, {"firm": firm})
            raise LookupError

    with pytest.raises(LookupError):
        fail(firm)
    assert store.keys.every(firm) == []


def test_nothing_is_kept_in_a_file_that_was_deleted_under_the_service(impatient: Store, tmp_path: Path) -> None:
    file = tmp_path / "mlscore.db"
    impatient.receipts.keep("main", [a_receipt()])
    for part in tmp_path.glob("mlscore.db*"):
        part.unlink()
    with pytest.raises(StoreUnavailableError, match="is gone"):
        impatient.receipts.keep("main", [a_receipt()])
    with pytest.raises(StoreUnavailableError, match="is gone"):
        impatient.ping()
    assert not file.exists()


def test_a_database_put_back_from_a_copy_is_used_again(impatient: Store, tmp_path: Path) -> None:
    kept = a_receipt()
    impatient.receipts.keep("main", [kept])
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(tmp_path / "mlscore.db")) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    for part in tmp_path.glob("mlscore.db*"):
        part.unlink()
    copy.rename(tmp_path / "mlscore.db")
    assert impatient.receipts.find("main", kept.receipt_id) == kept
