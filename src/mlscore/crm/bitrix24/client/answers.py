"""Reads a portal's answers: what it found, or why it did not; and whether asking again would help."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mlscore.scoring.errors import CrmRefusedError, MlscoreError, NotAllowedError, UnreachableError

QUERY_LIMIT, OPERATION_LIMIT, AWAY = "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "AWAY"

_NOT_ALLOWED: Mapping[str, str] = {
    "no_auth_found": "The address of the incoming webhook is wrong: paste it anew by `mlscore bitrix24 connect`.",
    "expired_token": "The incoming webhook has expired: make a new one and run `mlscore bitrix24 connect`.",  # nosec B105 # words
    "invalid_credentials": "The owner of the incoming webhook has lost his rights: make one as an administrator.",
    "insufficient_scope": "The incoming webhook lacks a right: tick CRM (crm) in its settings.",
    "user_access_error": "The owner of the incoming webhook may not use the application.",
    "portal_deleted": "This portal is closed.",
    "overload_limit": "Bitrix24 has blocked the portal's REST by hand: ask its support; trying on would not help.",
}
"""What keeps us out altogether, by the portal's code in lower case."""

_BROKEN = frozenset({"internal_server_error", "error_unexpected_answer"})
_OLD_TEXTS = {
    "not found": "NOT_FOUND",
    "access denied": "ACCESS_DENIED",
    "access denied.": "ACCESS_DENIED",
    "id is not defined or invalid": "INVALID_ARG_VALUE",
}
"""Old methods give no code, only a text."""


class BusyError(Exception):
    """The portal says: not now. `code` is QUERY_LIMIT, OPERATION_LIMIT, or AWAY where it did not answer as it should.

    `was_heard` is False where it certainly did not do what it was asked.
    """

    def __init__(self, code: str, *, was_heard: bool = False) -> None:
        super().__init__(code)
        self.code, self.was_heard = code, was_heard


@dataclass(frozen=True, slots=True)
class Answered:
    """What a portal found, and what it says of the time its method has used."""

    result: Any
    time: Mapping[str, Any]


def read_answer(status: int, body: bytes, *, host: str) -> Answered:
    """Read one answer. Raises BusyError, NotAllowedError and CrmRefusedError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BusyError(AWAY, was_heard=True) from None  # a proxy's page, half an answer, or brackets without end
    if not isinstance(document, dict):
        raise BusyError(AWAY, was_heard=True)
    if "error" in document or "result" not in document:
        raise error_of(document, status=status, host=host)
    told = document.get("time")
    return Answered(document["result"], told if isinstance(told, dict) else {})


def error_of(told: object, *, host: str, status: int = 200) -> BusyError | MlscoreError:
    """Return what an `error` of the portal means: of a whole answer, or of a command in a batch."""
    code, text = _code_and_text(told)
    if code == "ACCESS_DENIED" and "commercial plan" in text:  # else it is one item that is denied
        return NotAllowedError(f"{host}: the portal's plan has no REST: it is part of the paid ones.")
    if code in {QUERY_LIMIT, OPERATION_LIMIT}:
        return BusyError(code)
    if words := _NOT_ALLOWED.get(code.lower()):
        return NotAllowedError(f"{host}: {words}")
    if code.lower() in _BROKEN or (not code and status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        return BusyError(AWAY, was_heard=True)
    if status == HTTPStatus.UNAUTHORIZED or (not code and status == HTTPStatus.FORBIDDEN):
        return NotAllowedError(f"{host} does not let us in (status {status}).")
    return CrmRefusedError(f"Bitrix24 refuses: {text or code or status}", reason=code or str(status))


def unreachable(host: str, code: str) -> UnreachableError:
    """Return the error of a portal that stayed away or stayed busy."""
    words = {
        QUERY_LIMIT: "takes no more calls for now: other applications share its limit",
        OPERATION_LIMIT: "has no more time for this method for some minutes",
    }
    return UnreachableError(f"{host} {words.get(code, 'does not answer')}.", host=host)


def _code_and_text(told: object) -> tuple[str, str]:
    if not isinstance(told, Mapping):
        return str(told or ""), ""
    code, text = str(told.get("error") or ""), str(told.get("error_description") or "")
    return code or _OLD_TEXTS.get(text.strip().lower(), ""), text
