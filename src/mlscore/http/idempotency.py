"""Answers a repeated POST with its first answer: `Idempotency-Key`."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import KW_ONLY, dataclass, field

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlscore.http.body_limit import replayed
from mlscore.http.problems import Problem, problem_of
from mlscore.http.requests import language_of
from mlscore.ports import Clock, KeptAnswer, Ledger, kept_in
from mlscore.scoring.errors import MlscoreError

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_NEVER_KEPT = {401, 408, 409, 429}
_SERVER_FAULT = 500
_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Keeps the answer to a POST under its key and firm: the same request again gets the same answer, byte for byte.

    Kept are answers that sending again would not change: successes and faults of the request. After a fault of the
    server or an answer of "later" the key is given back, so the request may be sent again. A request that is cut off
    may go on in its thread: its key is held until the claim lapses.
    """

    app: ASGIApp
    _: KW_ONLY
    ledger: Ledger
    clock: Clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, replay, or refuse: 400 for an unusable key, 422 for another request's, 409 while it runs."""
        key = Headers(scope=scope).get(KEY_HEADER) if scope["type"] == "http" else None
        if key is None or scope["method"] != "POST" or "firm" not in scope["state"]:
            await self.app(scope, receive, send)
        elif not _KEY.fullmatch(key):
            problem = Problem(status=400, code="problem.bad_header")
            await problem.response(language_of(scope))(scope, receive, send)
        else:
            await self._once(scope, receive, send, key)

    async def _once(self, scope: Scope, receive: Receive, send: Send, key: str) -> None:
        firm = _kept_in(scope)
        body: bytes = (await receive()).get("body", b"")  # whole: `BodyLimit` has read it
        try:
            kept = await run_in_threadpool(
                self.ledger.begin, firm, key, request_digest=_digest(scope, body), at=self.clock()
            )
        except MlscoreError as error:
            await problem_of(error).response(language_of(scope))(scope, receive, send)
            return
        if kept is None:
            await self._first(scope, replayed(body, receive), send, key)
        else:
            again = Response(kept.body, kept.status, {REPLAYED_HEADER: "true", "Content-Type": kept.content_type})
            await again(scope, receive, send)

    async def _first(self, scope: Scope, receive: Receive, send: Send, key: str) -> None:
        firm, recorded = _kept_in(scope), _Recorded()
        is_held = False
        try:
            await self.app(scope, receive, recorded)
            answer = recorded.answer()
            if answer.status < _SERVER_FAULT and answer.status not in _NEVER_KEPT:
                await run_in_threadpool(self.ledger.end, firm, key, answer)
                is_held = True
        except asyncio.CancelledError:
            is_held = True  # given back, the same request would be done twice
            raise
        except MlscoreError as error:
            await problem_of(error).response(language_of(scope))(scope, receive, send)
            return
        finally:
            if not is_held:
                await self._give_back(firm, key)
        for message in recorded.messages:
            await send(message)

    async def _give_back(self, firm: str, key: str) -> None:
        try:
            await run_in_threadpool(self.ledger.abandon, firm, key)
        except MlscoreError as error:
            # The claim lapses by itself; the client is not to be kept from its answer.
            _logger.warning("idempotency key not given back", error=str(error))


@dataclass(slots=True)
class _Recorded:
    """Holds an answer back until it is kept."""

    messages: list[Message] = field(default_factory=list)

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    def answer(self) -> KeptAnswer:
        start = self.messages[0]
        body = b"".join(message.get("body", b"") for message in self.messages[1:])
        return KeptAnswer(
            status=start["status"],
            body=body,
            content_type=Headers(raw=start["headers"]).get("content-type", "application/octet-stream"),
        )


def _kept_in(scope: Scope) -> str:
    # What was answered in the sandbox is never replayed outside it.
    return kept_in(scope["state"]["firm"], scope["state"].get("sandbox", False))


def _digest(scope: Scope, body: bytes) -> str:
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], body)
    # Lengths first, so that no two different requests read alike.
    framed = b"".join(b"%d:%s" % (len(part), part) for part in parts)
    return hashlib.sha256(framed).hexdigest()
