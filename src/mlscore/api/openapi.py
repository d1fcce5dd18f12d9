"""The description of the API: problems as they are sent, and the shapes batches hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from mlscore.api.access import declared
from mlscore.api.openapi30 import in_openapi_30
from mlscore.api.schemas.answers import ProblemOut
from mlscore.api.schemas.events import EventIn
from mlscore.api.schemas.requests import DealIn, OutcomeIn, OutcomesIn
from mlscore.http.access.doors import PUBLIC
from mlscore.http.idempotency import KEY_HEADER
from mlscore.http.json_answer import JsonAnswer
from mlscore.http.problems import MEDIA_TYPE

PATH_30 = "/openapi-3.0.json"
_REFERENCE = "#/components/schemas/{model}"
_MEANINGS = {
    400: "The body is not JSON in UTF-8, has a key twice, or a header cannot be used.",
    401: "The key is missing, wrong, expired or revoked.",
    403: "The key lacks the scope this route asks for; `detail` names it.",
    404: "Nothing is kept under that name.",
    409: "The first request under this Idempotency-Key has not ended.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The request has faults; `errors` lists them. Or the Idempotency-Key was used with another request.",
    429: "The key has made as many requests as it may in a minute; try again after Retry-After seconds.",
    503: "The database does not answer; try again after Retry-After seconds.",
}
_NOT_ADMITTED = "The token or the signature that shows who sends is missing, wrong or too old."
_ALWAYS = (401, 403, 429, 503)

_BEARER = {"type": "http", "description": "An API key of `mlscore keys create`.", "scheme": "bearer"}
_KEY_MEANS = (
    "1-255 visible ASCII characters of your choice. The same request under the same key gets the first answer again; "
    "another request 422; while the first runs, 409. Kept for 30 days."
)
REPEATABLE: dict[str, Any] = {
    "parameters": [
        {
            "name": KEY_HEADER,
            "in": "header",
            "required": False,
            "schema": {
                "anyOf": [{"type": "string"}, {"type": "null"}],
                "description": _KEY_MEANS,
                "title": KEY_HEADER,
            },
            "description": _KEY_MEANS,
        }
    ]
}
"""What is said of a route whose requests may be sent again under a key. No parameter of its own: reading what the route
makes no use of costs every request."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the descriptions of the problems a route may answer with, 401, 403, 429 and 503 always among them."""
    return _described({status: _MEANINGS[status] for status in sorted({*statuses, *_ALWAYS})})


def public_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the same of a route that asks for no key, but for a proof of who sends."""
    return _described({status: _MEANINGS[status] for status in statuses} | {401: _NOT_ADMITTED})


def _described(meanings: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": reference(ProblemOut)}}
    return {status: {"description": meaning, "content": content} for status, meaning in meanings.items()}


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """Return a reference to a model's schema."""
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with what is read item by item, and so hidden from FastAPI, put in."""
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
    )
    schemas: dict[str, Any] = document["components"]["schemas"]
    for model in (DealIn, OutcomeIn, OutcomesIn, EventIn, ProblemOut):
        schema = model.model_json_schema(ref_template=_REFERENCE)
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    schemas["BatchIn"]["properties"]["deals"]["items"] = reference(DealIn)
    schemas["OutcomesIn"]["properties"]["outcomes"]["items"] = reference(OutcomeIn)
    outcomes = document["paths"]["/v1/outcomes"]["post"]["requestBody"]["content"]["application/json"]
    one, many = reference(OutcomeIn), reference(OutcomesIn)
    outcomes["schema"] = {"anyOf": [one, many, {"type": "array", "items": one}]}
    _say_who_needs_a_key(document)
    for described in ("HTTPValidationError", "ValidationError"):
        schemas.pop(described, None)
    _drop_unused_422(document)
    return document


def _say_who_needs_a_key(document: dict[str, Any]) -> None:
    """Put the key to every operation that asks for one: `KeyGate` reads it, before any route is reached."""
    document["components"]["securitySchemes"] = {"HTTPBearer": _BEARER}
    asked = declared()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if asked[f"{method.upper()} {path}"] != PUBLIC:
                operation["security"] = [{"HTTPBearer": []}]


def serve_in_openapi_30(app: FastAPI) -> None:
    """Serve the description in OpenAPI 3.0 too, made when it is first asked for."""
    made = cache(lambda: in_openapi_30(app.openapi()))
    app.add_route(PATH_30, lambda _request: JsonAnswer(made()))


def _drop_unused_422(document: dict[str, Any]) -> None:
    """Take away the validation answer FastAPI describes of itself and we never send."""
    for path in document["paths"].values():
        for operation in path.values():
            described = operation["responses"].get(str(int(HTTPStatus.UNPROCESSABLE_ENTITY)), {})
            if "application/json" in described.get("content", {}):
                del operation["responses"]["422"]
