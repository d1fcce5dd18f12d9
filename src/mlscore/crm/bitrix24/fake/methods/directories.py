"""Stages, funnels, histories, comments, products, and who the webhook is."""

from __future__ import annotations

from collections import Counter

from mlscore.crm.bitrix24.fake.editing import Editor
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD, Fields
from mlscore.crm.bitrix24.fake.listing import found
from mlscore.crm.bitrix24.fake.methods.answering import Answer, Params, method
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError, bad_argument, not_found
from mlscore.crm.bitrix24.fake.state import Stage

_BASIC = ""
_HISTORY_TYPES = {
    "ID": "integer",
    "TYPE_ID": "integer",
    "OWNER_ID": "integer",
    "CREATED_TIME": "datetime",
    "CATEGORY_ID": "integer",
    "STAGE_SEMANTIC_ID": "string",
    "STAGE_ID": "string",
    "STATUS_SEMANTIC_ID": "string",
    "STATUS_ID": "string",
}
_OWNERS = {"lead": LEAD, "deal": DEAL}
_STATUS_TYPES = {"ID": "integer", "ENTITY_ID": "string", "STATUS_ID": "string", "SORT": "integer", "NAME": "string"}


@method("profile", scope=_BASIC)
def profile(editor: Editor, params: Params) -> Answer:
    """Return who the webhook is."""
    del params
    return Answer(dict(editor.state.profile))


@method("crm.settings.mode.get")
def mode(editor: Editor, params: Params) -> Answer:
    """Return 1 where leads are used."""
    del params
    return Answer(1 if editor.state.has_leads else 2)


@method("crm.status.list")
def statuses(editor: Editor, params: Params) -> Answer:
    """Return entries of directories; all at once, however many."""
    places: Counter[str] = Counter()
    rows = []
    for index, one in enumerate(editor.state.directories):
        places[one.directory] += 1
        rows.append(_as_row(index, one, sort=10 * places[one.directory]))
    order = params.get("order") or {"SORT": "ASC"}
    every = _all(rows, params, order)
    return Answer(every, len(every))


@method("crm.category.list")
def funnels(editor: Editor, params: Params) -> Answer:
    """Return the funnels."""
    if int(params.get("entityTypeId", 0)) != DEAL:
        raise PortalRefusedError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    return Answer({"categories": [dict(one) for one in editor.state.funnels]}, len(editor.state.funnels))


@method("crm.stagehistory.list")
def history(editor: Editor, params: Params) -> Answer:
    """Return what stages items went through."""
    kind = int(params.get("entityTypeId", 0))
    if kind not in {LEAD, DEAL}:
        raise PortalRefusedError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {kind} is not supported")
    wanted = dict(params.get("filter") or {})
    asked = wanted.get("OWNER_ID", wanted.get("=OWNER_ID", wanted.get("@OWNER_ID")))
    owners = None if asked is None else [int(one) for one in (asked if isinstance(asked, list) else [asked])]
    page = found(
        editor.state.history_of(kind, owners),
        types=_HISTORY_TYPES,
        wanted=wanted,
        order=params.get("order") or {"ID": "ASC"},
        start=params.get("start", 0),
    )
    chosen = params.get("select") or []
    rows = [row if not chosen else {name: row[name] for name in row if name in chosen} for row in page.rows]
    return Answer({"items": rows}, page.total, page.next)


@method("crm.timeline.comment.add")
def comment(editor: Editor, params: Params) -> Answer:
    """Write a comment on an item's timeline."""
    given = params.get("fields")  # in small letters: FIELDS is not seen
    if not isinstance(given, dict):
        raise PortalRefusedError("100", "Could not find value for parameter {fields}")
    kind = _OWNERS.get(str(given.get("ENTITY_TYPE", "")).lower())
    if kind is None or int(given.get("ENTITY_ID", 0)) not in editor.state.items[kind]:
        raise PortalRefusedError("OWNER_NOT_FOUND", "Владелец элемента не найден")
    if not str(given.get("COMMENT", "")).strip():
        raise bad_argument("Пустой комментарий")
    number = editor.state.number("comment")
    editor.state.comments.append({**given, "ID": number, "CREATED": editor.state.now()})
    return Answer(number)


@method("catalog.product.get", scope="catalog")
def product(editor: Editor, params: Params) -> Answer:
    """Return a product, with what it is bought for."""
    one = editor.state.products.get(int(params.get("id", 0)))
    if one is None:
        raise not_found("Product does not exist.")
    return Answer({"product": dict(one)})


@method("catalog.product.list", scope="catalog")
def products(editor: Editor, params: Params) -> Answer:
    """Return a page of products."""
    types = {"id": "integer", "iblockId": "integer", "name": "string", "purchasingPrice": "double"}
    page = found(
        editor.state.products.values(),
        types=types,
        wanted=params.get("filter"),
        order=params.get("order"),
        start=params.get("start", 0),
    )
    chosen = params.get("select") or []
    rows = [{name: row[name] for name in row if not chosen or name in chosen} for row in page.rows]
    return Answer({"products": rows}, page.total, page.next)


def _all(rows: list[Fields], params: Params, order: Fields) -> list[Fields]:
    every: list[Fields] = []
    start: int | None = 0
    while start is not None:
        page = found(rows, types=_STATUS_TYPES, wanted=params.get("filter"), order=order, start=start)
        every += page.rows
        start = page.next
    return every


def _as_row(index: int, one: Stage, *, sort: int) -> Fields:
    row: Fields = {
        "ID": str(one.number or 1001 + 2 * index),
        "ENTITY_ID": one.directory,
        "STATUS_ID": one.code,
        "NAME": one.name,
        "NAME_INIT": one.name if one.is_system else "",
        "SORT": str(sort),
        "SYSTEM": "Y" if one.is_system else "N",
        "CATEGORY_ID": None if one.category is None else str(one.category),
        "COLOR": one.color,
        "SEMANTICS": one.semantics,
    }
    if one.extra is not None:
        row["EXTRA"] = {"SEMANTICS": one.extra, "COLOR": one.color}
    return row
