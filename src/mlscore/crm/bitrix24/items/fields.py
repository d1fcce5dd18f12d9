"""What fields a portal has, of which type, and the words people see for the numbers and codes it keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlscore.crm.bitrix24.client import Command, Portal, as_map
from mlscore.scoring.errors import CrmRefusedError, UnreachableError

Entity = str
"""One of `TYPES`: a kind of item, or of what belongs to one."""

TYPES: Mapping[Entity, int] = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
"""The portal's numbers for what it keeps."""

GOOD_FOR = 3_600.0
"""Seconds after which the fields are asked for again: a person may have added a word to a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalField:
    """One field: its type, its title in the card, and its words by the numbers or codes that stand for them."""

    type: str
    title: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    status_type: str | None = None

    def code_of(self, word: str) -> str | None:
        """Return what stands for a word; None where the field has no such word."""
        return next((code for code, known in self.words.items() if known.casefold() == word.casefold()), None)


Fields = Mapping[str, PortalField]


class FieldBook:
    """The fields of a portal, asked for when they are first needed and now and then again.

    `used` names, by entity, the fields whose words are wanted; an entity not in it is not asked about. Every method
    raises what the portal's calls raise.
    """

    def __init__(
        self, portal: Portal, used: Mapping[Entity, frozenset[str]], *, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._portal, self._used, self._ticks = portal, used, ticks
        self._known: Mapping[Entity, Fields] = {}
        self._until = float("-inf")

    def of(self, entity: Entity) -> Fields:
        """Return the fields of a kind of item."""
        if self._ticks() >= self._until:
            self._known = read_fields(self._portal, self._used)
            self._until = self._ticks() + GOOD_FOR
        return self._known.get(entity, {})

    def forget(self) -> None:
        """Ask again before they are next used: they proved to be other than known."""
        self._until = float("-inf")


def read_fields(portal: Portal, used: Mapping[Entity, frozenset[str]]) -> Mapping[Entity, Fields]:
    """Return the fields of each entity with the words of those `used`.

    Raises CrmRefusedError where one is refused, and UnreachableError where something else is told than fields: taken
    for fields, that would leave every item of an hour unread and unwritten.
    """
    asked = {entity: _fields_command(entity) for entity in used}
    answers = portal.batch(asked)
    fields: dict[Entity, dict[str, PortalField]] = {}
    for entity in used:
        answer = answers[entity]
        if isinstance(answer, CrmRefusedError):
            raise answer
        told = _maps(as_map(answer).get("fields"), portal)
        fields[entity] = {name: _field(one, portal) for name, one in told.items()}
        if not told:
            raise _strange(portal)
    wanted = dict(_words_commands(fields, used))
    for key, answer in (portal.batch(wanted) if wanted else {}).items():
        if not isinstance(answer, CrmRefusedError):  # without its words a field is read by its codes
            entity, _, name = key.partition("_")
            fields[entity][name] = replace(fields[entity][name], words=_words(answer, portal))
    return fields


def _fields_command(entity: Entity) -> Command:
    return Command("crm.item.fields", {"entityTypeId": TYPES[entity], "useOriginalUfNames": "Y"})


def _field(given: Mapping[str, Any], portal: Portal) -> PortalField:
    return PortalField(
        type=str(given.get("type", "")),
        title=str(given.get("title") or ""),
        words=_items(_maps(given.get("items"), portal)),
        status_type=given.get("statusType"),
    )


def _words_commands(
    fields: Mapping[Entity, Fields], used: Mapping[Entity, frozenset[str]]
) -> Iterator[tuple[str, Command]]:
    """Yield what asks for the words of a field, under a key that tells which."""
    for entity, names in used.items():
        for name in sorted(names & fields[entity].keys()):
            one = fields[entity][name]
            if one.type == "crm_status" and one.status_type:
                yield f"{entity}_{name}", Command("crm.status.list", {"filter": {"ENTITY_ID": one.status_type}})
            elif one.type == "enumeration" and not one.words:
                yield f"{entity}_{name}", Command(f"crm.{entity}.userfield.list", {"filter": {"FIELD_NAME": name}})


def _words(answer: object, portal: Portal) -> Mapping[str, str]:
    """Return the words of a list of statuses, or of the one user field in a list of them."""
    rows = list(_maps(answer, portal).values())
    if rows and "STATUS_ID" in rows[0]:
        return {str(row["STATUS_ID"]): str(row.get("NAME") or "") for row in rows if "STATUS_ID" in row}
    return {code: word for row in rows for code, word in _items(_maps(row.get("LIST"), portal)).items()}


def _items(given: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    return {str(item["ID"]): str(item.get("VALUE") or "") for item in given.values() if "ID" in item}


def _maps(given: object, portal: Portal) -> Mapping[str, Mapping[str, Any]]:
    """Return a map of maps. Raises UnreachableError for what is none."""
    found = as_map(given)
    if (given and not found) or not all(isinstance(one, Mapping) for one in found.values()):
        raise _strange(portal)
    return found


def _strange(portal: Portal) -> UnreachableError:
    return UnreachableError(f"{portal.host} tells of its fields otherwise than it should.", host=portal.host)
