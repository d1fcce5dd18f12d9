from datetime import timedelta

import pytest

from mlscore.api.access import declared
from mlscore.http.access.doors import PUBLIC
from tests.api.calling import ENGLISH, RUSSIAN

PROTECTED = [
    ("POST", "/v1/score"),
    ("POST", "/v1/score/batch"),
    ("GET", "/v1/scores"),
    ("GET", "/v1/scores/x"),
    ("GET", "/v1/deals/x/scores"),
    ("POST", "/v1/outcomes"),
    ("POST", "/v1/events"),
    ("GET", "/v1/policy"),
    ("GET", "/v1/model"),
    ("GET", "/v1/comparison"),
]
WRONG = {
    "no header": {},
    "an unknown key": {"Authorization": "Bearer mlscore_nobody"},
    "no key": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": "Basic bWxzY29yZTo="},
    "a key that is no ASCII": {"Authorization": "Bearer ключ".encode()},
    "a key as long as a book": {"Authorization": "Bearer " + "k" * 5_000},
}


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_nothing_of_a_firm_is_told_without_a_key(crm, method, path):
    response = crm.client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


def test_every_route_of_the_api_asks_for_a_key(crm):
    described = crm.client.get("/openapi.json").json()["paths"]
    asked = {(method.upper(), path.replace("{receipt_id}", "x").replace("{deal_id}", "x"))
             for path, operations in described.items() if path.startswith("/v1/") for method in operations
             if declared()[f"{method.upper()} {path}"] != PUBLIC}  # fmt: skip
    assert asked == set(PROTECTED)


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_a_wrong_key_is_refused_with_the_same_words_whatever_is_wrong(crm, headers):
    missing = crm.client.get("/v1/policy", headers=ENGLISH)
    response = crm.client.get("/v1/policy", headers={**ENGLISH, **headers})
    assert (response.status_code, response.content) == (401, missing.content)


def test_a_key_sent_in_another_way_is_told_how_to_send_it(crm):
    secret = crm.key["Authorization"].removeprefix("Bearer ")
    missing = crm.client.get("/v1/policy", headers=ENGLISH)
    assert "“Authorization: Bearer KEY”" in missing.json()["detail"]
    for headers in ({"Authorization": secret}, {"X-API-Key": secret}):
        assert crm.client.get("/v1/policy", headers={**ENGLISH, **headers}).content == missing.content


def test_an_expired_and_a_revoked_key_are_refused_with_those_words_too(crm):
    now = crm.application.clock()
    _, expired = crm.application.keys.create(crm.firm, "old", at=now, expires_at=now - timedelta(seconds=1))
    key, revoked = crm.application.keys.create(crm.firm, "lost", at=now)
    crm.application.keys.revoke(crm.firm, key.key_id, at=now)
    missing = crm.client.get("/v1/policy", headers=ENGLISH)
    for secret in (expired, revoked):
        response = crm.client.get("/v1/policy", headers={**ENGLISH, "Authorization": f"Bearer {secret}"})
        assert (response.status_code, response.content) == (401, missing.content)


def test_a_key_is_asked_for_before_the_body_is_read(crm):
    response = crm.client.post("/v1/score", content=b" " * 8_000_000)
    assert response.status_code == 401


def test_the_scheme_is_read_in_any_case(crm):
    headers = {"Authorization": crm.key["Authorization"].replace("Bearer", "bearer")}
    assert crm.client.get("/v1/policy", headers=headers).status_code == 200


def test_a_refusal_is_told_in_the_readers_language(crm):
    response = crm.client.get("/v1/policy", headers=RUSSIAN)
    assert "ключ" in response.json()["detail"]
    assert response.headers["content-language"] == "ru"
