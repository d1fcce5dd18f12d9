"""Query strings as PHP reads and writes them: brackets make maps, and a map of 0, 1, 2, ... is a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus, urlencode

Json = Any
"""Any JSON: what a portal takes and gives."""

_KEY = re.compile(r"\[([^\]]*)\]")


def parse(text: str) -> dict[str, Json]:
    """Read `filter[@stageId][]=NEW&select[0]=id`; every value is a text."""
    found: dict[str, Json] = {}
    for pair in filter(None, text.split("&")):
        key, _, value = pair.partition("=")
        _put(found, unquote_plus(key), unquote_plus(value))
    return {key: _settled(value) for key, value in found.items()}


def write(value: Mapping[str, Json]) -> str:
    """Write nested maps as a form."""
    return urlencode(list(_pairs("", value)))


def as_php(value: Json) -> Json:
    """Return a map as PHP's JSON has it: an empty one is a list."""
    return value or []


def _put(found: dict[str, Json], key: str, value: str) -> None:
    head = key.partition("[")[0]
    path = [head, *_KEY.findall(key)]
    at = found
    for part, following in zip(path, [*path[1:], None], strict=True):
        name = str(len(at)) if part == "" else part
        if following is None:
            at[name] = value
            return
        inner = at.setdefault(name, {})
        at = inner if isinstance(inner, dict) else at


def _settled(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    inner = {key: _settled(one) for key, one in value.items()}
    return list(inner.values()) if list(inner) == [str(i) for i in range(len(inner))] else inner


def _pairs(prefix: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _pairs(f"{prefix}[{key}]" if prefix else str(key), one)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _pairs(f"{prefix}[{index}]", one)
    else:
        yield prefix, str(value)
