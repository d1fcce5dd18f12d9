"""The OWASP API Security Top 10 of 2023, a section a risk; each section says where the rest of its tests lie."""

import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.api.access import declared
from mlscore.api.schemas.answers import ProblemOut, ScoreOut
from mlscore.api.schemas.requests import BatchIn, DealIn, OutcomeIn, OutcomesIn
from mlscore.bootstrap import build_service
from mlscore.http.access.doors import PUBLIC
from mlscore.outgoing import Allowed, check_address
from mlscore.scoring.errors import AddressError
from mlscore.settings import Settings
from mlscore.store.keys import SECRET_BYTES
from tests.api.calling import ENGLISH, GOOD

OURS_TO_SAY = sorted({*ScoreOut.model_fields, "firm", "origin", "scopes"} - {*DealIn.model_fields})
MARK = "echo-of-what-was-sent"


# API1: broken object level authorisation. Every route, two firms: test_firms_apart.py.


def test_api1_a_guessed_receipt_of_another_firm_reads_as_one_that_never_was(crm, other_crm):
    theirs = crm.score(**GOOD)["receipt_id"]
    answer, nothing = (other_crm.get(f"/v1/scores/{one}") for one in (theirs, "0" * 32))
    assert (answer.status_code, answer.content) == (404, nothing.content)


def test_api1_receipts_cannot_be_counted_up(crm):
    ids = [crm.score(deal_id=f"D-{n}")["receipt_id"] for n in range(3)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


# API2: broken authentication. Missing, unknown, expired, revoked: test_keys.py; scopes and revocation: test_access.py;
# what lies in the store, rotation: tests/store/test_keys.py.


def test_api2_every_way_of_being_refused_looks_the_same(crm):
    now = crm.application.clock()
    _, expired = crm.application.keys.create(crm.firm, "old", at=now, expires_at=now - timedelta(days=1))
    real = crm.key["Authorization"].removeprefix("Bearer ")
    wrong = ("", "mlscore_" + "x" * 43, real[:-1] + ("a" if real[-1] != "a" else "b"), real + "x", expired)
    answers = [crm.client.get("/v1/policy", headers={**ENGLISH, "Authorization": f"Bearer {one}"}) for one in wrong]
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}


def test_api2_a_secret_is_too_long_to_be_tried_out():
    assert SECRET_BYTES * 8 == 256


def test_api2_a_key_in_the_address_opens_nothing(crm):
    secret = crm.key["Authorization"].removeprefix("Bearer ")
    for name in ("key", "api_key", "token", "access_token"):
        assert crm.client.get(f"/v1/policy?{name}={secret}").status_code == 401


# API3: broken object property level authorisation. Values are never repeated: test_bytes.py.


@pytest.mark.parametrize("name", OURS_TO_SAY)
def test_api3_no_request_sets_what_is_ours_to_say(crm, name):
    answer = crm.post("/v1/score", {"deal_id": "D-1", name: MARK})
    assert answer.status_code == 422
    assert MARK not in answer.text


@pytest.mark.parametrize("model", [DealIn, OutcomeIn, BatchIn, OutcomesIn])
def test_api3_every_request_refuses_fields_that_are_not_its_own(model):
    assert model.model_config["extra"] == "forbid"


def test_api3_a_problem_tells_nothing_but_what_it_declares(crm):
    answer = crm.post("/v1/score", {"deal_id": MARK, "amount": MARK, "stage": MARK, "unheard_of": MARK})
    assert set(answer.json()) <= set(ProblemOut.model_fields)
    assert MARK not in answer.text


# API4: unrestricted resource consumption. Bodies: test_bytes.py and tests/http/test_body_limit.py; rates:
# tests/http/access/test_rates.py.


def test_api4_a_batch_has_an_end(crm):
    deals = [{"deal_id": f"D-{n}"} for n in range(1_001)]
    answer = crm.post("/v1/score/batch", {"deals": deals})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


def test_api4_a_key_gone_wild_is_stopped_and_another_goes_on(crm, other_crm):
    with TestClient(create_app(crm.application, Settings(rate_limit=5))) as client:
        mine = [client.get("/v1/policy", headers=crm.key).status_code for _ in range(7)]
        assert mine == [200] * 5 + [429] * 2
        assert client.get("/v1/policy", headers=other_crm.key).status_code == 200


def test_api4_a_nest_without_bottom_is_refused_at_once(crm):
    answer = crm.post_bytes("/v1/score", b'{"extra":' + b"[" * 400_000)
    assert answer.status_code == 400


# API5: broken function level authorisation. Every route and its scope: test_access.py.


