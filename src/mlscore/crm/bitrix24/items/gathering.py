"""Fetches items with their companies, contacts and goods: one batch for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mlscore.crm.bitrix24.client import AT_ONCE, Command, Portal, as_map
from mlscore.crm.bitrix24.items.cells import decimal_of
from mlscore.crm.bitrix24.items.fields import TYPES, Entity
from mlscore.crm.bitrix24.items.reading import Gathered
from mlscore.crm.bitrix24.mapping import COMPANY, CONTACT, GOODS, KindTerms, PortalTerms
from mlscore.ports import Item, ItemKind
from mlscore.scoring.errors import CrmRefusedError

PAGE = 50
"""Rows a portal gives at a time."""

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


def at_once(terms: PortalTerms) -> int:
    """Return how many items one batch fetches, whatever their kind."""
    return AT_ONCE // max(1 + len(parts_of(of_kind)) for of_kind in terms.kinds.values())


def gather(portal: Portal, items: Sequence[Item], terms: PortalTerms) -> Sequence[Gathered | None]:
    """Return the items in the order given, None for one that is gone. Raises what the portal's calls raise."""
    found: list[Gathered | None] = []
    step = at_once(terms)
    for begin in range(0, len(items), step):  # what refers to an item's own company stands in one batch with it
        some = items[begin : begin + step]
        answers = portal.batch(dict(_commands(some, terms)))
        answers |= portal.batch(dict(_asked_again(some, answers, terms)))
        found += [_gathered(portal, item, at, answers, terms.kinds[item.kind]) for at, item in enumerate(some)]
    has_costs = any(_COST in of_kind.columns for of_kind in terms.kinds.values())
    return with_costs(portal, found) if has_costs else found


def _commands(items: Sequence[Item], terms: PortalTerms) -> Iterator[tuple[str, Command]]:
    for at, item in enumerate(items):
        yield f"item_{at}", get_item(item)
        parts = parts_of(terms.kinds[item.kind])
        if COMPANY in parts:
            yield f"{COMPANY}_{at}", _get(COMPANY, f"$result[item_{at}][item][companyId]")
        if CONTACT in parts:
            yield f"{CONTACT}_{at}", _get(CONTACT, f"$result[item_{at}][item][contactIds][0]")
        if GOODS in parts:
            yield f"{GOODS}_{at}", Command("crm.item.productrow.list", _rows_of(item))


def _asked_again(
    items: Sequence[Item], answers: Mapping[str, Any], terms: PortalTerms
) -> Iterator[tuple[str, Command]]:
    """Yield what was refused though there is one: a batch that was cut and sent on has lost what it refers to."""
    for at, item in enumerate(items):
        own = answers[f"item_{at}"]
        for part in (COMPANY, CONTACT) if not isinstance(own, CrmRefusedError) else ():
            answer, number = answers.get(f"{part}_{at}"), _number_of(part, _fields(own))
            if part in parts_of(terms.kinds[item.kind]) and isinstance(answer, CrmRefusedError) and number:
                yield f"{part}_{at}", _get(part, number)


def _get(entity: Entity, number: str) -> Command:
    return Command("crm.item.get", {"entityTypeId": TYPES[entity], "id": number, "useOriginalUfNames": "Y"})


def _rows_of(item: Item) -> Mapping[str, Any]:
    return {"filter": {"=ownerType": _OWNERS[item.kind], "=ownerId": item.item_id}}


def _gathered(portal: Portal, item: Item, at: int, answers: Mapping[str, Any], terms: KindTerms) -> Gathered | None:
    own = answers[f"item_{at}"]
    if isinstance(own, CrmRefusedError):
        if own.params.get("reason") == NOT_FOUND:
            return None
        raise own
    withheld, belongs = set[str](), dict[str, Any]()
    for part in parts_of(terms):
        answer = answers[f"{part}_{at}"]
        if part != GOODS and not _number_of(part, _fields(own)):
            continue
        if not isinstance(answer, CrmRefusedError):
            belongs[part] = answer
        elif answer.params.get("reason") == DENIED:
            withheld.add(part)
        elif answer.params.get("reason") != NOT_FOUND:
            raise answer
    goods = list(as_map(belongs.get(GOODS)).get("productRows") or ())
    if len(goods) >= PAGE:
        goods = list(portal.every("crm.item.productrow.list", _rows_of(item), key="productRows"))
    return Gathered(
        item=_fields(own),
        company=_fields(belongs[COMPANY]) if COMPANY in belongs else None,
        contact=_fields(belongs[CONTACT]) if CONTACT in belongs else None,
        goods=goods,
        withheld=frozenset(withheld),
    )


def _fields(answer: object) -> Mapping[str, Any]:
    return as_map(as_map(answer).get("item"))


def _number_of(part: str, item: Mapping[str, Any]) -> str:
    """Return the number of an item's company or first contact."""
    if part == COMPANY:
        return _number(item.get("companyId"))
    return _number(next(iter(as_map(item.get("contactIds")).values()), None))


def with_costs(portal: Portal, gathered: Sequence[Gathered | None]) -> Sequence[Gathered | None]:
    """Return the same with what their products are bought for, where the catalogue says so in the item's currency."""
    numbers = sorted({number for one in gathered if one is not None for number in _products(one.goods or ())})
    answers = portal.batch({number: Command("catalog.product.get", {"id": number}) for number in numbers})
    is_denied = any(
        isinstance(one, CrmRefusedError) and one.params.get("reason") != NOT_FOUND for one in answers.values()
    )
    products = {
        number: as_map(as_map(one).get("product"))
        for number, one in answers.items()
        if not isinstance(one, CrmRefusedError)
    }
    return [None if one is None else _costed(one, products, is_denied=is_denied) for one in gathered]


def _costed(one: Gathered, products: Mapping[str, Mapping[str, Any]], *, is_denied: bool) -> Gathered:
    costs = {
        number: cost
        for number in _products(one.goods or ())
        if (product := products.get(number, {})).get("purchasingCurrency") == one.item.get("currencyId")
        and isinstance(cost := decimal_of(product.get("purchasingPrice")), Decimal)
    }
    return replace(one, costs=costs, withheld=one.withheld | ({GOODS} if is_denied else frozenset()))


def _products(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(row["productId"]) for row in rows if _number(row.get("productId"))]


def _number(given: object) -> str:
    """Return an id; none where there is none, which a portal writes as 0."""
    return "" if given in (None, "", 0, "0", []) else str(given)
