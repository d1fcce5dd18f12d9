"""crm.item.*: items of every type by one set of methods."""

from __future__ import annotations

from mlscore.crm.bitrix24.fake.editing import OWNER_TYPES, Editor
from mlscore.crm.bitrix24.fake.fields import STANDARD, Fields, Standard, UserField, camel, filterable, upper
from mlscore.crm.bitrix24.fake.listing import found
from mlscore.crm.bitrix24.fake.methods.answering import Answer, Params, method
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError, bad_argument, not_found

_ROW_TYPES = {
    "id": "integer",
    "ownerId": "integer",
    "ownerType": "string",
    "productId": "integer",
    "productName": "string",
    "price": "double",
    "quantity": "double",
    "sort": "integer",
}


@method("crm.item.get")
def get(editor: Editor, params: Params) -> Answer:
    """Return one item."""
    kind = _kind(params)
    return Answer({"item": _shown(kind, editor.item(kind, _id(params)), params)})


@method("crm.item.list")
def listed(editor: Editor, params: Params) -> Answer:
    """Return a page of items; only the selected fields, or all."""
    kind = _kind(params)
    own, is_original = editor.state.user_fields[kind], _is_original(params)
    names = {name if is_original else camel(name): name for name in own}
    types = {name: one.type for name, one in filterable(kind).items()}
    types |= {given: "uf_boolean" if own[name].type == "boolean" else own[name].type for given, name in names.items()}
    held = editor.state.items[kind].values()
    rows = held if is_original else [_renamed(row) for row in held]
    page = found(
        rows, types=types, wanted=params.get("filter"), order=params.get("order"), start=params.get("start", 0)
    )
    chosen = _chosen(params.get("select"))
    items = [{**row, "entityTypeId": kind} if chosen is None else _cut(row, chosen) for row in page.rows]
    return Answer({"items": items}, page.total, page.next)


@method("crm.item.update")
def update(editor: Editor, params: Params) -> Answer:
    """Change an item and return it whole."""
    kind = _kind(params)
    if "fields" not in params:
        raise PortalRefusedError("100", "Could not find value for parameter {fields}")
    fields = params["fields"] if isinstance(params["fields"], dict) else {}
    item = editor.update(kind, _id(params), _known(editor, kind, fields, params))
    return Answer({"item": _shown(kind, item, params)})


@method("crm.item.add")
def add(editor: Editor, params: Params) -> Answer:
    """Make an item and return it whole."""
    kind = _kind(params)
    item = editor.make(kind, _known(editor, kind, params.get("fields") or {}, params))
    return Answer({"item": _shown(kind, item, params)})


@method("crm.item.delete")
def delete(editor: Editor, params: Params) -> Answer:
    """Delete an item."""
    editor.delete(_kind(params), _id(params))
    return Answer([])


@method("crm.item.fields")
def fields(editor: Editor, params: Params) -> Answer:
    """Return what fields there are."""
    kind = _kind(params)
    told = {name: _described(name, one) for name, one in STANDARD[kind].items()}
    for name, own in editor.state.user_fields[kind].items():
        told[name if _is_original(params) else camel(name)] = _own(own)
    return Answer({"fields": told})


@method("crm.item.productrow.list")
def goods(editor: Editor, params: Params) -> Answer:
    """Return the goods of an item."""
    wanted = dict(params.get("filter") or {})
    if "=ownerType" not in wanted or "=ownerId" not in wanted:
        raise bad_argument("Filter fields =ownerType and =ownerId are required")
    rows = editor.state.goods.get((str(wanted["=ownerType"]), int(wanted["=ownerId"] or 0)), [])
    page = found(rows, types=_ROW_TYPES, wanted=wanted, order=params.get("order"), start=params.get("start", 0))
    return Answer({"productRows": page.rows}, page.total, page.next)


@method("crm.item.productrow.set")
def set_goods(editor: Editor, params: Params) -> Answer:
    """Put goods in the place of an item's."""
    kinds = {owner: kind for kind, owner in OWNER_TYPES.items()}
    rows = editor.set_goods(kinds[str(params["ownerType"])], int(params["ownerId"]), params.get("productRows") or [])
    return Answer({"productRows": rows})


def _kind(params: Params) -> int:
    try:
        kind = int(params.get("entityTypeId", 0))
    except ValueError:
        kind = 0
    if kind not in STANDARD:
        raise not_found("Смарт-процесс не найден")
    return kind


def _id(params: Params) -> int:
    try:
        return int(params["id"])
    except (KeyError, TypeError, ValueError):
        raise PortalRefusedError("100", "Could not find value for parameter {id}") from None


def _is_original(params: Params) -> bool:
    return str(params.get("useOriginalUfNames", "N")) == "Y"


def _renamed(item: Fields) -> Fields:
    return {camel(name) if name.startswith("UF_") else name: value for name, value in item.items()}


def _shown(kind: int, item: Fields, params: Params) -> Fields:
    return {**(item if _is_original(params) else _renamed(item)), "entityTypeId": kind}


def _known(editor: Editor, kind: int, given: Fields, params: Params) -> Fields:
    """Return what is given under the names we keep; user fields go by the names the request said it would use."""
    if _is_original(params):
        return given
    names = {camel(name): name for name in editor.state.user_fields[kind]}
    return {names.get(name, name): value for name, value in given.items() if not name.startswith("UF_")}


def _chosen(select: Json) -> list[str] | None:
    names = list(select.values()) if isinstance(select, dict) else list(select or ["*"])
    return None if "*" in names else names


def _cut(row: Fields, chosen: list[str]) -> Fields:
    return {name: value for name, value in row.items() if name in chosen}


def _described(name: str, one: Standard) -> Fields:
    told = {
        "type": one.type,
        "isRequired": name == "opened",
        "isReadOnly": one.is_read_only,
        "isImmutable": False,
        "isMultiple": one.is_multiple,
        "isDynamic": False,
        "title": one.title,
        "upperName": upper(name),
    }
    return told if one.status_type is None else {**told, "statusType": one.status_type}


def _own(own: UserField) -> Fields:
    told: Fields = {
        "type": own.type,
        "isRequired": False,
        "isReadOnly": False,
        "isImmutable": False,
        "isMultiple": own.is_multiple,
        "isDynamic": True,
        "title": own.label,
        "listLabel": own.label,
        "formLabel": own.label,
        "filterLabel": own.label,
        "settings": own.settings,
        "upperName": own.name,
    }
    if own.levels:
        told["items"] = [{"ID": str(number), "VALUE": text} for number, text in own.levels.items()]
    return told
