"""The migrations make exactly the tables the code speaks of, forwards and backwards."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from mlscore.scoring.errors import ConflictError, StoreUnavailableError
from mlscore.store import Store, open_store
from mlscore.store.migrating import MIGRATIONS, revert
from mlscore.store.schema import NEWEST
from mlscore.store.tables import metadata
from tests.store.builders import a_receipt


@pytest.fixture
def empty(database_url: str) -> Iterator[Store]:
    """Open a store whose tables are not made yet."""
    opened = open_store(database_url)
    yield opened
    opened.close()


def tables(store: Store) -> set[str]:
    with store.database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrated_tables_are_those_of_the_code(empty: Store) -> None:
    empty.migrate()
    with empty.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for name, table in metadata.tables.items():
            made = inspect(connection)
            assert made.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_every_table_carries_the_firm() -> None:
    assert {name for name, table in metadata.tables.items() if "firm" not in table.c} == set()


def test_a_store_answers_only_once_it_is_migrated(empty: Store) -> None:
    with pytest.raises(StoreUnavailableError, match="migrate it first"):
        empty.ping()
    empty.migrate()
    empty.ping()


def test_migrating_again_changes_nothing(empty: Store) -> None:
    empty.migrate()
    kept = a_receipt()
    empty.receipts.keep("main", [kept])
    empty.migrate()
    assert empty.receipts.find("main", kept.receipt_id) == kept


def test_the_last_migrations_go_back_and_forth(empty: Store) -> None:
    empty.migrate()
    revert(empty.database, to="0007")  # the last one widens a table only
    with pytest.raises(StoreUnavailableError, match="wishes"):
        empty.ping()
    empty.migrate()
    empty.ping()


def test_every_migration_can_be_taken_back(empty: Store) -> None:
    empty.migrate()
    revert(empty.database, to="base")
    assert tables(empty) == {"alembic_version"}
    empty.migrate()
    empty.ping()


def test_a_migration_that_fails_leaves_nothing_behind(empty: Store) -> None:
    with empty.database.writing() as connection:
        connection.execute(text("CREATE TABLE ledger (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="ledger"):
        empty.migrate()
    assert tables(empty) == {"ledger"}


def test_several_that_start_at_once_migrate_once(database_url: str) -> None:
    stores = [open_store(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(Store.migrate, stores))
    for store in stores:
        store.ping()
        store.close()


def test_a_newer_schema_is_answered_by_who_runs_and_refused_in_words_to_who_starts(empty: Store) -> None:
    """As in an upgrade of several machines: the new version has migrated, and the old one still runs elsewhere."""
    empty.migrate()
    before, after = a_receipt(), a_receipt()
    empty.receipts.keep("main", [before])
    with empty.database.writing() as connection:
        connection.execute(text("ALTER TABLE receipts ADD COLUMN of_the_future TEXT"))
        connection.execute(text("CREATE TABLE tomorrow (firm TEXT)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    empty.ping()
    assert empty.receipts.keep("main", [after]) == "stored"
    assert {r.receipt_id for r in empty.receipts.of_deal("main", "D-1")} == {before.receipt_id, after.receipt_id}
    with pytest.raises(ConflictError, match=r"newer mlscore .*9999.*upgrade this one"):
        empty.migrate()
    assert "tomorrow" in tables(empty)


def test_the_newest_migration_is_the_one_a_start_looks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST
