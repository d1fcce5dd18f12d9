from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient
from starlette.routing import Route

from mlscore.http.access.doors import Doors
from mlscore.http.access.rates import Rates
from mlscore.http.access.uses import Uses
from mlscore.http.keys import KeyGate, KeyRing
from tests.builders import NOON
from tests.fakes import FakeClock, InMemoryKeys, Outage
from tests.http.rooms import Behind, calling


def gated(keys: InMemoryKeys, clock: FakeClock, behind: Behind | None = None, *, rate: int = 0) -> TestClient:
    ring = KeyRing(keys=keys, clock=clock, fresh_seconds=2.0, monotonic=clock.monotonic)
    declared = {"GET /v1/policy": "read", "POST /v1/score": "score", "GET /health/live": "public"}
    doors = Doors([Route(one.split()[1], Behind(), methods=[one.split()[0]]) for one in declared], declared)
    rates, uses = Rates(rate, monotonic=clock.monotonic), Uses(keys, clock=clock, monotonic=clock.monotonic)
    return calling(KeyGate(behind or Behind(), ring=ring, doors=doors, rates=rates, uses=uses))


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_key_says_whose_firm_a_request_is_for():
    keys, behind = InMemoryKeys(), Behind()
    _, secret = keys.create("north", "crm", at=NOON)
    assert gated(keys, FakeClock(), behind).get("/v1/policy", headers=bearer(secret)).status_code == 200
    assert behind.states[0]["firm"] == "north"


def test_a_key_found_is_not_looked_up_again_while_it_is_fresh():
    keys, clock = InMemoryKeys(), FakeClock()
    _, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock)
    for _ in range(5):
        client.get("/v1/policy", headers=bearer(secret))
    assert keys.looked_up == 1


def test_a_revoked_key_is_refused_within_seconds():
    keys, clock = InMemoryKeys(), FakeClock()
    key, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock)
    client.get("/v1/policy", headers=bearer(secret))
    keys.revoke("main", key.key_id, at=NOON)
    clock.wait(2.0)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 401


def test_a_key_is_refused_from_the_moment_it_expires_even_while_it_is_remembered():
    keys, clock = InMemoryKeys(), FakeClock()
    _, secret = keys.create("main", "crm", at=NOON, expires_at=NOON + timedelta(seconds=1))
    client = gated(keys, clock)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200
    clock.wait(1.0)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 401


def test_a_key_made_after_it_was_tried_is_let_in_at_once():
    keys = InMemoryKeys()
    client = gated(keys, FakeClock())
    assert client.get("/v1/policy", headers=bearer("secret-of-main-crm")).status_code == 401
    keys.create("main", "crm", at=NOON)
    assert client.get("/v1/policy", headers=bearer("secret-of-main-crm")).status_code == 200


def test_no_key_is_asked_for_outside_the_api():
    keys = InMemoryKeys()
    assert gated(keys, FakeClock()).get("/health/live").status_code == 200
    assert keys.looked_up == 0


def test_while_the_keys_cannot_be_read_nobody_is_called_unauthorised():
    client = gated(InMemoryKeys(outage=Outage(is_on=True)), FakeClock())
    response = client.get("/v1/policy", headers=bearer("some"))
    assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
    assert response.headers["retry-after"] == "1"


def test_a_request_that_is_refused_goes_no_further():
    behind = Behind()
    gated(InMemoryKeys(), FakeClock(), behind).post("/v1/score", content=b"x")
    assert behind.bodies == []


def test_a_key_without_the_scope_is_told_which_one_is_missing():
    keys, behind = InMemoryKeys(), Behind()
    _, secret = keys.create("main", "crm", at=NOON, scopes={"outcome", "read"})
    client = gated(keys, FakeClock(), behind)
    refused = client.post("/v1/score", headers={**bearer(secret), "Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"], behind.bodies) == (403, "scope_missing", [])
    assert "“score”" in refused.json()["detail"]
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="score"'
    in_russian = client.post("/v1/score", headers={**bearer(secret), "Accept-Language": "ru"})
    assert "«score»" in in_russian.json()["detail"]
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200


def test_beyond_its_rate_a_key_is_told_when_to_come_again():
    keys, clock, behind = InMemoryKeys(), FakeClock(), Behind()
    _, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock, behind, rate=2)
    answers = [client.get("/v1/policy", headers=bearer(secret)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == ['"key";r=1;t=60', '"key";r=0;t=60', '"key";r=0;t=60']
    assert answers[2].headers["retry-after"] == "60"
    assert (answers[2].json()["code"], len(behind.bodies)) == ("too_many_requests", 2)
    clock.wait(60)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200


def test_where_no_route_is_a_key_gives_no_firm_to_what_lies_behind():
    keys, behind = InMemoryKeys(), Behind()
    _, secret = keys.create("main", "crm", at=NOON)
    gated(keys, FakeClock(), behind).get("/v1/unheard-of", headers=bearer(secret))
    assert "firm" not in behind.states[0]


def test_a_sandbox_key_is_known_by_what_lies_behind():
    keys, behind = InMemoryKeys(), Behind()
    _, secret = keys.create("main", "crm", at=NOON, sandbox=True)
    gated(keys, FakeClock(), behind).get("/v1/policy", headers=bearer(secret))
    assert behind.states[0]["sandbox"] is True


def test_a_key_in_use_everywhere_ends_on_every_worker_within_five_seconds_of_its_revocation():
    keys, clock = InMemoryKeys(), FakeClock()
    key, secret = keys.create("main", "crm", at=NOON)
    workers = [gated(keys, clock) for _ in range(4)]
    assert {worker.get("/v1/policy", headers=bearer(secret)).status_code for worker in workers} == {200}
    keys.revoke("main", key.key_id, at=NOON)
    clock.wait(5)
    assert {worker.get("/v1/policy", headers=bearer(secret)).status_code for worker in workers} == {401}


def test_a_key_whose_scopes_were_taken_away_loses_them_within_seconds():
    keys, clock = InMemoryKeys(), FakeClock()
    key, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200
    keys.by_secret[secret] = replace(key, scopes=frozenset({"score"}))
    clock.wait(2)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 403


def test_while_the_store_is_away_a_key_found_before_goes_on_for_a_quarter_of_an_hour():
    keys, clock = InMemoryKeys(outage=Outage()), FakeClock()
    _, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200
    keys.outage.is_on = True
    clock.wait(14 * 60)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200
    clock.wait(60)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 503


def test_while_the_store_is_away_a_key_that_expires_is_refused_and_an_unknown_one_is_told_to_come_again():
    keys, clock = InMemoryKeys(outage=Outage()), FakeClock()
    _, secret = keys.create("main", "crm", at=NOON, expires_at=NOON + timedelta(minutes=5))
    client = gated(keys, clock)
    client.get("/v1/policy", headers=bearer(secret))
    keys.outage.is_on = True
    clock.wait(5 * 60)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 401
    assert client.get("/v1/policy", headers=bearer("mlscore_unknown")).status_code == 503


def test_a_clock_set_back_brings_no_revoked_key_back_and_keeps_none_fresh():
    keys, clock = InMemoryKeys(), FakeClock()
    key, secret = keys.create("main", "crm", at=NOON)
    client = gated(keys, clock)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 200
    keys.revoke("main", key.key_id, at=NOON)
    clock.wait(3.0)
    clock.now = NOON - timedelta(days=10)
    assert client.get("/v1/policy", headers=bearer(secret)).status_code == 401
