"""Reads the deals a portal has closed, each as it was when its work began, as far as the portal still tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from mlscore.crm.bitrix24.client import Command, Portal, as_map
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.portal_crm import PortalCrm
from mlscore.ports import GoneItem, Item, Page, PastItem, SeenItem
from mlscore.scoring.errors import CrmRefusedError

PAGE = 200
"""Deals that are taken in at a time; who is interrupted goes on after the last whole page."""

_DEAL = 2
_UNDER_WAY = 2
"""Of a stage history: the deal came to a stage between the first and the last."""


def closed_deals(
    portal: Portal, crm: PortalCrm, *, since: date, funnels: Sequence[int] = (), after: int = 0
) -> Iterator[Page]:
    """Yield the deals that came to a final stage on or after a day, by number; those up to `after` are left out.

    Without `funnels`, of all of them. Facts are as the portal has them now: those that only fill in on closing must be
    left out of the mapping. Raises what the portal's calls raise.
    """
    sought: dict[str, Any] = {"@stageSemanticId": ["S", "F"], ">=movedTime": since.isoformat()}
    if funnels:
        sought["@categoryId"] = list(funnels)
    listed = portal.every("crm.item.list", {"entityTypeId": _DEAL, "filter": sought, "select": ["id"]}, after=after)
    while numbers := [int(one["id"]) for one in islice(listed, PAGE)]:
        yield page_of(portal, crm, numbers)


def as_one(pages: Iterable[Page]) -> Page:
    """Return all pages as one: what a deal's company had come to is known once all of them are there."""
    deals, left_out, as_made, last = list[PastItem](), dict[str, str](), dict[str, str](), 0
    for page in pages:
        deals += page.deals
        left_out |= page.left_out
        as_made |= page.as_made
        last = max(last, page.last)
    return Page(deals=deals, left_out=left_out, as_made=as_made, last=last)


def began_work(stages: Sequence[Mapping[str, Any]]) -> datetime | None:
    """Return when a deal left its first stage for another under way; where it never did, when it was made."""
    moments = [(one, moment) for one in stages if (moment := moment_of(one.get("CREATED_TIME"))) is not None]
    moments.sort(key=lambda pair: pair[1])
    for one, moment in moments:
        if str(one.get("TYPE_ID")) == str(_UNDER_WAY) and one.get("STAGE_SEMANTIC_ID") in (None, "P"):
            return moment
    return moments[0][1] if moments else None


def page_of(portal: Portal, crm: PortalCrm, numbers: Sequence[int]) -> Page:
    items = [Item(kind="deal", item_id=str(number)) for number in numbers]
    histories = portal.batch({item.item_id: _history_of(item) for item in items})
    deals, left_out, as_made = list[PastItem](), dict[str, str](), dict[str, str]()
    for start in range(0, len(items), crm.at_once):
        for item, seen in _fetched(crm, items[start : start + crm.at_once]):
            history = histories[item.item_id]
            past = _as_it_was(seen, history) if isinstance(seen, SeenItem) else seen
            if isinstance(past, str):
                left_out[item.item_id] = past
                continue
            deals.append(past)
            if why := _why_unknown(history):
                as_made[past.deal.deal_id] = why
    return Page(deals=deals, left_out=left_out, last=max(numbers), as_made=as_made)


def _history_of(item: Item) -> Command:
    asked = {"entityTypeId": _DEAL, "filter": {"OWNER_ID": int(item.item_id)}, "order": {"ID": "ASC"}}
    return Command("crm.stagehistory.list", asked)


def _fetched(crm: PortalCrm, items: Sequence[Item]) -> Iterator[tuple[Item, SeenItem | str]]:
    """Yield items as the portal has them, or why it does not give one: then the others are asked for one by one."""
    try:
        found = crm.fetch(items)
    except CrmRefusedError as error:
        if len(items) == 1:
            yield items[0], str(error.params.get("reason", "refused"))
            return
        for item in items:
            yield from _fetched(crm, [item])
        return
    for item, seen in zip(items, found, strict=True):
        yield item, "gone" if isinstance(seen, GoneItem) else seen


def _as_it_was(seen: SeenItem, history: object) -> PastItem | str:
    """Return a deal with the moment its work began, or why it cannot be used."""
    if seen.outcome is None:
        return "not closed any more"
    as_of, closed_at = began_work(_stages_of(history)), seen.outcome.closed_at
    made_at = seen.deal.created_at
    if as_of is None or (closed_at is not None and as_of >= closed_at):
        as_of = made_at
    if as_of is not None and closed_at is not None and as_of >= closed_at:
        return "closed the moment it was made"
    known_at = seen.outcome.known_at or closed_at
    return PastItem(deal=replace(seen.deal, as_of=as_of), outcome=replace(seen.outcome, known_at=known_at))


def _stages_of(history: object) -> Sequence[Mapping[str, Any]]:
    stages: Sequence[Mapping[str, Any]] = as_map(history).get("items", [])
    return [] if isinstance(history, CrmRefusedError) else stages


def _why_unknown(history: object) -> str | None:
    """Return why nobody can tell when a deal's work began, None where its stages tell."""
    if isinstance(history, CrmRefusedError):
        return str(history.params.get("reason", "refused"))
    return None if _stages_of(history) else "the portal has none of it"
