"""Makes the score fields a portal lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlscore.crm.bitrix24.client import Command, Portal
from mlscore.crm.bitrix24.fields import Entity, Fields
from mlscore.crm.bitrix24.mapping import USER_FIELD
from mlscore.crm.bitrix24.score_fields import SCORE_FIELDS, ScoreField
from mlscore.ports import ItemKind
from mlscore.scoring.errors import CrmRefusedError

_SORT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A score field that a kind of item has not; `refused` is the portal's reason for not making it."""

    kind: ItemKind
    field: ScoreField
    refused: str | None = None


def missing_fields(kinds: Sequence[ItemKind], fields: Mapping[Entity, Fields]) -> Sequence[Missing]:
    """Return the score fields that are not there."""
    return [
        Missing(kind=kind, field=one) for kind in kinds for one in SCORE_FIELDS if one.name not in fields.get(kind, {})
    ]


def create_fields(portal: Portal, wanted: Sequence[Missing]) -> Sequence[Missing]:
    """Make them in one go; return those the portal refused. Raises what the portal's calls raise."""
    commands = {f"{one.kind}_{one.field.key}": _command(one, at) for at, one in enumerate(wanted)}
    told = portal.batch(commands) if commands else {}
    return [
        Missing(kind=one.kind, field=one.field, refused=str(answer))
        for one in wanted
        if isinstance(answer := told[f"{one.kind}_{one.field.key}"], CrmRefusedError)
    ]


def _command(one: Missing, at: int) -> Command:
    field = one.field
    titles = {"ru": field.label_ru, "en": field.label_en}
    fields: dict[str, object] = {
        "FIELD_NAME": field.name.removeprefix(USER_FIELD),
        "USER_TYPE_ID": field.type,
        "LABEL": field.label_ru,
        "EDIT_FORM_LABEL": titles,
        "LIST_COLUMN_LABEL": titles,
        "LIST_FILTER_LABEL": titles,
        "MULTIPLE": "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "Y",
        "EDIT_IN_LIST": "N",
        "SORT": _SORT + at,
    }
    if field.settings:
        fields["SETTINGS"] = dict(field.settings)
    return Command(f"crm.{one.kind}.userfield.add", {"fields": fields})
