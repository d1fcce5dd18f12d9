"""Reads a JSON body strictly: no NaN, no Infinity, no lone surrogates, no bottomless nests."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException

_BOM = b"\xef\xbb\xbf"


def read_json(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON may say
    """Return what a UTF-8 body says; of a key given twice the last counts. Raises HTTPException 400."""
    try:
        return from_json(body.removeprefix(_BOM), allow_inf_nan=False)
    except ValueError:
        raise HTTPException(400) from None


class JsonRequest(Request):
    """A request whose JSON is read by `read_json`."""

    async def json(self) -> Any:  # noqa: ANN401 - as Starlette has it
        """Return the body."""
        return read_json(await self.body())


class JsonRoute(APIRoute):
    """A route that takes JSON and nothing else; raises HTTPException 415 for a body of another type."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler FastAPI calls."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            strict = JsonRequest(request.scope, request.receive)
            if strict.method == "POST" and await strict.body() and not _is_json(strict):
                raise HTTPException(415)
            return await handle(strict)

        return handle_json


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return media_type == "application/json"
