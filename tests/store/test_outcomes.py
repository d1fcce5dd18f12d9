"""Outcomes are kept version by version: nothing twice, nothing overwritten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from mlscore.ports import DeedsAsked
from mlscore.scoring.deal import Outcome, Status
from mlscore.store import Store
from mlscore.store.tables import outcomes
from tests.store.builders import DAY, NOON, an_outcome


def versions(store: Store, firm: str) -> list[tuple[str, int]]:
    o = outcomes.c
    with store.database.reading() as connection:
        query = select(o.deal_id, o.version).where(o.firm == firm).order_by(o.deal_id, o.version)
        return [(deal_id, version) for deal_id, version in connection.execute(query)]


def test_an_outcome_without_a_moment_of_knowledge_became_known_when_it_was_recorded(store: Store, firm: str) -> None:
    [version] = store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert (version.version, version.recorded_at, version.outcome) == (1, NOON, an_outcome(known_at=NOON))


def test_a_moment_of_knowledge_that_is_given_stays(store: Store, firm: str) -> None:
    [version] = store.outcomes.record(firm, [an_outcome(known_at=NOON - DAY)], at=NOON)
    assert version.outcome.known_at == NOON - DAY


def test_an_outcome_said_again_adds_nothing_and_keeps_its_moment(store: Store, firm: str) -> None:
    first = store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert store.outcomes.record(firm, [an_outcome()], at=NOON + DAY) == first
    assert versions(store, firm) == [("D-1", 1)]


@pytest.mark.parametrize(
    "news",
    [
        {"status": Status.LOST},
        {"closed_at": NOON + DAY},
        {"closed_at": None},
        {"realised_profit": 1_200_001},
        {"realised_profit": None},
        {"known_at": NOON - DAY},
    ],
)
def test_anything_new_is_a_further_version(store: Store, firm: str, news: dict[str, object]) -> None:
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    [second] = store.outcomes.record(firm, [replace(an_outcome(), **news)], at=NOON + DAY)
    assert (second.version, second.recorded_at) == (2, NOON + DAY)
    assert versions(store, firm) == [("D-1", 1), ("D-1", 2)]


def test_what_was_said_before_the_newest_is_news_again(store: Store, firm: str) -> None:
    lost = an_outcome(status=Status.LOST, realised_profit=None)
    for said in (an_outcome(), lost, an_outcome()):
        store.outcomes.record(firm, [said], at=NOON)
    assert versions(store, firm) == [("D-1", 1), ("D-1", 2), ("D-1", 3)]


def test_one_deal_may_come_several_times_at_once(store: Store, firm: str) -> None:
    lost = an_outcome(status=Status.LOST)
    recorded = store.outcomes.record(firm, [an_outcome(), an_outcome(), lost, an_outcome("D-2")], at=NOON)
    assert [(v.outcome.deal_id, v.version) for v in recorded] == [("D-1", 1), ("D-1", 1), ("D-1", 2), ("D-2", 1)]
    assert versions(store, firm) == [("D-1", 1), ("D-1", 2), ("D-2", 1)]


def test_firms_have_versions_of_their_own(store: Store, firm: str) -> None:
    store.outcomes.record(f"not {firm}", [an_outcome()], at=NOON)
    [version] = store.outcomes.record(firm, [an_outcome(realised_profit=5)], at=NOON)
    assert version.version == 1


def test_thousands_are_recorded_in_the_order_given(store: Store, firm: str) -> None:
    many = [an_outcome(f"D-{n:05}", realised_profit=n) for n in range(2500)]
    recorded = store.outcomes.record(firm, many, at=NOON)
    assert [v.outcome.deal_id for v in recorded] == [o.deal_id for o in many]
    assert store.outcomes.record(firm, many, at=NOON + DAY) == recorded
    assert len(versions(store, firm)) == len(many)


def test_those_who_record_the_same_at_once_add_it_once(store: Store, firm: str) -> None:
    def record(number: int) -> None:
        store.outcomes.record(firm, [an_outcome("D-1"), an_outcome("D-2")], at=NOON + timedelta(minutes=number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(record, range(12)))
    assert versions(store, firm) == [("D-1", 1), ("D-2", 1)]


def test_those_who_record_different_news_at_once_each_add_a_version(store: Store, firm: str) -> None:
    def record(profit: int) -> list[Outcome]:
        recorded = store.outcomes.record(firm, [an_outcome(realised_profit=profit)], at=NOON)
        return [version.outcome for version in recorded]

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(record, range(12)))
    assert [one.realised_profit for [one] in said] == list(range(12))
    assert versions(store, firm) == [("D-1", number) for number in range(1, 13)]


def test_what_a_person_tells_stands_in_the_log_with_what_was_said_before(store: Store, firm: str) -> None:
    store.outcomes.record(firm, [an_outcome("D-2")], at=NOON)
    for profit in (100, 100, 200):
        told = Outcome(deal_id="D-1", status=Status.WON, closed_at=NOON, realised_profit=profit)
        store.outcomes.record(firm, [told], at=NOON, by="Оля")
    newer, older = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (older.who, older.what, older.subject, older.before) == ("Оля", "outcome.told", "D-1", None)
    assert older.after == {"outcome": "won", "profit": 100, "closed_at": NOON.isoformat()}
    assert (newer.before, newer.after) == (older.after, {**older.after, "profit": 200})
