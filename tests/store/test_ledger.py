"""A request sent twice under one idempotency key is answered twice and done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from mlscore.ports import KeptAnswer
from mlscore.scoring.errors import KeyReusedError, StillRunningError
from mlscore.store import Store
from mlscore.store.ledger import SqlLedger
from tests.store.builders import DAY, NOON, SECOND

ANSWER = KeptAnswer(status=200, body=b'{"a": "\x00\xff"}', content_type="application/json")
OTHER = KeptAnswer(status=422, body=b"", content_type="application/problem+json")


def begin(store: Store, firm: str, *, digest: str = "d1", key: str = "k", at: datetime = NOON) -> KeptAnswer | None:
    return store.ledger.begin(firm, key, request_digest=digest, at=at)


def test_a_new_key_goes_on_and_its_answer_is_replayed_byte_for_byte(store: Store, firm: str) -> None:
    assert begin(store, firm) is None
    store.ledger.end(firm, "k", ANSWER)
    assert begin(store, firm, at=NOON + DAY) == ANSWER


def test_the_first_answer_stays(store: Store, firm: str) -> None:
    begin(store, firm)
    store.ledger.end(firm, "k", ANSWER)
    store.ledger.end(firm, "k", OTHER)
    assert begin(store, firm) == ANSWER


def test_while_the_first_is_running_the_second_is_told_so(store: Store, firm: str) -> None:
    begin(store, firm)
    with pytest.raises(StillRunningError):
        begin(store, firm, at=NOON + SECOND)


@pytest.mark.parametrize("is_ended", [True, False])
def test_another_body_under_the_same_key_is_refused(store: Store, firm: str, is_ended: bool) -> None:
    begin(store, firm)
    if is_ended:
        store.ledger.end(firm, "k", ANSWER)
    with pytest.raises(KeyReusedError):
        begin(store, firm, digest="d2")


def test_an_abandoned_key_may_be_used_again_even_with_another_body(store: Store, firm: str) -> None:
    begin(store, firm)
    store.ledger.abandon(firm, "k")
    assert begin(store, firm, digest="d2") is None


def test_an_answer_that_was_given_cannot_be_abandoned(store: Store, firm: str) -> None:
    begin(store, firm)
    store.ledger.end(firm, "k", ANSWER)
    store.ledger.abandon(firm, "k")
    assert begin(store, firm) == ANSWER


def test_firms_and_keys_do_not_meet(store: Store, firm: str) -> None:
    begin(store, firm)
    assert begin(store, f"not {firm}") is None
    assert begin(store, firm, key="another") is None


def test_a_request_that_was_cut_off_may_be_sent_again_after_a_while(store: Store, firm: str) -> None:
    begin(store, firm)
    lapse = store.ledger.lapses_after
    with pytest.raises(StillRunningError):
        begin(store, firm, at=NOON + lapse - SECOND)
    assert begin(store, firm, at=NOON + lapse) is None
    with pytest.raises(StillRunningError):
        begin(store, firm, at=NOON + lapse + SECOND)


def test_a_claim_made_by_a_clock_that_ran_ahead_lapses_too(store: Store, firm: str) -> None:
    begin(store, firm, at=NOON + 10 * DAY)
    assert begin(store, firm, at=NOON) is None
    with pytest.raises(StillRunningError):
        begin(store, firm, at=NOON - SECOND)


def test_an_answer_is_forgotten_when_its_time_is_over(store: Store, firm: str) -> None:
    ledger = SqlLedger(database=store.database, kept_for=timedelta(days=2))
    ledger.begin(firm, "k", request_digest="d1", at=NOON)
    ledger.end(firm, "k", ANSWER)
    assert ledger.begin(firm, "k", request_digest="d1", at=NOON + 2 * DAY) == ANSWER
    assert ledger.begin(firm, "k", request_digest="d1", at=NOON + 2 * DAY + SECOND) is None


@pytest.mark.parametrize("at", [NOON, NOON + DAY])
def test_of_many_at_once_exactly_one_goes_on(store: Store, firm: str, at: datetime) -> None:
    def is_let_through(_: int) -> bool:
        try:
            return begin(store, firm, at=at) is None
        except StillRunningError:
            return False

    if at > NOON:  # a claim that has lapsed is contested in the same way
        begin(store, firm)
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(is_let_through, range(12))) == 1
