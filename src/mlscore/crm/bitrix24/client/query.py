"""Writes the commands of a batch: what stands inside one is a query string as PHP reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

AT_ONCE = 50
"""Commands a batch may hold."""


@dataclass(frozen=True, slots=True)
class Command:
    """One call within a batch. A text `$result[name][field]` stands for what an earlier command found."""

    method: str
    params: Mapping[str, object] = field(default_factory=dict)

    def written(self) -> str:
        """Return it as the portal takes it: `crm.item.get?entityTypeId=2&id=759`."""
        pairs = "&".join(f"{name}={value}" for name, value in _pairs(self.params))
        return f"{self.method}?{pairs}" if pairs else self.method


def _pairs(params: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        yield from _flat(quote(name, safe=""), value)


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(f"{path}[{quote(str(name), safe='@!')}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _flat(f"{path}[{index}]", inner)
    elif value is not None:
        yield path, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str(value)
    return text if text.startswith("$result[") else quote(text, safe="")
