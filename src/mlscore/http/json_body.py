"""Reads a JSON body strictly: no NaN, no Infinity, no lone surrogates, no bottomless nests, no key twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from mlscore.http.problems import Problem, ProblemError
from mlscore.http.validation import Asked, validation_problem
from mlscore.scoring.deal import FACTS

_BOM = b"\xef\xbb\xbf"
_KEY_ENDS = re.compile(rb'"[ \t\r\n]*:')
_NESTS = (dict, list)
_PLACE = re.compile(r"at line (\d+) column (\d+)$")
_KINDS = {"trailing comma": "trailing_comma", "EOF while parsing": "cut_off", "recursion limit": "too_deep"}
_KNOWN_KEYS = {*FACTS, "deal_id", "as_of", "extra", "deals", "outcomes", "status", "closed_at", "realised_profit"}
"""Keys of ours, which may be named: any other may be a person's name."""


def read_json(body: bytes) -> object:
    """Return what a UTF-8 body says. Raises ProblemError 400, with the line and the column of what is no JSON."""
    document = body.removeprefix(_BOM)
    try:
        read = from_json(document, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(_not_json(document, str(error))) from None
    # The fast reader lets the last of two equal keys win in silence. Every key ends in a quote and a colon, so where
    # there are no more of these than keys were read, none came twice; else the slow reader looks.
    if len(_KEY_ENDS.findall(document)) != _count_keys(read):
        json.loads(document, object_pairs_hook=_unique)
    return read


def _count_keys(value: object) -> int:
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            count += len(one)
            waiting += [inner for inner in one.values() if type(inner) in _NESTS]
        elif isinstance(one, list):
            waiting += [inner for inner in one if type(inner) in _NESTS]
    return count


def _not_json(document: bytes, error: str) -> Problem:
    try:
        document.decode()
    except UnicodeDecodeError:
        return Problem(status=400, code="problem.not_json", said="problem.not_json.not_utf8")
    kind = next((kind for words, kind in _KINDS.items() if error.startswith(words)), "at")
    if kind == "at" and _reads_with_nan(document):
        kind = "not_finite"
    place = _PLACE.search(error)
    if place is None:
        return Problem(status=400, code="problem.not_json")
    params = {"line": int(place[1]), "column": int(place[2])}
    return Problem(status=400, code="problem.not_json", said=f"problem.not_json.{kind}", params=params)


def _reads_with_nan(document: bytes) -> bool:
    try:
        from_json(document, allow_inf_nan=True)
    except ValueError:
        return False
    return True


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            said = None if key in _KNOWN_KEYS else "problem.repeated_key.unnamed"
            raise ProblemError(Problem(status=400, code="problem.repeated_key", said=said, params={"key": key}))
        found[key] = value
    return found


class JsonRequest(Request):
    """A request whose JSON is read by `read_json`."""

    async def json(self) -> object:
        """Return the body."""
        return read_json(await self.body())


class JsonRoute(APIRoute):
    """A route that takes JSON and nothing else; raises HTTPException 415 for a body of another type."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler FastAPI calls."""
        handle, asked = super().get_route_handler(), self._asked()

        async def handle_json(request: Request) -> Response:
            strict = JsonRequest(request.scope, request.receive)
            if strict.method == "POST" and await strict.body() and not _is_json(strict):
                raise HTTPException(415)
            try:
                return await handle(strict)
            except RequestValidationError as error:
                raise ProblemError(validation_problem(error.errors(), asked)) from None

        return handle_json

    def _asked(self) -> Asked:
        """Return what is read whole: the body, and a query that is one model."""
        fields = {"body": self.body_field, "query": next(iter(self.dependant.query_params), None)}
        kinds = {part: field.field_info.annotation for part, field in fields.items() if field is not None}
        return {part: kind for part, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseModel)}


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return media_type == "application/json"
