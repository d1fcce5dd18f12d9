"""Writes score fields, reads them back and compares: a portal passes over a field it does not know without a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mlscore.crm.bitrix24.card.holding import as_written
from mlscore.crm.bitrix24.card.moving import STAGE
from mlscore.crm.bitrix24.card.showing import shown_by
from mlscore.crm.bitrix24.client import Command, Portal, as_map
from mlscore.crm.bitrix24.items.fields import TYPES, Fields
from mlscore.crm.bitrix24.items.gathering import NOT_FOUND, get_item
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.mapping import WriteTerms
from mlscore.ports import ItemKind, Writing, WrittenItem
from mlscore.scoring.errors import CrmRefusedError, UnreachableError

COMMANDS_EACH = 2
"""Write, read back."""


def write(
    portal: Portal, writings: Sequence[Writing], terms: WriteTerms, fields_of: Callable[[ItemKind], Fields]
) -> Sequence[WrittenItem]:
    """Return what came of each writing, in the order given. Raises what the portal's calls raise."""
    numbered = {str(at): one for at, one in enumerate(writings)}
    asked: dict[str, Command] = {}
    for at, one in numbered.items():
        asked[f"write_{at}"] = _update(one, terms, fields_of(one.item.kind))
        asked[f"read_{at}"] = get_item(one.item)
    answers = portal.batch(asked)
    written = {at: _written(one, at, answers, terms, fields_of(one.item.kind)) for at, one in numbered.items()}
    # Where the portal put a write off it was read before it was made.
    again = [at for at, one in written.items() if one.unlike]
    answers |= portal.batch({f"read_{at}": get_item(numbered[at].item) for at in again})
    written |= {at: _written(numbered[at], at, answers, terms, fields_of(numbered[at].item.kind)) for at in again}
    for at, one in numbered.items():
        if one.note is not None and written[at].refused is None:
            _comment(portal, one, one.note)
    return list(written.values())


def _update(one: Writing, terms: WriteTerms, known: Fields) -> Command:
    values = {
        name: as_written(text, known[name], terms.in_language) if name in known and name != STAGE else text
        for name, text in one.shown.items()
    }
    params = {"entityTypeId": TYPES[one.item.kind], "id": one.item.item_id, "fields": values}
    return Command("crm.item.update", {**params, "useOriginalUfNames": "Y"})


def _comment(portal: Portal, one: Writing, note: str) -> None:
    """Add a comment, once at most: that one is lost is less than that one is there twice."""
    fields = {"ENTITY_ID": one.item.item_id, "ENTITY_TYPE": one.item.kind, "COMMENT": note}
    with suppress(CrmRefusedError, UnreachableError):
        portal.call("crm.timeline.comment.add", {"fields": fields}, repeatable=False)


def _written(one: Writing, at: str, answers: Mapping[str, Any], terms: WriteTerms, known: Fields) -> WrittenItem:
    for key in (f"write_{at}", f"read_{at}"):
        answer = answers[key]
        if isinstance(answer, CrmRefusedError):
            reason = str(answer.params.get("reason", ""))
            return WrittenItem(item=one.item, refused=reason, is_gone=reason == NOT_FOUND)
    item = as_map(as_map(answers[f"read_{at}"]).get("item"))
    back = {**shown_by(item, terms, known), STAGE: str(item.get(STAGE))}
    return WrittenItem(
        item=one.item,
        changed_at=moment_of(item.get("updatedTime")),
        unlike=tuple(name for name, text in one.shown.items() if back.get(name) != text),
    )
