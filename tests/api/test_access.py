"""Every route asks for its scope, as declared in one place, and for nothing less."""

from itertools import product

import pytest
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.api.access import declared
from mlscore.http.access.doors import PUBLIC, every_door
from mlscore.http.keys import FRESH_SECONDS
from mlscore.ports import EVERY_SCOPE
from mlscore.settings import Settings
from tests.api.calling import ENGLISH, GOOD, Crm, key_of, served_by
from tests.fakes import FixedChampions

PUBLIC_ROUTES = {
    "POST /v1/bitrix24/events",
    "POST /v1/events/{webhook_id}",
    "GET /v2",
    "GET /v2/",
    "GET /v2/health/live",
    "GET /v2/health/ready",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /openapi.json",
    "GET /openapi-3.0.json",
    "GET /docs",
    "GET /docs/oauth2-redirect",
}
GUARDED = sorted((door, scope) for door, scope in declared(metrics_for="admin").items() if scope != PUBLIC)


def doors_of(app) -> set[str]:
    return {f"{method} {route.path}" for method, route in every_door(app.routes)}


def test_every_route_declares_a_scope_and_no_scope_is_declared_for_nothing(crm):
    assert doors_of(crm.client.app) == set(declared())


def test_every_route_that_is_described_is_a_door(crm):
    described = crm.client.get("/openapi.json").json()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in described.items() for method in methods} <= set(declared())


def test_only_health_metrics_the_description_and_doors_that_ask_for_another_proof_are_public(crm):
    assert {door for door, scope in declared().items() if scope == PUBLIC} == PUBLIC_ROUTES
    assert {scope for scope in declared().values() if scope != PUBLIC} == {"score", "outcome", "read"}


@pytest.mark.parametrize(("door", "scope"), GUARDED, ids=[door for door, _ in GUARDED])
def test_a_key_with_every_other_scope_is_refused_and_told_which_one_is_missing(crm, door, scope):
    method, path = door.split()
    with TestClient(create_app(crm.application, Settings(metrics_for="admin"))) as client:
        others = client.request(method, path, headers=key_of(crm, scopes={*EVERY_SCOPE} - {scope}))
        assert (others.status_code, others.json()["code"]) == (403, "scope_missing")
        assert f"“{scope}”" in others.json()["detail"]
        its_own = client.request(method, path, headers=key_of(crm, scopes={scope}))
        assert its_own.status_code not in {401, 403}


def test_a_key_without_any_scope_opens_nothing(crm):
    for door, _ in GUARDED:
        if door != "GET /metrics":
            method, path = door.split()
            assert crm.client.request(method, path, headers=key_of(crm, scopes=())).status_code == 403


def test_an_answer_kept_under_an_idempotency_key_is_not_given_to_a_key_that_may_not_ask_for_it(crm):
    repeated = {**ENGLISH, "Idempotency-Key": "once"}
    crm.post("/v1/score", {"deal_id": "D-1", **GOOD}, repeated)
    narrow = {**repeated, **key_of(crm, scopes={"read"})}
    assert crm.client.post("/v1/score", json={"deal_id": "D-1", **GOOD}, headers=narrow).status_code == 403


def test_where_metrics_are_for_administrators_prometheus_sends_its_key(crm):
    with TestClient(create_app(crm.application, Settings(metrics_for="admin"))) as client:
        assert client.get("/metrics").status_code == 401
        answer = client.get("/metrics", headers=key_of(crm, scopes={"admin"}))
        assert (answer.status_code, b"mlscore_http_requests_total" in answer.content) == (200, True)


def test_without_docs_the_description_is_nowhere(crm):
    with TestClient(create_app(crm.application, Settings(docs=False))) as client:
        paths = ("/docs", "/openapi.json", "/openapi-3.0.json", "/docs/oauth2-redirect", "/redoc")
        assert [client.get(path).status_code for path in paths] == [404] * len(paths)
        assert client.get("/health/live").status_code == 200


def test_a_revoked_key_ends_on_every_worker(crm):
    assert FRESH_SECONDS <= 5  # how long a worker goes on by what it knows: tests/http/test_keys.py
    with served_by(crm, FixedChampions()) as other_worker:
        key, secret = crm.application.keys.create(crm.firm, "lost", at=crm.application.clock())
        crm.application.keys.revoke(crm.firm, key.key_id, at=crm.application.clock())
        workers, headers = (crm.client, other_worker.client), {"Authorization": f"Bearer {secret}"}
        assert [client.get("/v1/policy", headers=headers).status_code for client in workers] == [401, 401]


def test_the_rate_of_a_key_is_told_in_every_answer_it_gets(crm):
    for headers, status in product([key_of(crm, rate_per_minute=2)], [200, 200, 429]):
        answer = crm.client.get("/v1/policy", headers=headers)
        assert answer.status_code == status
        assert answer.headers["ratelimit-policy"] == '"key";q=2;w=60'
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) <= 60


def test_of_several_workers_each_allows_its_share_of_a_rate_and_says_so(crm):
    with TestClient(create_app(crm.application, Settings(rate_limit=10, workers=4))) as client:
        assert client.get("/v1/policy", headers=crm.key).headers["ratelimit-policy"] == '"key";q=3;w=60'


def test_the_last_use_of_a_key_is_noted(service):
    crm = Crm(service.client, service.application, service.store)
    with served_by(crm, FixedChampions()) as worker:
        worker.get("/v1/policy")
    # The worker is gone, and what it had to write is written.
    [key] = crm.application.keys.every(crm.firm)
    assert key.last_used_at is not None


@pytest.mark.parametrize("path", ["/v1/policy", "/health/live", "/nowhere", "/docs"])
def test_every_answer_tells_browsers_to_keep_and_run_nothing(crm, path):
    headers = crm.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")


def test_no_other_origin_is_let_in(crm):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answers = [crm.client.options("/v1/score", headers=asked), crm.get("/v1/policy", {**ENGLISH, **asked})]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]
    assert answers[0].status_code == 401
