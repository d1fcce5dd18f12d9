import asyncio

import pytest
from fastapi.testclient import TestClient

from mlscore.http.body_limit import BodyLimit
from mlscore.http.idempotency import Idempotency
from mlscore.http.load.crowd import Crowd
from mlscore.scoring.errors import StoreUnavailableError
from tests.fakes import FakeClock, InMemoryLedger
from tests.http.rooms import AsFirm, Behind, calling

KEY = {"Idempotency-Key": "k-1"}


def once(behind: Behind, ledger: InMemoryLedger | None = None) -> TestClient:
    room = Idempotency(behind, ledger=ledger if ledger is not None else InMemoryLedger(), clock=FakeClock())
    return calling(AsFirm(BodyLimit(room, at_most_bytes=1_000)))


def test_the_second_request_never_gets_further_than_the_ledger():
    behind = Behind()
    client = once(behind)
    assert [client.post("/v1/score", content=b"x", headers=KEY).text for _ in range(3)] == ["answer 1"] * 3
    assert behind.bodies == [b"x"]


@pytest.mark.parametrize("status", [200, 201, 400, 404, 413, 422])
def test_an_answer_that_sending_again_would_not_change_is_kept(status):
    behind = Behind(status=status)
    client = once(behind)
    assert [client.post("/v1/score", headers=KEY).status_code for _ in range(2)] == [status] * 2
    assert len(behind.bodies) == 1


@pytest.mark.parametrize("status", [401, 408, 409, 429, 500, 502, 503])
def test_after_an_answer_of_later_the_request_may_be_sent_again(status):
    behind = Behind(status=status)
    client = once(behind)
    client.post("/v1/score", headers=KEY)
    behind.status = 200
    assert client.post("/v1/score", headers=KEY).text == "answer 2"


def test_after_a_fault_of_ours_the_request_may_be_sent_again():
    behind = Behind(error=RuntimeError("broken"))
    client = once(behind)
    assert client.post("/v1/score", headers=KEY).status_code == 500
    behind.error = None
    assert client.post("/v1/score", headers=KEY).status_code == 200


def test_while_the_first_request_runs_the_second_is_told_to_wait():
    class Slow(InMemoryLedger):
        def begin(self, firm, key, *, request_digest, at):
            super().begin(firm, key, request_digest=request_digest, at=at)
            return super().begin(firm, key, request_digest=request_digest, at=at)

    response = once(Behind(), Slow()).post("/v1/score", headers=KEY)
    assert (response.status_code, response.json()["code"]) == (409, "still_running")
    assert response.headers["retry-after"] == "1"


def test_requests_that_only_look_alike_when_joined_are_told_apart():
    client = once(Behind())
    client.post("/v1/score?a", content=b"b", headers=KEY)
    assert client.post("/v1/score", content=b"ab", headers=KEY).status_code == 422


def test_only_posts_are_remembered():
    ledger = InMemoryLedger()
    once(Behind(), ledger).get("/v1/policy", headers=KEY)
    assert ledger.answers == {}


def test_without_the_ledger_nothing_is_done_at_all():
    behind, ledger = Behind(), InMemoryLedger()
    ledger.outage.is_on = True
    assert once(behind, ledger).post("/v1/score", headers=KEY).status_code == 503
    assert behind.bodies == []


def test_an_answer_that_cannot_be_remembered_is_not_given():
    class Forgetful(InMemoryLedger):
        def end(self, firm, key, answer):
            raise StoreUnavailableError("The database went away.")

    ledger = Forgetful()
    assert once(Behind(), ledger).post("/v1/score", headers=KEY).status_code == 503
    assert ledger.answers == {}, "so that it may be sent again"


def test_a_key_that_cannot_be_given_back_lapses_by_itself_and_the_client_has_its_answer():
    class Clinging(InMemoryLedger):
        def abandon(self, firm, key):
            raise StoreUnavailableError("The database went away.")

    assert once(Behind(status=503), Clinging()).post("/v1/score", headers=KEY).text == "answer 1"


def test_a_request_cut_off_holds_its_key_for_it_may_still_be_at_work():
    async def never_ends(scope, receive, send):
        await asyncio.Event().wait()

    room = Idempotency(never_ends, ledger=InMemoryLedger(), clock=FakeClock())
    client = calling(AsFirm(BodyLimit(Crowd(room, at_most=1, seconds=0.01), at_most_bytes=1_000)))
    said = [client.post("/v1/score", headers=KEY).json()["code"] for _ in range(2)]
    assert said == ["too_slow", "still_running"]
