"""The database goes away under a running service and comes back: scoring goes on, and every receipt arrives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.settings import Settings
from tests.api.calling import ENGLISH, GOOD, Crm
from tests.postgres import Postgres
from tests.serving import until
from tests.store.proxy import Proxy

DEAL = {"deal_id": "D-1", "company_id": "C-1", **GOOD}


def opened(settings: Settings) -> Iterator[Crm]:
    with build_service(settings) as application, TestClient(create_app(application, settings)) as client:
        yield Crm(client, application, store=None, firm="main")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def crm(folder: Path) -> Iterator[Crm]:
    """Give the CRM of a service on a database of its own."""
    yield from opened(
        Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", spool=folder / "spool")
    )


def test_while_the_database_is_away_scores_are_spooled_and_nothing_else_is_pretended(crm, folder):
    stored = crm.score(**DEAL)
    assert (stored["logged"], "history_unavailable" in stored["rule"]["flags"]) == ("stored", False)
    (folder / "mlscore.db").rename(folder / "away.db")
    spooled = crm.score(**DEAL)
    assert (spooled["logged"], "history_unavailable" in spooled["rule"]["flags"]) == ("spooled", True)
    assert spooled["decision"] == stored["decision"]
    batch = crm.post("/v1/score/batch", {"deals": [DEAL, {**DEAL, "deal_id": "D-2"}]}).json()["results"]
    assert [one["score"]["logged"] for one in batch] == ["spooled", "spooled"]
    assert crm.post("/v1/score?dry_run=true", DEAL).json()["logged"] == "dry_run"
    read = crm.get(f"/v1/scores/{spooled['receipt_id']}")
    assert (read.status_code, read.json()["logged"]) == (200, "spooled")
    refused = [
        crm.get(f"/v1/scores/{stored['receipt_id']}"),
        crm.get("/v1/deals/D-1/scores"),
        crm.get("/v1/comparison"),
        crm.post("/v1/outcomes", {"deal_id": "D-1", "status": "lost"}),
        crm.post("/v1/score", DEAL, {**ENGLISH, "Idempotency-Key": "k-1"}),
        crm.client.get("/v1/policy", headers={"Authorization": "Bearer never-seen"}),
    ]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "store_unavailable")}
    (folder / "away.db").rename(folder / "mlscore.db")
    expected = {stored["receipt_id"], spooled["receipt_id"], batch[0]["score"]["receipt_id"]}

    def arrived() -> set[str]:
        answer = crm.get("/v1/deals/D-1/scores")
        return {one["receipt_id"] for one in answer.json()["scores"]} if answer.status_code == 200 else set()

    until(lambda: arrived() == expected)
    until(lambda: list((folder / "spool").iterdir()) == [])
    assert crm.get(f"/v1/scores/{spooled['receipt_id']}").json()["logged"] == "stored"
    until(lambda: crm.score(**DEAL)["logged"] == "stored")


def test_a_postgresql_that_hangs_holds_nobody_up_for_long_and_is_caught_up_with(postgres: Postgres, tmp_path):
    proxy = Proxy(postgres.port)
    with postgres.fresh_database() as url:
        through = url.replace(f":{postgres.port}/", f":{proxy.port}/")
        service = opened(Settings(database=through, models=tmp_path / "models", spool=tmp_path / "spool"))
        crm = next(service)
        assert crm.score(**DEAL)["logged"] == "stored"
        proxy.hang()
        answers = [crm.score(**DEAL) for _ in range(20)]
        assert {answer["logged"] for answer in answers} == {"spooled"}
        proxy.go_on()
        until(lambda: crm.application.spooled() == 0)
        until(lambda: len(crm.get("/v1/deals/D-1/scores").json()["scores"]) == 21)
        service.close()
    proxy.close()
