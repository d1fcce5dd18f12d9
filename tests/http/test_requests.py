import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from mlscore.http.metrics import Metrics
from mlscore.http.requests import Requests
from tests.http.rooms import Behind, calling


def test_every_answer_carries_the_number_of_its_request():
    first, second = (calling(Behind()).get("/").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert len(first) == 32


def test_a_number_the_caller_gave_is_kept():
    assert calling(Behind()).get("/", headers={"X-Request-ID": "crm-17.a_b"}).headers["x-request-id"] == "crm-17.a_b"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\x7fb", "é"])
def test_a_number_that_could_harm_a_log_is_replaced(given):
    answered = calling(Behind()).get("/", headers={"X-Request-ID": given.encode("latin-1")}).headers["x-request-id"]
    assert answered != given
    assert len(answered) == 32


def test_a_fault_of_ours_is_a_problem_without_details_and_a_line_in_the_log():
    with capture_logs() as logs:
        response = calling(Behind(error=RuntimeError("the secret fact"))).get("/")
    assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    assert response.headers["x-request-id"]
    assert "secret fact" not in response.text
    failed = next(line for line in logs if line["event"] == "request failed")
    assert failed["error"] == "RuntimeError"
    assert "rooms.py" in failed["where"][-1]
    assert "secret fact" not in str(logs)


def test_a_log_line_says_what_was_asked_and_never_of_whom():
    with capture_logs() as logs:
        calling(Behind(status=404)).get("/v1/deals/D-secret/scores?key=secret", headers={"Authorization": "Bearer sec"})
    [line] = logs
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 404)
    assert "sec" not in str({name: value for name, value in line.items() if name != "seconds"})


@pytest.mark.parametrize(
    ("asked", "language"), [("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("de", "en"), ("", "en"), ("x" * 5_000, "en")]
)
def test_the_language_is_the_readers(asked, language):
    behind = Behind()
    calling(behind).get("/", headers={"Accept-Language": asked})
    assert behind.states[0]["language"] == language


def test_a_key_beyond_its_rate_is_counted_as_refused():
    metrics = Metrics()
    client = TestClient(Requests(Behind(status=429), language="en", metrics=metrics))
    client.get("/v1/policy")
    assert b'mlscore_refused_total{reason="rate"} 1.0' in metrics.page()
