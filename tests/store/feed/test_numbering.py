"""The feed: every live score once, in an order that never changes, and none ever appears before one already read."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import DBAPIError

from mlscore.ports import kept_in
from mlscore.store import Store
from mlscore.store.feed.numbering import has_unnumbered, newest_number
from mlscore.store.tables import receipts
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_receipt


def keep(store: Store, firm: str, *names: str, **said) -> None:
    store.receipts.keep(firm, [a_receipt(receipt_id=name, **said) for name in names])


def read(store: Store, firm: str, since: int = 0, at_most: int = 100) -> list[str]:
    return [one.receipt.receipt_id for one in store.feed.since(firm, since, at_most=at_most)]


def test_what_was_read_is_read_the_same_again_and_what_comes_later_comes_behind_it(store: Store, firm: str) -> None:
    keep(store, firm, "b", "a")
    assert read(store, firm) == ["a", "b"]
    keep(store, firm, "0", scored_at=NOON - DAY)  # a clock set back, or one that waited in a spool
    assert read(store, firm) == ["a", "b", "0"]
    assert read(store, firm, since=2) == ["0"]
    assert read(store, firm, since=3) == []


def test_numbers_are_whole_and_leave_none_out(store: Store, firm: str) -> None:
    for n in range(5):
        keep(store, firm, f"{n}-x", f"{n}-y")
        assert [one.number for one in store.feed.since(firm, 0, at_most=100)] == list(range(1, 2 * n + 3))


def test_those_not_numbered_yet_are_in_the_order_of_their_scoring(store: Store, firm: str) -> None:
    for n, name in enumerate(["c", "b", "a"]):
        keep(store, firm, name, scored_at=NOON + n * SECOND)
    assert read(store, firm) == ["c", "b", "a"]


def test_a_page_ends_where_it_was_asked_to_and_the_next_goes_on_there(store: Store, firm: str) -> None:
    keep(store, firm, *"abcde")
    assert [read(store, firm, since=n, at_most=2) for n in (0, 2, 4)] == [["a", "b"], ["c", "d"], ["e"]]


def test_a_history_longer_than_a_chunk_is_numbered_as_it_is_read(store: Store, firm: str) -> None:
    keep(store, firm, *(f"{n:05d}" for n in range(2_100)))
    assert read(store, firm, at_most=1) == ["00000"]
    assert read(store, firm, since=2_050) == [f"{n:05d}" for n in range(2_050, 2_100)]


def test_only_live_scores_are_in_it_and_firms_never_meet(store: Store, firm: str) -> None:
    keep(store, firm, "live")
    keep(store, firm, "imported", origin="import")
    keep(store, kept_in(firm, sandbox=True), "tried", origin="sandbox")
    keep(store, f"not {firm}", "theirs")
    assert read(store, firm) == ["live"]
    assert read(store, kept_in(firm, sandbox=True)) == []


def test_the_newest_number_counts_what_nobody_has_read_yet(store: Store, firm: str) -> None:
    assert store.feed.newest(firm) == 0
    keep(store, firm, *(f"{n}" for n in range(1_001)))
    assert store.feed.newest(firm) == 1_001


def test_a_score_whose_facts_were_forgotten_stays_in_its_place(store: Store, firm: str) -> None:
    keep(store, firm, "a", "b")
    store.feed.newest(firm)
    store.forgetting.forget(firm, "D-1", at=NOON)
    assert read(store, firm) == ["a", "b"]


def test_a_number_once_given_is_refused_another_by_the_database_itself(store: Store, firm: str) -> None:
    keep(store, firm, "a")
    assert store.feed.newest(firm) == 1
    for change in ({"number": 2}, {"number": None}, {"number": 1, "verdict": "accept"}):
        with pytest.raises(DBAPIError, match="are never changed"), store.database.writing() as connection:
            connection.execute(update(receipts).where(receipts.c.firm == firm).values(change))


def test_who_is_up_to_date_looks_into_indices_alone(store: Store, firm: str) -> None:
    if store.database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by how many rows there are, and here there are few")
    asked: list[str] = []
    with store.database.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert has_unnumbered(connection, firm) is False
        assert newest_number(connection, firm) == 0
        selects = [(one, (firm, 1, 0)[: one.count("?")]) for one in asked if one.startswith("SELECT")]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given) for one, given in selects]
        said = [row[3] for plan in plans for row in plan]
    assert ["ix_receipts_unnumbered" in said[0], "ix_receipts_numbered" in said[1]] == [True, True], said


def test_while_many_write_and_many_read_no_reader_misses_any(store: Store, firm: str) -> None:
    def write(writer: int) -> None:
        for n in range(15):
            keep(store, firm, f"{writer}-{n}", deal=a_deal(f"D-{writer}"), scored_at=NOON + timedelta(seconds=-n))

    def follow(_: int) -> list[str]:
        seen, number, deadline = [], 0, time.monotonic() + 60
        while len(seen) < 60 and time.monotonic() < deadline:
            for one in store.feed.since(firm, number, at_most=7):
                assert one.number == number + 1
                seen.append(one.receipt.receipt_id)
                number = one.number
        return seen

    with ThreadPoolExecutor(8) as pool:
        followers = [pool.submit(follow, n) for n in range(3)]
        list(pool.map(write, range(4)))
        read_by = [follower.result() for follower in followers]
    assert read_by[0] == read_by[1] == read_by[2]
    assert sorted(read_by[0]) == sorted(f"{writer}-{n}" for writer in range(4) for n in range(15))
