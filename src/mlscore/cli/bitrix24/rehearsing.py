"""A rehearsal: open items scored by today's policy and champion, shown as their cards would show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from mlscore.cli.console import out

if TYPE_CHECKING:
    from mlscore.crm.bitrix24.client import Portal
    from mlscore.crm.bitrix24.mapping import PortalTerms
    from mlscore.ports import ItemKind, SeenItem, Shown
    from mlscore.settings import Settings

AT_MOST = 3


def rehearse(settings: Settings, portal: Portal, kinds: Sequence[ItemKind], *, funnels: Sequence[int]) -> None:
    """Score three open items, keeping and writing nothing. Raises MappingError where the mapping does not fit."""
    from mlscore.bootstrap import build_service
    from mlscore.crm.bitrix24.connection import MAPPING
    from mlscore.crm.bitrix24.mapping import read_portal_mapping
    from mlscore.crm.bitrix24.portal_crm import PortalCrm
    from mlscore.crm.bitrix24.setup.looking import newest_open
    from mlscore.ports import Item, SeenItem

    terms = read_portal_mapping(settings.bitrix24 / MAPPING)
    with build_service(settings) as service:
        crm = PortalCrm(portal, terms, policy=lambda: service.policies.current(settings.firm).policy)
        scored = [kind for kind in kinds if terms.of(kind) is not None]
        items = [
            Item(kind=kind, item_id=one)
            for kind in scored
            for one in newest_open(portal, kind, funnels=funnels, count=AT_MOST)
        ][:AT_MOST]
        seen = [one for one in crm.fetch(items) if isinstance(one, SeenItem)]
        receipts = service.scoring.score(settings.firm, [one.deal for one in seen], dry_run=True)
        out.print(f"Rehearsal: {len(seen)} open item(s), scored by the rules of today. Nothing is written.")
        for one, receipt in zip(seen, receipts, strict=True):
            out.print(_card(one, crm.shown_for(one, receipt), terms, host=portal.host))


def _card(seen: SeenItem, shown: Shown, terms: PortalTerms, *, host: str) -> Table:
    """Return what the card would show, under the titles of its fields."""
    from mlscore.crm.bitrix24.mapping.score_fields import SCORE_FIELDS

    item = seen.item
    table = Table("in the card", "", title=f"{host}/crm/{item.kind}/details/{item.item_id}/", show_header=False)
    table.columns[0].no_wrap = True
    for one in SCORE_FIELDS:
        name = terms.write.fields.get(one.key)
        if name is not None and name in shown and not one.goes_along:
            table.add_row(one.label_ru if terms.write.language == "ru" else one.label_en, shown[name] or "-")
    if seen.passed_over:
        table.add_row("could not be read", ", ".join(seen.passed_over))
    return table
