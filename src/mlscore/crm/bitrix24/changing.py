"""Lists what changed in a portal since a moment: what events lost is found so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mlscore.crm.bitrix24.client import Portal
from mlscore.crm.bitrix24.items.fields import TYPES
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.mapping import SEMANTIC, KindTerms, PortalTerms
from mlscore.ports import ChangedItem, Item, ItemKind


def changed_since(portal: Portal, moment: datetime | None, terms: PortalTerms) -> Iterator[ChangedItem]:
    """Yield what changed at or after a moment, or all that is open, the longest ago first.

    They are listed by number, which no change moves, and put in order here. Raises what the portal's calls raise.
    """
    found = [one for kind, of_kind in terms.kinds.items() for one in _listed(portal, kind, of_kind, moment)]
    yield from sorted(found, key=lambda one: one.changed_at.timestamp() if one.changed_at else 0.0)


def _listed(portal: Portal, kind: ItemKind, terms: KindTerms, moment: datetime | None) -> Iterator[ChangedItem]:
    sought: dict[str, Any] = {SEMANTIC: "P"} if moment is None else {">=updatedTime": moment.isoformat()}
    if terms.funnels and moment is None:  # one that left its funnel is to be seen to have left
        sought["@categoryId"] = list(terms.funnels)
    asked = {"entityTypeId": TYPES[kind], "filter": sought, "select": ["id", "updatedTime"]}
    for one in portal.every("crm.item.list", asked):
        yield ChangedItem(item=Item(kind=kind, item_id=str(one["id"])), changed_at=moment_of(one.get("updatedTime")))
