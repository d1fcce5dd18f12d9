"""Our errors as problem details (RFC 9457), in the reader's language: one table, one shape."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from mlscore.scoring import errors
from mlscore.texts import Language, say

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

_OF_ERRORS: Mapping[type[errors.MlscoreError], tuple[int, str]] = {
    errors.FactError: (422, "problem.validation"),
    errors.FaultyInputError: (422, "error.input"),
    errors.NotFoundError: (404, "problem.not_found"),
    errors.KeyReusedError: (422, "problem.key_reused"),
    errors.StillRunningError: (409, "problem.still_running"),
    errors.ConflictError: (409, "problem.conflict"),
    errors.NotAllowedError: (401, "problem.unauthorised"),
    errors.StoreUnavailableError: (503, "error.store_unavailable"),
    errors.UnreachableError: (502, "error.unreachable"),
    errors.CrmRefusedError: (502, "error.crm_refused"),
    errors.AddressError: (422, "error.address"),
    errors.ModelError: (503, "error.model"),
    errors.MlscoreError: (500, "problem.unexpected"),
}
_OF_STATUSES: Mapping[int, str] = {
    400: "problem.not_json",
    404: "problem.not_found",
    405: "problem.method_not_allowed",
    413: "problem.too_large",
    415: "problem.unsupported_media_type",
    503: "problem.unavailable",
}
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    409: {"Retry-After": str(RETRY_SECONDS)},
    503: {"Retry-After": str(RETRY_SECONDS)},
}
_INVALID: Mapping[str | int, str] = {
    "currency": "field.invalid.currency",
    "id": "field.invalid.id",
    "since": "field.invalid.since",
}
"""What would be right where a field has but one form, by its name."""
_PLAIN_NAME = re.compile(r"[\w.\-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """One thing wrong in a request: where (a JSON pointer into the body, or `?name`), and its message code.

    `said` names a narrower sentence than the code's own; `params` fill it and never hold what was sent.
    """

    pointer: str
    code: str
    said: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a client is told instead of an answer; the sentences are said when it is written.

    `said` names a narrower sentence than the code's own; `params` fill it.
    """

    status: int
    code: str
    said: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[FieldFault] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def body(self, language: Language) -> dict[str, object]:
        """Return the problem as JSON has it; nothing in it repeats a value that was sent."""
        name = _short(self.code)
        said: dict[str, object] = {
            "type": f"urn:mlscore:problem:{name}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": say(self.said or self.code, language, **self.params),
            "code": name,
        }
        if self.faults:
            said["errors"] = [
                {
                    "pointer": fault.pointer,
                    "code": _short(fault.code),
                    "detail": say(fault.said or fault.code, language, **fault.params),
                }
                for fault in self.faults
            ]
        return said

    def response(self, language: Language, body: Mapping[str, object] | None = None) -> Response:
        """Return the problem as a response, with the headers its status asks for; `body` stands for its own."""
        return Response(
            json.dumps(body or self.body(language), ensure_ascii=False).encode(),
            status_code=self.status,
            headers={**_HEADERS.get(self.status, {}), **self.headers, "Content-Language": language},
            media_type=MEDIA_TYPE,
        )


NOT_ADMITTED = Problem(status=401, code="problem.not_admitted")
"""Where no key is asked for, but a proof of who sends: the same whatever was wrong with it."""


class ProblemError(HTTPException):
    """Ends a request with a problem that no error of ours stands for."""

    # An HTTPException, for FastAPI lets no other through from where it reads the body.
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.code)
        self.problem = problem


def problem_of(error: errors.MlscoreError) -> Problem:
    """Return the problem of one of our errors: the nearest of its kind in the table."""
    status, code = next(_OF_ERRORS[kind] for kind in type(error).__mro__ if kind in _OF_ERRORS)
    if isinstance(error, errors.FactError):
        params = {name: value for name, value in error.params.items() if name != "fact"}
        parts = str(error.params.get("fact", "")).split(".")
        said = narrowed(error.code, parts, params)
        faults = [FieldFault(pointer=pointer(parts), code=error.code, said=said, params=params)]
        return Problem(status=status, code=code, faults=faults)
    return Problem(status=status, code=code)


def narrowed(code: str, parts: Sequence[str | int], params: Mapping[str, object]) -> str | None:
    """Return the narrower sentence of a field's fault: which kind is needed, which bound was crossed."""
    if code == "field.wrong_type" and {"right", "given"} <= params.keys() and params["right"] != params["given"]:
        return f"field.wrong_type.{params['right']}"
    if code == "field.out_of_range":
        bounds = [name for name in ("least", "most") if name in params]
        return f"field.out_of_range.{'_'.join(bounds)}" if bounds else None
    if code in {"field.bad_choice", "field.too_long", "field.too_many"}:
        return f"{code}.limit" if {"choices", "at_most"} & params.keys() else None
    if code in {"field.bad_date", "field.bad_text"}:
        return f"{code}.{params['right']}" if "right" in params else None
    if code == "field.extra_forbidden":
        where = f".{parts[0]}" if len(parts) > 1 and parts[0] in {"extra", "query"} else ""
        hint = ".meant" if "meant" in params else ""
        return f"{code}{where}{hint}" if where or hint else None
    return _INVALID.get(parts[-1]) if code == "field.invalid" and parts else None


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem of a bare HTTP status; of a wrong method it names the right ones, as `Allow` does."""
    methods = (headers or {}).get("Allow")
    if status == HTTPStatus.METHOD_NOT_ALLOWED and methods:
        said, params = "problem.method_not_allowed.use", {"methods": methods}
        return Problem(status=status, code=_OF_STATUSES[status], said=said, params=params, headers=headers or {})
    code = _OF_STATUSES.get(
        status, "error.input" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "problem.unexpected"
    )
    return Problem(status=status, code=code, headers=headers or {})


def pointer(parts: Sequence[str | int]) -> str:
    """Return a JSON pointer (RFC 6901) to a field; a name nobody would give a field is shown as `…`."""
    if len(parts) == 1 and str(parts[0]).startswith("?"):
        return str(parts[0])
    return "".join(f"/{part if _PLAIN_NAME.fullmatch(str(part)) else '…'}" for part in parts if part != "")


def _short(code: str) -> str:
    return code.split(".", 1)[1]
