"""Statements put together once say the same as any other, whatever is given them."""

from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store import Store, open_store
from mlscore.store.engine import ReadyInsert, ReadyQuery
from mlscore.store.tables import microseconds, outcomes, receipts
from tests.postgres import Postgres
from tests.store.builders import NOON, a_deal, a_receipt, an_outcome

_AMONG = ReadyQuery(
    select(receipts.c.deal_id, receipts.c.scored_at, receipts.c.model_version)
    .where(receipts.c.firm == bindparam("of_firm"), receipts.c.origin == "live")
    .where(receipts.c.deal_id.in_(bindparam("ids", expanding=True)), receipts.c.scored_at <= bindparam("until"))
    .order_by(receipts.c.deal_id)
)
_ROW = {"deal_id": "D-1", "version": 1, "status": "won", "known_at": 7, "recorded_at": 8}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 9, 1000])
def test_a_list_of_any_length_is_asked_for_whole_and_nothing_beside_it(store: Store, firm: str, size: int) -> None:
    ids = [f"D-{n:04}" for n in range(size)]
    store.receipts.keep(firm, [a_receipt(a_deal(deal_id)) for deal_id in [*ids, "D-other"]])
    with store.database.reading() as connection:
        rows = [
            _AMONG.rows(connection, of_firm=name, ids=ids, until=microseconds(NOON)) for name in (firm, f"not {firm}")
        ]
    assert [tuple(row) for row in rows[0]] == [(deal_id, microseconds(NOON), None) for deal_id in ids]
    assert list(rows[1]) == []


def test_queries_of_one_transaction_see_one_moment_on_sqlite(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'mlscore.db'}")
    store.migrate()
    asked = {"of_firm": "main", "ids": ["D-1"], "until": microseconds(NOON)}
    with store.database.reading() as connection:
        before = list(_AMONG.rows(connection, **asked))
        store.receipts.keep("main", [a_receipt()])
        assert list(_AMONG.rows(connection, **asked)) == before == []
    store.close()


def test_rows_that_are_there_are_left_as_they_are_and_what_is_new_is_counted(store: Store, firm: str) -> None:
    add = ReadyInsert(outcomes, ["firm", "deal_id", "version", "status", "known_at", "recorded_at"])
    first, again = {**_ROW, "firm": firm}, {**_ROW, "firm": firm, "status": "lost"}
    with store.database.writing() as connection:
        assert add.add(connection, [first]) == 1
        assert add.add(connection, [again, {**again, "deal_id": "D-2"}, {**again, "deal_id": "D-3"}]) == 2
    found = store.outcomes.newest(firm, ["D-1", "D-2"])
    assert {name: version.outcome.status.value for name, version in found.items()} == {"D-1": "won", "D-2": "lost"}


def test_a_mistake_of_ours_is_not_called_a_database_that_is_away(store: Store, firm: str) -> None:
    add = ReadyInsert(outcomes, ["firm", "deal_id", "version", "status", "known_at", "recorded_at"])
    driver = store.database.engine.dialect.loaded_dbapi
    with pytest.raises(driver.IntegrityError), store.database.writing() as connection:
        add.add(connection, [{**_ROW, "firm": firm, "status": None}])
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert list(store.outcomes.newest(firm, ["D-1"])) == ["D-1"]


def test_what_is_not_given_is_missed_not_taken_from_before(store: Store, firm: str) -> None:
    with store.database.reading() as connection:
        _AMONG.rows(connection, of_firm=firm, ids=["D-1"], until=0)
        with pytest.raises(KeyError, match="until"):
            _AMONG.rows(connection, of_firm=firm, ids=["D-2"])


def test_a_server_that_hangs_up_between_two_statements_is_away_and_then_asked_anew(postgres: Postgres) -> None:
    with postgres.fresh_database() as url:
        store = open_store(url)
        store.migrate()
        with pytest.raises(StoreUnavailableError):
            _hung_up_on(store)
        with store.database.reading() as connection:
            assert list(_AMONG.rows(connection, of_firm="main", ids=["D-1"], until=0)) == []
        store.close()


def _hung_up_on(store: Store) -> None:
    with store.database.reading() as connection, store.database.reading() as another:
        mine = connection.scalar(text("SELECT pg_backend_pid()"))
        another.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        _AMONG.rows(connection, of_firm="main", ids=["D-1"], until=0)
