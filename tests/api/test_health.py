import re
import threading
from dataclasses import replace

from mlscore.scoring.errors import StoreUnavailableError
from tests.api.calling import GOOD, RUSSIAN, served_by
from tests.builders import NOON
from tests.fakes import FixedChampions
from tests.models import a_model


def away():
    raise StoreUnavailableError("The database does not answer.")


def figures(client):
    return dict(re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", client.get("/metrics").text, re.MULTILINE))


def test_a_service_that_answers_is_alive(crm):
    assert crm.client.get("/health/live").json() == {"status": "alive"}


def test_a_service_with_a_store_and_a_model_is_ready(crm):
    response = crm.client.get("/health/ready")
    said = {"status": "ready", "degraded": None, "reasons": [], "model_version": "prior"}
    assert (response.status_code, response.json()) == (200, said)


def test_without_any_model_it_is_ready_and_degraded(crm):
    with served_by(crm, FixedChampions(why_none="no bundle")) as other:
        response = other.client.get("/health/ready", headers=RUSSIAN)
    assert (response.status_code, response.json()["degraded"]) == (200, "no_model")
    assert response.json()["reasons"][0].startswith("Модели")


def test_a_service_without_its_database_stays_in_rotation_for_receipts_wait_beside_it(crm):
    with served_by(crm, FixedChampions(a_model()), ping=away, spooled=lambda: 3) as other:
        assert other.client.get("/health/live").status_code == 200
        response = other.client.get("/health/ready", headers=RUSSIAN)
        counted = figures(other.client)
    assert (response.status_code, response.json()["status"], response.json()["degraded"]) == (200, "ready", "spooling")
    assert "База данных недоступна" in response.json()["reasons"][0]
    assert counted["mlscore_spool_receipts"] == "3.0"
    assert counted["mlscore_database_up"] == "0.0"


def test_a_database_that_hangs_is_away_within_a_moment(crm):
    answers = threading.Event()
    with served_by(crm, FixedChampions(a_model()), ping=answers.wait) as other:
        other.client.app.state.watch.pulse.patience_seconds = 0.05
        response = other.client.get("/health/ready")
        answers.set()
    assert (response.status_code, response.json()["degraded"]) == (200, "spooling")


def test_a_draining_worker_is_alive_and_asks_for_no_more_work(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        other.client.app.state.draining = True
        assert other.client.get("/health/live").status_code == 200
        response = other.client.get("/health/ready")
        assert figures(other.client)["mlscore_draining"] == "1.0"
    assert (response.status_code, response.json()["status"]) == (503, "not_ready")
    assert "stopping" in response.json()["reasons"][0]


def test_without_a_model_and_without_the_database_both_are_told(crm):
    with served_by(crm, FixedChampions(why_none="no bundle"), ping=away, spooled=lambda: 0) as other:
        said = other.client.get("/health/ready").json()
    assert (said["degraded"], len(said["reasons"]), said["model_version"]) == ("spooling", 2, None)


def test_deals_scored_and_requests_served_are_counted(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        other.score(**GOOD)
        other.post("/v1/score", {})
        other.client.get("/nowhere")
        counted = figures(other.client)
    assert counted['mlscore_score_requests_total{model="profitable",outcome="accept",version="7"}'] == "1.0"
    assert counted["mlscore_score_duration_seconds_count"] == "1.0"
    assert counted['mlscore_score_value_count{version="7"}'] == "1.0"
    assert counted['mlscore_model_loaded_info{firm="main",model="profitable",version="7"}'] == "1.0"
    assert counted['mlscore_receipts_total{logged="stored"}'] == "1.0"
    assert counted['mlscore_http_request_duration_seconds_count{route="/v1/score"}'] == "2.0"
    assert counted["mlscore_queue_wait_seconds_count"] == "1.0"
    assert counted["mlscore_database_up"] == "1.0"
    assert counted["mlscore_in_flight_requests"] == "1.0", "the scrape itself"
    assert counted['mlscore_http_requests_total{route="/v1/score",status="422"}'] == "1.0"
    assert counted['mlscore_http_requests_total{route="none",status="404"}'] == "1.0"


def test_requests_that_never_meet_the_router_count_under_their_route(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        for _ in range(2):
            other.post("/v1/score", {"deal_id": "D-1", **GOOD}, {"Idempotency-Key": "replayed"})
        other.client.get("/v1/scores/x")
        counted = figures(other.client)
    assert counted['mlscore_http_requests_total{route="/v1/score",status="200"}'] == "2.0"
    assert counted['mlscore_http_requests_total{route="/v1/scores/{receipt_id}",status="401"}'] == "1.0"


def test_deals_the_model_abstained_on_are_counted(crm):
    crm.score(**GOOD)
    before = figures(crm.client)
    crm.score(**GOOD)
    name = 'mlscore_score_abstained_total{version="prior"}'
    assert float(figures(crm.client)[name]) - float(before[name]) == 1


def test_a_challenger_is_shown_while_it_answers_in_the_shadow(crm):
    champions = FixedChampions(a_model(), challenger=replace(a_model(), version="8"))
    with served_by(crm, champions) as other:
        name = 'mlscore_challenger_loaded_info{firm="main",version="8"}'
        assert figures(other.client)[name] == "1.0"
        champions.challenger = None
        assert name not in figures(other.client)


def test_what_a_webhook_is_still_to_be_told_is_shown(crm):
    made = crm.store.webhooks.create(crm.firm, "told", url="https://crm.example/", secret="s", at=NOON).webhook_id
    telling = replace(crm.application.telling, firm=crm.firm, _again_at=0.0)  # counted anew
    crm.score(**GOOD)
    with served_by(crm, FixedChampions(a_model()), telling=telling) as other:
        counted = figures(other.client)
    crm.store.webhooks.end(crm.firm, made, at=NOON)
    assert counted[f'mlscore_webhook_scores{{state="waiting",webhook="{made}"}}'] == "1.0"
    assert counted[f'mlscore_webhook_tries{{outcome="delivered",webhook="{made}"}}'] == "0.0"
    assert f'mlscore_webhook_oldest_undelivered_seconds{{webhook="{made}"}}' in counted


def test_no_deal_is_named_in_the_figures(crm):
    crm.score(deal_id="D-secret", **GOOD)
    crm.get("/v1/deals/D-secret/scores")
    assert "D-secret" not in crm.client.get("/metrics").text


def test_each_application_counts_for_itself(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        assert 'mlscore_http_requests_total{route="/v1/score"' not in other.client.get("/metrics").text
