"""Reads docs/api.md as its reader would: runs the commands, looks at the answers and the table of facts."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlscore.api.openapi import describe
from tests.api.calling import Crm

PAGE = Path(__file__).parent.parent.parent / "docs" / "api.md"
ADDRESS = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CURL = re.compile(r"^curl .*?(?=^\w|\Z)", re.MULTILINE | re.DOTALL)
_FACTS = re.compile(r"<!-- facts -->\n(.*?)<!-- /facts -->", re.DOTALL)


@dataclass
class Command:
    """One `curl` command."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def blocks(kind: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")) if found == kind]


def commands(variables: dict[str, str]) -> list[Command]:
    """Return the page's commands; `$NAME` in them is what the page tells its reader to set."""
    return [_command(text, variables) for block in blocks("sh") for text in _CURL.findall(block)]


def run(command: Command, crm: Crm) -> Any:
    path = command.url.removeprefix(ADDRESS)
    assert path != command.url, command.url
    return crm.client.request(command.method, path, headers=command.headers, content=command.body)


def put(kind: str, place: int, text: str) -> None:
    """Write a block of the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    found = [match for match in _BLOCK.finditer(page) if match[1] == kind][place]
    PAGE.write_text(f"{page[: found.start(2)]}{text}{page[found.end(2) :]}", encoding="utf-8")


def put_facts(table: str) -> None:
    """Write the table of facts anew."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_FACTS.sub(lambda _: f"<!-- facts -->\n{table}<!-- /facts -->", page), encoding="utf-8")


def facts_on_the_page() -> str:
    [table] = _FACTS.findall(PAGE.read_text(encoding="utf-8"))
    return table


def facts_as_described(crm: Crm) -> str:
    """Return the table of facts as the description of the API has them."""
    schema = describe(crm.client.app)["components"]["schemas"]["DealIn"]
    rows = [f"| `{name}` | {_kind(said)} | {said['description']} |" for name, said in schema["properties"].items()]
    return "\n".join(["| fact | kind | what it is |", "|---|---|---|", *rows]) + "\n"


def _command(text: str, variables: dict[str, str]) -> Command:
    for name, value in variables.items():
        text = text.replace(f"${name}", value)
    words = iter(shlex.split(text.replace("\\\n", " "))[1:])
    command = Command(url="")
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            command.headers[name] = value
        elif word == "-d":
            command.method, command.body = "POST", next(words)
        else:
            command.url = word
    return command


def _kind(said: dict[str, Any]) -> str:
    of = next(one for one in said.get("anyOf", [said]) if one.get("type") != "null")
    if "enum" in of:
        return " / ".join(f"`{value}`" for value in of["enum"])
    if of.get("type") == "number":
        return "money" if of.get("multipleOf") else "number"
    kinds = {"date": "day", "date-time": "moment", "boolean": "yes / no", "string": "text"}
    return kinds.get(str(of.get("format") or of.get("type")), "object")
