"""Lets in who shows a valid API key, and says whose key it is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlscore.http.access.doors import ANY_KEY, PUBLIC, Asked, Doors
from mlscore.http.access.rates import Rates, Share
from mlscore.http.access.uses import Uses
from mlscore.http.problems import Problem, problem_of
from mlscore.http.requests import language_of
from mlscore.ports import Clock, Key, Keys
from mlscore.scoring.errors import MlscoreError, NotAllowedError, StoreUnavailableError

FRESH_SECONDS = 2.0
GOOD_SECONDS = 15 * 60.0
SECRET_LENGTH_AT_MOST = 256
_REMEMBERED_AT_MOST = 1000


@dataclass(slots=True, kw_only=True)
class KeyRing:
    """Finds the key of a secret; one found is asked for anew after `fresh_seconds`, so a revoked one ends soon.

    While the store is away a key found before goes on for `good_seconds`.
    """

    keys: Keys
    clock: Clock
    fresh_seconds: float = FRESH_SECONDS
    good_seconds: float = GOOD_SECONDS
    monotonic: Callable[[], float] = time.monotonic
    _known: dict[bytes, tuple[Key, float]] = field(default_factory=dict)

    async def owner(self, authorization: str | None) -> Key:
        """Return the key of an `Authorization: Bearer` header.

        Raises NotAllowedError, the same for a key missing, unknown, expired or revoked; StoreUnavailableError.
        """
        scheme, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not 0 < len(secret) <= SECRET_LENGTH_AT_MOST:
            raise _not_allowed()
        key = await self._find(secret)
        is_expired = key is not None and key.expires_at is not None and key.expires_at <= self.clock()
        if key is None or key.revoked_at is not None or is_expired:
            raise _not_allowed()
        return key

    async def _find(self, secret: str) -> Key | None:
        # The secret itself is not held: a digest finds it just as well.
        digest = hashlib.sha256(secret.encode()).digest()
        known = self._known.get(digest)
        if known is not None and self.monotonic() - known[1] < self.fresh_seconds:
            return known[0]
        try:
            key = await run_in_threadpool(self.keys.find, secret)
        except StoreUnavailableError:
            if known is None or self.monotonic() - known[1] >= self.good_seconds:
                raise
            return known[0]
        if len(self._known) >= _REMEMBERED_AT_MOST:
            self._known.clear()
        if key is None:
            self._known.pop(digest, None)
        else:
            self._known[digest] = (key, self.monotonic())
        return key


@dataclass(frozen=True, slots=True)
class KeyGate:
    """Asks at each door for a key with its scope, and for no more requests than its rate, before any body is read."""

    app: ASGIApp
    _: KW_ONLY
    ring: KeyRing
    doors: Doors
    rates: Rates
    uses: Uses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 without a valid key, 429 beyond its rate, 403 without the scope; else go on with its firm."""
        asked = PUBLIC if scope["type"] != "http" else self.doors.asked(scope["method"], scope["path"])
        if asked == PUBLIC:
            await self.app(scope, receive, send)
            return
        try:
            key = await self.ring.owner(Headers(scope=scope).get("authorization"))
        except MlscoreError as error:
            await problem_of(error).response(language_of(scope))(scope, receive, send)
            return
        scope["state"]["key_id"] = key.key_id
        self.uses.note(key.key_id)
        share = self.rates.take(key)
        answering = send if share is None else _with(share.headers(), send)
        if (problem := _refusal(key, asked, share)) is not None:
            await problem.response(language_of(scope))(scope, receive, answering)
            return
        if asked != ANY_KEY:  # a path that no door leads to is given no firm: whatever it meets, it opens nothing
            scope["state"] |= {"firm": key.firm, "sandbox": key.sandbox, "scopes": key.scopes}
        await self.app(scope, receive, answering)


def _refusal(key: Key, asked: Asked, share: Share | None) -> Problem | None:
    if share is not None and share.is_spent:
        params = {"at_most": share.at_most, "seconds": share.seconds}
        retry = {"Retry-After": str(share.seconds)}
        return Problem(status=429, code="problem.too_many_requests", params=params, headers=retry)
    if asked != ANY_KEY and asked not in key.scopes:
        return scope_missing(asked)
    return None


def scope_missing(scope: str) -> Problem:
    """Return the problem of a key that lacks a scope."""
    needed = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    return Problem(status=403, code="problem.scope_missing", params={"scope": scope}, headers=needed)


def _with(headers: Mapping[str, str], send: Send) -> Send:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *raw]
        await send(message)

    return answer


def _not_allowed() -> NotAllowedError:
    return NotAllowedError("Send Authorization: Bearer KEY; the key sent is missing, unknown, expired or revoked.")
