"""Fetches items with their companies, contacts and goods: one batch for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mlscore.crm.bitrix24.cells import decimal_of
from mlscore.crm.bitrix24.client import Command, Portal
from mlscore.crm.bitrix24.fields import TYPES, maps
from mlscore.crm.bitrix24.mapping import COMPANY, CONTACT, GOODS, KindTerms, PortalTerms
from mlscore.crm.bitrix24.reading import Gathered
from mlscore.ports import Item, ItemKind
from mlscore.scoring.errors import CrmRefusedError

PAGE = 50
"""Rows a portal gives at a time, and commands it takes in a batch."""

NOT_FOUND, DENIED = "NOT_FOUND", "ACCESS_DENIED"
_OWNERS: Mapping[ItemKind, str] = {"lead": "L", "deal": "D"}
_COST = "goods.cost"


def parts_of(terms: KindTerms) -> tuple[str, ...]:
    """Return what is fetched besides the item itself."""
    given = {column.partition(".")[0] for column in terms.columns if "." in column}
    return tuple(part for part in (COMPANY, CONTACT, GOODS) if part in given)


def get_item(item: Item) -> Command:
    """Return what asks for an item."""
    return _get(item.kind, item.item_id)


def gather(portal: Portal, items: Sequence[Item], terms: PortalTerms) -> Sequence[Gathered | None]:
    """Return the items in the order given, None for one that is gone. Raises what the portal's calls raise."""
    asked = dict(_commands(items, terms))
    answers = portal.batch(asked)
    found = [_gathered(portal, item, at, answers, terms.kinds[item.kind]) for at, item in enumerate(items)]
    if any(_COST in terms.kinds[item.kind].columns for item in items):
        return with_costs(portal, found)
    return found


def _commands(items: Sequence[Item], terms: PortalTerms) -> Iterator[tuple[str, Command]]:
    for at, item in enumerate(items):
        yield f"item_{at}", get_item(item)
        parts = parts_of(terms.kinds[item.kind])
        if COMPANY in parts:
            yield f"company_{at}", _get("company", f"$result[item_{at}][item][companyId]")
        if CONTACT in parts:
            yield f"contact_{at}", _get("contact", f"$result[item_{at}][item][contactIds][0]")
        if GOODS in parts:
            yield f"goods_{at}", Command("crm.item.productrow.list", _rows_of(item))


def _get(entity: str, number: str) -> Command:
    types: Mapping[str, int] = {**TYPES}
    return Command("crm.item.get", {"entityTypeId": types[entity], "id": number, "useOriginalUfNames": "Y"})


def _rows_of(item: Item) -> Mapping[str, Any]:
    return {"filter": {"=ownerType": _OWNERS[item.kind], "=ownerId": item.item_id}, "order": {"id": "ASC"}}


def _gathered(
    portal: Portal, item: Item, at: int, answers: Mapping[str, Any], terms: KindTerms
) -> Gathered | None:
    own = answers[f"item_{at}"]
    if isinstance(own, CrmRefusedError):
        if own.params.get("reason") == NOT_FOUND:
            return None
        raise own
    withheld: set[str] = set()
    fields = maps(maps(own).get("item"))
    is_there = {COMPANY: bool(_number(fields.get("companyId"))), CONTACT: bool(fields.get("contactIds"))}
    belongs: dict[str, Any] = {}
    for part in parts_of(terms):
        answer = answers[f"{part}_{at}"]
        if not is_there.get(part, True):
            continue
        if not isinstance(answer, CrmRefusedError):
            belongs[part] = answer
        elif answer.params.get("reason") == DENIED:
            withheld.add(part)
        elif answer.params.get("reason") != NOT_FOUND:
            raise answer
    goods = list(maps(belongs.get(GOODS)).get("productRows") or ())
    if len(goods) >= PAGE:
        goods = list(portal.every("crm.item.productrow.list", {"filter": _rows_of(item)["filter"]}, "productRows"))
    return Gathered(
        item=fields,
        company=maps(belongs[COMPANY])["item"] if COMPANY in belongs else None,
        contact=maps(belongs[CONTACT])["item"] if CONTACT in belongs else None,
        goods=goods,
        withheld=frozenset(withheld),
    )


def with_costs(portal: Portal, gathered: Sequence[Gathered | None]) -> Sequence[Gathered | None]:
    """Return the same with what their products are bought for, where the catalogue says so in the item's currency."""
    products = sorted({number for one in gathered if one is not None for number in _products(one.goods or ())})
    asked = {f"product_{number}": Command("catalog.product.get", {"id": number}) for number in products}
    answers = portal.batch(asked) if asked else {}
    known = {key.removeprefix("product_"): maps(maps(one).get("product")) for key, one in answers.items()}
    is_denied = any(
        isinstance(one, CrmRefusedError) and one.params.get("reason") != NOT_FOUND for one in answers.values()
    )
    made: list[Gathered | None] = []
    for one in gathered:
        if one is None:
            made.append(None)
            continue
        costs = {
            number: cost
            for number in _products(one.goods or ())
            if known[number].get("purchasingCurrency") == one.item.get("currencyId")
            and isinstance(cost := decimal_of(known[number].get("purchasingPrice")), Decimal)
        }
        made.append(replace(one, costs=costs, withheld=one.withheld | ({GOODS} if is_denied else set())))
    return made


def _products(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(row["productId"]) for row in rows if _number(row.get("productId"))]


def _number(given: object) -> str:
    """Return an id; none where there is none, which a portal writes as 0."""
    return "" if given in (None, "", 0, "0", []) else str(given)