def test_api5_a_key_for_scores_neither_reports_outcomes_nor_reads(crm):
    _, secret = crm.application.keys.create(crm.firm, "scorer", at=crm.application.clock(), scopes={"score"})
    headers = {"Authorization": f"Bearer {secret}"}
    for door, scope in declared().items():
        method, path = door.split()
        if scope not in {PUBLIC, "score"}:
            assert crm.client.request(method, path, headers=headers).status_code == 403, door


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
def test_api5_another_method_opens_no_other_door(crm, method):
    for door in declared():
        path = door.split()[1].format(receipt_id="x", deal_id="x", name="x", version="x", webhook_id="x")
        assert crm.client.request(method, path, headers=crm.key).status_code in {404, 405}


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_api5_no_header_turns_one_request_into_another(crm, header):
    _, secret = crm.application.keys.create(crm.firm, "reader", at=crm.application.clock(), scopes={"read"})
    sent = {"Authorization": f"Bearer {secret}", header: "/v1/score" if "URL" in header else "POST"}
    assert "receipt_id" not in crm.client.get("/v1/policy", headers=sent).text
    assert crm.client.get("/v1/score", headers=sent).status_code == 405


# API6: unrestricted access to sensitive business flows: a model probed for its answers.


def test_api6_who_probes_is_bound_by_a_rate_and_seen_in_the_log(crm, capsys):
    now = crm.application.clock()
    key, secret = crm.application.keys.create(crm.firm, "probe", at=now, rate_per_minute=3)
    headers = {"Authorization": f"Bearer {secret}"}
    bodies = [{"deal_id": "D-1", "amount": n} for n in range(5)]
    answers = [crm.client.post("/v1/score", json=body, headers=headers).status_code for body in bodies]
    assert answers == [200, 200, 200, 429, 429]
    assert capsys.readouterr().out.count(key.key_id) == 5


# API7: server side request forgery. The whole table: tests/outgoing; webhooks: tests/cli/test_webhooks.py and
# tests/service/telling/test_delivering.py.


@pytest.mark.parametrize("url", ["https://169.254.169.254/", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/"])
def test_api7_no_address_leads_inside(url):
    with pytest.raises(AddressError):
        check_address(url, allowed=Allowed())


# API8: security misconfiguration. Headers, CORS, docs and metrics: test_access.py; `mlscore doctor`: tests/cli.


def test_api8_the_service_listens_to_this_machine_alone_unless_told_otherwise():
    assert Settings().host == "127.0.0.1"


def test_api8_a_fault_of_ours_shows_no_trace_of_the_code(crm):
    broken = create_app(crm.application, Settings())
    broken.state.application = None
    with TestClient(broken, raise_server_exceptions=False) as client:
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert not any(word in answer.text for word in ("Traceback", "AttributeError", ".py"))


def test_api8_no_debugging_is_left_on(crm):
    assert crm.client.app.debug is False


# API9: improper inventory management.


def test_api9_every_route_that_answers_is_declared_and_described(crm):
    described = json.loads(crm.client.get("/openapi.json").text)["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    told_under_another_name = {"GET /v2/"}
    answering = {door for door in declared() if not door.startswith(("GET /docs", "GET /openapi"))}
    assert answering - told_under_another_name == routes


@pytest.mark.parametrize(
    "path", ["/v0/score", "/v1beta/score", "/v2/score", "/score", "/api/v1/score", "/admin", "/debug"]
)
def test_api9_no_other_version_answers_beside_it(crm, path):
    assert crm.client.post(path, json={"deal_id": "D-1"}, headers=crm.key).status_code in {404, 405}


# API10: unsafe consumption of APIs. CRMs' answers: tests/outgoing/test_calling.py; what a registry hands out:
# tests/registry/test_bundles_are_data.py and test_signing.py.


def test_api10_what_is_found_on_the_shelf_is_refused_in_words_and_the_service_goes_on(tmp_path):
    settings = Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}", models=tmp_path / "models")
    (tmp_path / "models/main/7").mkdir(parents=True)
    (tmp_path / "models/main/7/manifest.json").write_bytes(b"\x80\x04cos\nsystem\n")
    (tmp_path / "models/main/champion").write_text(
        '{"version": "7", "previous": [], "at": "2026-01-01T00:00:00Z"}', encoding="utf-8"
    )
    with build_service(settings) as application, TestClient(create_app(application, settings)) as client:
        _, secret = application.keys.create("main", "crm", at=application.clock())
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.post("/v1/score", json={"deal_id": "D-1"}, headers=headers).status_code == 200
        assert "damaged" in client.get("/v1/model", headers=headers).json()["refused"]
