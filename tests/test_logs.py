import io
import json
import logging
from dataclasses import dataclass

import pytest
import structlog

from mlscore.logs import configure_logs, hide_secrets


@dataclass(frozen=True)
class Wanted:
    log_level: str = "info"


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_moment_and_level():
    stream = io.StringIO()
    configure_logs(Wanted(), stream=stream)
    structlog.get_logger().info("сделка оценена", seconds=0.5)
    [line] = lines_of(stream)
    assert (line["event"], line["level"], line["seconds"]) == ("сделка оценена", "info", 0.5)
    assert str(line["timestamp"]).endswith("Z")
    assert "сделка" in stream.getvalue()


def test_what_libraries_log_comes_the_same_way():
    stream = io.StringIO()
    configure_logs(Wanted(), stream=stream)
    logging.getLogger("library").warning("model %s refused", 7)
    assert lines_of(stream)[0]["event"] == "model 7 refused"


def test_what_is_below_the_level_is_not_logged():
    stream = io.StringIO()
    configure_logs(Wanted("warning"), stream=stream)
    structlog.get_logger().info("small talk")
    assert stream.getvalue() == ""


def test_a_person_is_not_shown_json():
    stream = io.StringIO()
    configure_logs(Wanted(), stream=stream, as_json=False)
    structlog.get_logger().info("ready")
    assert "ready" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_the_number_of_the_request_stands_beside_what_it_caused():
    stream = io.StringIO()
    configure_logs(Wanted(), stream=stream)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("scored")
    assert lines_of(stream)[0]["request_id"] == "r-1"


@pytest.mark.parametrize("name", ["Authorization", "api_key", "client_secret", "PASSWORD", "access_token", "cookie"])
def test_whatever_is_named_like_a_secret_is_hidden(name):
    assert hide_secrets(None, "info", {name: "mlscore_abc", "event": "e"}) == {name: "***", "event": "e"}


@pytest.mark.parametrize(
    "said",
    [
        "key mlscore_" + "a-_Z9" * 8 + "abc refused",
        "postgresql://mlscore:hunter2@db/mlscore",
        "https://u:hunter2@crm.example/",
        "signed with whsec_a+Z9/hunter2==",
    ],
)
def test_whatever_looks_like_a_secret_is_hidden_wherever_it_stands(said):
    hidden = hide_secrets(None, "info", {"event": said, "reason": said})
    assert "***" in hidden["event"]
    assert hidden["event"] == hidden["reason"]
    assert not any(secret in hidden["event"] for secret in ("hunter2", "a-_Z9"))


def test_what_only_begins_like_a_key_is_left_alone():
    event = {"event": "mlscore_http_requests_total rises, see https://crm.example/a@b", "seconds": 0.5}
    assert hide_secrets(None, "info", event) == event


@pytest.mark.parametrize("level", ["debug", "error"])
def test_libraries_that_repeat_what_they_send_are_quiet_at_every_level(level):
    configure_logs(Wanted(level), stream=io.StringIO())
    for name in ("sqlalchemy.engine.Engine", "httpx2", "httpcore2.http11"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_a_key_in_a_line_is_masked_whoever_wrote_it():
    stream, secret = io.StringIO(), "mlscore_" + "k" * 43
    configure_logs(Wanted(), stream=stream)
    structlog.get_logger().info("refused", password="open sesame", url=f"https://crm.example/?key={secret}")
    logging.getLogger("library").warning("called with %s", secret)
    assert len(lines_of(stream)) == 2
    assert not [word for word in (secret, "open sesame") if word in stream.getvalue()]
