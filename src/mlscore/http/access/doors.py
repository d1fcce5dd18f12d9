"""Knows which scope each route asks for; a route that nobody declared stops the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from re import Pattern
from typing import Literal

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from mlscore.ports import KeyScope

PUBLIC: Literal["public"] = "public"
ANY_KEY: Literal["any"] = "any"
"""What is asked on paths of the API that lead nowhere: strangers do not learn which do."""

ANY_METHOD = "ANY"
"""What stands in place of a method where a whole application is mounted."""

_OF_FIRMS = ("/v1", "/v2/models")

Asked = KeyScope | Literal["public", "any"]


class Doors:
    """The doors of an application: `declared` says for each `METHOD /path` what it asks for.

    Raises LookupError for a route that is not declared.
    """

    def __init__(self, routes: Sequence[BaseRoute], declared: Mapping[str, KeyScope | Literal["public"]]) -> None:
        self._plain: dict[tuple[str, str], Asked] = {}
        self._patterned: list[tuple[str, Pattern[str], Asked]] = []
        for method, route in every_door(routes):
            path = route.path or ""
            asked = declared.get(f"{method} {path}")
            if asked is None:
                raise LookupError(f"{method} {path} has no scope: declare one in mlscore/api/access.py.")
            if "{" in path or method == ANY_METHOD:
                self._patterned.append((method, route.path_regex, asked))
            else:
                self._plain[method, path] = asked

    def asked(self, method: str, path: str) -> Asked:
        """Return what a request must show."""
        method = "GET" if method == "HEAD" else method
        plain = self._plain.get((method, path))
        if plain is not None:
            return plain
        for of, pattern, asked in self._patterned:
            if of in {method, ANY_METHOD} and pattern.match(path):
                return asked
        return ANY_KEY if path.startswith(_OF_FIRMS) else PUBLIC


def every_door(routes: Sequence[BaseRoute]) -> list[tuple[str, RouteContext]]:
    """Return every method of every route, those of routers within routers too; HEAD goes in by the door of GET."""
    found = [(method, route) for route in iter_route_contexts(routes) for method in route.methods or {ANY_METHOD}]
    return [(method, route) for method, route in found if method != "HEAD"]
