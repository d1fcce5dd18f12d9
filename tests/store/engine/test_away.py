"""A database that answers, but cannot be used: for who asks it is away, as one that is silent."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store import Store, open_store
from mlscore.store.engine.waits import BRISK
from tests.postgres import Postgres
from tests.store.builders import a_deal, a_receipt


def is_away(use: Callable[[], object], *, said: str) -> bool:
    with pytest.raises(StoreUnavailableError, match=said):
        use()
    return True


def keeps(store: Store) -> Callable[[], object]:
    return lambda: store.receipts.keep("main", [a_receipt(a_deal("D-1"))])


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        ("ALTER DATABASE {name} SET default_transaction_read_only = on", "read-only"),
        ("ALTER TABLE receipts RENAME TO away", "does not exist"),
        ("ALTER DATABASE {name} SET role = pg_monitor", "permission denied"),
    ],
    ids=["it only reads", "its tables are gone", "it lets us in no more"],
)
def test_a_postgresql_that_cannot_be_used_is_away(postgres: Postgres, happened: str, said: str) -> None:
    with postgres.fresh_database() as url:
        store = open_store(url)
        store.migrate()
        store.close()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(happened.format(name=connection.info.dbname))
        store = open_store(url, waits=BRISK)
        assert is_away(keeps(store), said=said)
        store.close()


def test_a_postgresql_that_only_reads_is_read_on(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        store = open_store(url, waits=BRISK)
        store.migrate()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET default_transaction_read_only = on")
        store.close()
        assert is_away(keeps(store), said="read-only")
        assert store.receipts.find("main", "none") is None
        store.close()


def test_a_sqlite_file_whose_tables_are_gone_is_away(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    assert is_away(keeps(store), said="no such table")
    store.close()
