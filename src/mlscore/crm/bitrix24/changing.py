"""Lists what changed in a portal since a moment: what events lost is found so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlscore.crm.bitrix24.client import Portal
from mlscore.crm.bitrix24.items.fields import TYPES
from mlscore.crm.bitrix24.items.gathering import PAGE, parts_of
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.mapping import COMPANY, CONTACT, SEMANTIC, KindTerms, PortalTerms
from mlscore.ports import ChangedItem, Item, ItemKind

_OPEN = {SEMANTIC: "P"}
_OF = {COMPANY: "@companyId", CONTACT: "@contactId"}


def changed_since(portal: Portal, moment: datetime | None, terms: PortalTerms) -> Iterator[ChangedItem]:
    """Yield what changed at or after a moment, or all that is open, the longest ago first.

    An open item whose company or contact changed, whose facts are its own, changed with it. Items are listed by
    number, which no change moves, and put in order here. Raises what the portal's calls raise.
    """
    found: dict[Item, datetime | None] = {}
    for kind, of_kind in terms.kinds.items():
        found |= dict(_listed(portal, kind, _sought(of_kind, moment)))
        for part in (COMPANY, CONTACT) if moment is not None else ():
            if part in parts_of(of_kind):
                found |= dict(_with_their(portal, part, kind, found, moment))
    ordered = sorted(found, key=lambda item: _seconds(found[item]))
    yield from (ChangedItem(item=item, changed_at=found[item]) for item in ordered)


def _sought(terms: KindTerms, moment: datetime | None) -> Mapping[str, Any]:
    if moment is not None:  # of any funnel: one that left ours is to be seen to have left
        return {">=updatedTime": moment.isoformat()}
    return {**_OPEN, "@categoryId": list(terms.funnels)} if terms.funnels else _OPEN


def _listed(portal: Portal, kind: ItemKind, sought: Mapping[str, Any]) -> Iterator[tuple[Item, datetime | None]]:
    asked = {"entityTypeId": TYPES[kind], "filter": sought, "select": ["id", "updatedTime"]}
    for one in portal.every("crm.item.list", asked):
        yield Item(kind=kind, item_id=str(one["id"])), moment_of(one.get("updatedTime"))


def _with_their(
    portal: Portal, part: str, kind: ItemKind, found: Mapping[Item, datetime | None], moment: datetime | None
) -> Iterator[tuple[Item, datetime | None]]:
    """Yield the open items whose company or contact changed, with the moment of the later change."""
    sought = {">=updatedTime": moment.isoformat()} if moment is not None else {}
    asked = {"entityTypeId": TYPES[part], "filter": sought, "select": ["id", "updatedTime"]}
    changed = {str(one["id"]): moment_of(one.get("updatedTime")) for one in portal.every("crm.item.list", asked)}
    numbers = list(changed)
    for begin in range(0, len(numbers), PAGE):
        some = numbers[begin : begin + PAGE]
        latest = max((at for number in some if (at := changed[number]) is not None), default=None)
        for item, _ in _listed(portal, kind, {**_OPEN, _OF[part]: some}):
            yield item, max(found.get(item), latest, key=_seconds)


def _seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
