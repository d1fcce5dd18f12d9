"""Calls one room of the HTTP service with a plain application behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mlscore.http.metrics import Metrics
from mlscore.http.requests import Requests


@dataclass
class Behind:
    """What lies behind the rooms: says how many requests reached it and how long the last body was."""

    status: int = 200
    error: Exception | None = None
    bodies: list[bytes] = field(default_factory=list)
    states: list[Mapping[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        self.bodies.append(body)
        self.states.append(dict(scope["state"]))
        if self.error is not None:
            raise self.error
        await PlainTextResponse(f"answer {len(self.bodies)}", self.status)(scope, receive, send)


@dataclass
class AsFirm:
    """Stands for the gate: every request comes with the key of this firm."""

    app: ASGIApp
    firm: str = "main"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] |= {"firm": self.firm, "key_id": "k"}
        await self.app(scope, receive, send)


def calling(inner: ASGIApp) -> TestClient:
    """Return a client of an application inside the outermost room."""
    return TestClient(Requests(inner, language="en", metrics=Metrics()))
