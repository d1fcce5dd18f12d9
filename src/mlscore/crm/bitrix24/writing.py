"""Writes score fields, reads them back and compares: a portal passes over a field it does not know without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mlscore.crm.bitrix24.client import Command, Portal
from mlscore.crm.bitrix24.fields import TYPES, Fields, maps
from mlscore.crm.bitrix24.holding import as_written
from mlscore.crm.bitrix24.items import NOT_FOUND, get_item
from mlscore.crm.bitrix24.mapping import WriteTerms
from mlscore.crm.bitrix24.moments import moment_of
from mlscore.crm.bitrix24.moving import STAGE
from mlscore.crm.bitrix24.showing import shown_by
from mlscore.ports import ItemKind, Writing, WrittenItem
from mlscore.scoring.errors import CrmRefusedError

COMMANDS_EACH = 3
"""Write, read back, comment."""


def write(
    portal: Portal, writings: Sequence[Writing], terms: WriteTerms, fields_of: Callable[[ItemKind], Fields]
) -> Sequence[WrittenItem]:
    """Return what came of each writing, in the order given. Raises what the portal's calls raise."""
    asked = dict(_commands(writings, terms, fields_of))
    answers = portal.batch(asked)
    return [_written(one, at, answers, terms, fields_of(one.item.kind)) for at, one in enumerate(writings)]


def _commands(
    writings: Sequence[Writing], terms: WriteTerms, fields_of: Callable[[ItemKind], Fields]
) -> Iterator[tuple[str, Command]]:
    for at, one in enumerate(writings):
        known = fields_of(one.item.kind)
        values = {
            name: as_written(text, known[name], terms.in_language) if name in known and name != STAGE else text
            for name, text in one.shown.items()
        }
        yield (
            f"write_{at}",
            Command(
                "crm.item.update",
                {
                    "entityTypeId": TYPES[one.item.kind],
                    "id": one.item.item_id,
                    "fields": values,
                    "useOriginalUfNames": "Y",
                },
            ),
        )
        yield f"read_{at}", get_item(one.item)
        if one.note is not None:
            note = {"ENTITY_ID": one.item.item_id, "ENTITY_TYPE": one.item.kind, "COMMENT": one.note}
            yield f"note_{at}", Command("crm.timeline.comment.add", {"fields": note})


def _written(
    one: Writing, at: int, answers: Mapping[str, Any], terms: WriteTerms, known: Fields
) -> WrittenItem:
    for key in (f"write_{at}", f"read_{at}"):
        answer = answers[key]
        if isinstance(answer, CrmRefusedError):
            reason = str(answer.params.get("reason", ""))
            return WrittenItem(item=one.item, refused=reason, is_gone=reason == NOT_FOUND)
    item = maps(maps(answers[f"read_{at}"]).get("item"))
    back = {**shown_by(item, terms, known), STAGE: str(item.get(STAGE))}
    return WrittenItem(
        item=one.item,
        changed_at=moment_of(item.get("updatedTime")),
        unlike=tuple(name for name, text in one.shown.items() if back.get(name) != text),
    )
