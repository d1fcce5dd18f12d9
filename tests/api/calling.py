"""Calls the API as a CRM does: over HTTP, with the key of one firm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from mlscore.api import create_app
from mlscore.service.application import Application
from mlscore.settings import Settings
from mlscore.store import Store
from tests.fakes import FixedChampions

JSON = {"Content-Type": "application/json"}
ENGLISH = {"Accept-Language": "en"}
RUSSIAN = {"Accept-Language": "ru"}

FIRE: Mapping[str, Any] = {
    "steam_tph": 5,
    "annual_turnover_rub": 1_200_000_000,
    "industry": "dairy",
    "in_nomenclature": True,
}
AAA: Mapping[str, Any] = {
    **FIRE,
    "need_defined": True,
    "budget_allocated": True,
    "budget_amount": 40_000,
    "asap": True,
}
GOOD: Mapping[str, Any] = {**AAA, "profit_if_won": 12_000}


@dataclass(frozen=True)
class Crm:
    """One firm's CRM."""

    client: TestClient
    application: Application
    store: Store
    firm: str = field(default_factory=lambda: f"firm-{uuid4().hex[:8]}")
    secrets: list[str] = field(default_factory=list)

    @property
    def key(self) -> dict[str, str]:
        if not self.secrets:
            self.secrets.append(self.application.keys.create(self.firm, "crm", at=self.application.clock())[1])
        return {"Authorization": f"Bearer {self.secrets[0]}"}

    def get(self, path: str, headers: Mapping[str, str] = ENGLISH) -> Response:
        return self.client.get(path, headers={**self.key, **headers})

    def post(self, path: str, body: Any, headers: Mapping[str, str] = ENGLISH) -> Response:
        return self.client.post(path, json=body, headers={**self.key, **headers})

    def post_bytes(self, path: str, body: bytes, headers: Mapping[str, str] = JSON) -> Response:
        return self.client.post(path, content=body, headers={**self.key, **headers})

    def score(self, headers: Mapping[str, str] = ENGLISH, **facts: Any) -> dict[str, Any]:
        response = self.post("/v1/score", {"deal_id": "D-1", **facts}, headers)
        assert response.status_code == 200, response.text
        return response.json()

    def apply_policy(self, document: str) -> None:
        self.store.policies.apply(self.firm, document, at=self.application.clock(), by="a manager", why="a test")


def key_of(crm: Crm, **of_key: Any) -> dict[str, str]:
    """Return the headers of a key of the firm made for one test."""
    _, secret = crm.application.keys.create(crm.firm, "a key", at=crm.application.clock(), **of_key)
    return {**ENGLISH, "Authorization": f"Bearer {secret}"}


@contextmanager
def served_by(
    crm: Crm, champions: FixedChampions, *, settings: Mapping[str, Any] | None = None, **parts: Any
) -> Iterator[Crm]:
    """Serve the same firm from another application: with these champions, and other parts of it changed."""
    ours = crm.application
    scoring = replace(ours.scoring, champions=champions)
    application = replace(ours, **{"champions": champions, "scoring": scoring} | parts)
    with TestClient(create_app(application, Settings(**settings or {}))) as client:
        yield replace(crm, client=client, application=application)


def faults_of(response: Response) -> list[tuple[str, str]]:
    """Return where a request was wrong, and how."""
    assert response.headers["content-type"] == "application/problem+json"
    return [(fault["pointer"], fault["code"]) for fault in response.json()["errors"]]
