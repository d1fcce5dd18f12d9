"""What a score field holds: an answer as the text it shows, and back from whatever the portal makes of it."""

from __future__ import annotations

from datetime import UTC

from mlscore.crm.bitrix24.items.cells import cell_of
from mlscore.crm.bitrix24.items.fields import PortalField
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.mapping import FieldType
from mlscore.crm.mapping import plain
from mlscore.texts import Language, say

_NBSP = "\N{NO-BREAK SPACE}"
_NARROW_NBSP = "\N{NARROW NO-BREAK SPACE}"
_NUMBER = PortalField(type="double")


def held(value: object, kind: FieldType, known: PortalField, language: Language) -> str:
    """Return what a field shows as a text: the same for the same answer, however the portal writes it."""
    cell = cell_of(value, known)
    if cell is None:
        return ""
    if known.type == "boolean":
        return say("answer.yes" if cell == "Y" else "answer.no", language)
    return settled(str(cell), kind)


def settled(text: str, kind: FieldType) -> str:
    """Return a text as a field of its kind gives it back."""
    if kind == "datetime" and (moment := moment_of(text)) is not None:
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    if kind == "double":
        number = cell_of(text, _NUMBER)
        return "" if number is None else str(number)
    lines = text.replace("\r\n", "\n").replace(_NBSP, " ").replace(_NARROW_NBSP, " ").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def fitted(text: str, known: PortalField, language: Language) -> str:
    """Return what a field can show of a text: a list one of its words, a yes / no field no "unknown"."""
    if known.type == "boolean":
        yes = say("answer.yes", language)
        return yes if text == yes else say("answer.no", language)
    if known.type == "enumeration":
        code = known.code_of(plain(text))
        return "" if code is None else known.words[code]
    return text


def as_written(text: str, known: PortalField, language: Language) -> str:
    """Return what is sent to a field for it to show a text."""
    if known.type == "boolean":
        return "Y" if text == say("answer.yes", language) else "N"
    if known.type == "enumeration":
        return known.code_of(text) or ""
    return text
