"""Whatever is sent and whatever fails, no log line holds a key, a secret or a word of what is known of a deal."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.logs import configure_logs
from mlscore.scoring.deal import FACTS, Kind
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.settings import Settings
from tests.fakes import InMemoryReceipts, Outage

PERSON = "Ivan-Petrovich-Secret"
SECRETS = (PERSON, "Иван-Петрович-Тайный", "sekret-token-77", "777000777")
TEXTS = [name for name, fact in FACTS.items() if fact.kind is Kind.TEXT]
MONEY = [name for name, fact in FACTS.items() if fact.kind is Kind.MONEY]
OF_A_PERSON = {
    **dict.fromkeys(TEXTS, PERSON),
    **dict.fromkeys(MONEY, 777_000_777),
    "stage": "deal",
    "currency": "RUB",
    "deal_id": PERSON,
    "request_text": SECRETS[1],
}
HEADERS = {
    "X-Api-Key": SECRETS[2],
    "Cookie": f"session={SECRETS[2]}",
    "Referer": f"https://crm.example/?token={SECRETS[2]}",
    "User-Agent": PERSON,
    "X-Request-ID": f"{PERSON} {SECRETS[2]}",
    "Idempotency-Key": SECRETS[2],
    "X-Forwarded-For": PERSON,
}


class Noisy(InMemoryReceipts):
    """Fails with what was sent in its message, as a careless library would."""

    def keep(self, firm, receipts):
        raise RuntimeError(f"cannot keep {receipts[0].deal}")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Log everything, and give what was logged."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logs(Settings(log_level="debug"), stream=stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def call_everything(client: TestClient, secret: str) -> list[int]:
    """Send the person's data in every field, query, path and header there is."""
    key = {"Authorization": f"Bearer {secret}"}
    wrong = {**OF_A_PERSON, "unheard_of": PERSON, "amount": PERSON, "stage": PERSON}
    ended = {"deal_id": PERSON, "status": "won", "realised_profit": 777_000_777}
    posts = [
        ("/v1/score", {"json": OF_A_PERSON}),
        ("/v1/score", {"json": wrong}),
        ("/v1/score/batch", {"json": {"deals": [OF_A_PERSON, wrong]}}),
        (f"/v1/score?{PERSON}={SECRETS[2]}", {"json": OF_A_PERSON}),
        ("/v1/score", {"content": f'{{"deal_id": "{PERSON}", '.encode()}),
        ("/v1/score", {"content": PERSON.encode("utf-16")}),
        ("/v1/outcomes", {"json": ended}),
        ("/v1/outcomes", {"json": {**ended, "status": PERSON}}),
    ]
    gets = [
        (f"/v1/deals/{PERSON}/scores?token={SECRETS[2]}", key),
        (f"/v1/scores/{PERSON}", key),
        (f"/{PERSON}/{SECRETS[2]}", key),
        ("/v1/policy", {"Authorization": f"Bearer {SECRETS[2]}"}),
        ("/v1/policy", {"Authorization": f"Basic {SECRETS[2]}"}),
    ]
    once = [{**HEADERS, **key, "Idempotency-Key": f"{SECRETS[2]}-{n}"} for n in range(len(posts))]
    answers = [client.post(path, **sent, headers=one) for (path, sent), one in zip(posts, once, strict=True)]
    answers += [client.get(path, headers={**HEADERS, **headers}) for path, headers in gets]
    return [answer.status_code for answer in answers]


TROUBLES = {
    "none": None,
    "a fault that repeats a deal": Noisy(),
    "the store away": InMemoryReceipts(outage=Outage(is_on=True)),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_log_line_holds_a_key_a_secret_or_a_persons_data(tmp_path: Path, log: io.StringIO, trouble: str) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}", models=tmp_path / "models", log_level="debug")
    with build_service(settings) as ours:
        _, secret = ours.keys.create("main", "crm", at=ours.clock())
        receipts = TROUBLES[trouble] or ours.scoring.receipts
        application = replace(ours, scoring=replace(ours.scoring, receipts=receipts))
        with TestClient(create_app(application, settings), raise_server_exceptions=False) as client:
            statuses = call_everything(client, secret)
    said = log.getvalue()
    assert len([line for line in said.splitlines() if json.loads(line)["event"] == "request"]) == len(statuses)
    assert (statuses[0] == 200) == (trouble == "none")
    assert (500 in statuses) == (trouble == "a fault that repeats a deal")
    assert (503 in statuses) == (trouble == "the store away")
    assert not [word for word in (*SECRETS, secret, secret.removeprefix("mlscore_")) if word in said]


def test_every_line_of_a_request_carries_its_number(tmp_path: Path, log: io.StringIO) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}", models=tmp_path / "models")
    with build_service(settings) as application:
        scoring = replace(application.scoring, receipts=Noisy())
        _, secret = application.keys.create("main", "crm", at=application.clock())
        app = create_app(replace(application, scoring=scoring), settings)
        with TestClient(app, raise_server_exceptions=False) as client:
            headers = {"Authorization": f"Bearer {secret}", "X-Request-ID": "r-17"}
            client.post("/v1/score", json={"deal_id": "D-1"}, headers=headers)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    of_request = [line for line in lines if line["event"] in {"request", "request failed"}]
    assert [line["request_id"] for line in of_request] == ["r-17", "r-17"]
    assert of_request[1]["key_id"]


def test_an_error_of_the_database_says_nothing_of_what_was_sent_to_it(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'mlscore.db'}", models=tmp_path / "models")
    with build_service(settings) as application:
        store = application.scoring.receipts.stored
        assert store.database.engine.hide_parameters
        (tmp_path / "mlscore.db").unlink()
        with pytest.raises(StoreUnavailableError) as refused:
            store.find("main", PERSON)
    assert PERSON not in str(refused.value)
