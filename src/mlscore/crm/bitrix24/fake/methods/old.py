"""Methods of the first API: capitals, numbers as texts, refusals without a code."""

from __future__ import annotations

import re

from mlscore.crm.bitrix24.fake.editing import Editor
from mlscore.crm.bitrix24.fake.fields import COMPANY, CONTACT, DEAL, LEAD, USER_FIELD_PREFIX, Fields, UserField, upper
from mlscore.crm.bitrix24.fake.listing import found
from mlscore.crm.bitrix24.fake.methods.answering import Answer, Params, method
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import old

_OLD_NAMES = {
    "createdTime": "DATE_CREATE",
    "updatedTime": "DATE_MODIFY",
    "createdBy": "CREATED_BY_ID",
    "updatedBy": "MODIFY_BY_ID",
    "movedBy": "MOVED_BY_ID",
}
_LEAD_NAMES = {"stageId": "STATUS_ID", "stageSemanticId": "STATUS_SEMANTIC_ID"}
_NOT_SHOWN = frozenset({"observers", "contactIds", "companyIds", "fm"})
_USER_TYPES = frozenset(
    {"string", "double", "integer", "boolean", "date", "datetime", "enumeration", "money", "url", "file", "address"}
)
_NAME_AT_MOST = 20
"""The documents say 20 where they name the parameter and 50 where they name the refusal: the less holds for both."""
_WITH_CENTS = frozenset({"opportunity", "taxValue", "revenue"})


def _as_old(kind: int, item: Fields) -> Fields:
    names = _OLD_NAMES | (_LEAD_NAMES if kind == LEAD else {})
    return {
        names.get(name, name if name.startswith("UF_") else upper(name)): _text(name, value)
        for name, value in item.items()
        if name not in _NOT_SHOWN
    }


def _text(name: str, value: Json) -> Json:
    if name in _WITH_CENTS and value is not None:
        return f"{float(value):.2f}"
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _enter(word: str, kind: int) -> None:
    """Enter the old methods of one type of item."""

    @method(f"crm.{word}.get")
    def get(editor: Editor, params: Params) -> Answer:
        number = str(params.get("id", params.get("ID", "")))
        if not number.isdigit() or int(number) == 0:
            raise old("ID is not defined or invalid")
        item = editor.state.items[kind].get(int(number))
        if item is None:
            raise old("Not found")
        return Answer(_as_old(kind, item))

    @method(f"crm.{word}.list")
    def listed(editor: Editor, params: Params) -> Answer:
        rows = [_as_old(kind, item) for item in editor.state.items[kind].values()]
        types = dict.fromkeys(rows[0] if rows else (), "string") | {"ID": "integer"}
        page = found(
            rows, types=types, wanted=params.get("filter"), order=params.get("order"), start=params.get("start", 0)
        )
        return Answer(page.rows, page.total, page.next)

    @method(f"crm.{word}.userfield.list")
    def own_fields(editor: Editor, params: Params) -> Answer:
        wanted = dict(params.get("filter") or {})
        has_labels = wanted.pop("LANG", None) is not None
        rows = [_as_row(kind, own, has_labels=has_labels) for own in editor.state.user_fields[kind].values()]
        types = dict.fromkeys(("FIELD_NAME", "USER_TYPE_ID", "MULTIPLE", "MANDATORY"), "string")
        types |= {"ID": "integer", "SORT": "integer"}
        page = found(rows, types=types, wanted=wanted, order=params.get("order"), start=params.get("start", 0))
        return Answer(page.rows, page.total, page.next)

    @method(f"crm.{word}.userfield.add")
    def add_field(editor: Editor, params: Params) -> Answer:
        given = dict(params.get("fields") or {})
        if not editor.state.profile["ADMIN"]:
            raise old("Access denied.")
        own = _made(editor, kind, given)
        editor.state.user_fields[kind][own.name] = own
        for item in editor.state.items[kind].values():
            item.setdefault(own.name, None)
        return Answer(own.number)


for _word, _kind in (("lead", LEAD), ("deal", DEAL), ("contact", CONTACT), ("company", COMPANY)):
    _enter(_word, _kind)


def _made(editor: Editor, kind: int, given: Fields) -> UserField:
    """Make a user field. Raises PortalRefusedError with the portal's own sentences."""
    if not given.get("FIELD_NAME"):
        raise old("The 'FIELD_NAME' field is not found.")
    if not given.get("USER_TYPE_ID"):
        raise old("The 'USER_TYPE_ID' field is not found.")
    name = USER_FIELD_PREFIX + str(given["FIELD_NAME"]).removeprefix(USER_FIELD_PREFIX)
    if len(name) > _NAME_AT_MOST:
        raise old("Имя поля слишком длинное (больше 50-ти символов).")
    if not re.fullmatch(r"[A-Z0-9_]+", name):
        raise old("Имя поля содержит недопустимые символы. Допустимыми являются: A-Z, 0-9 и _.")
    if str(given["USER_TYPE_ID"]) not in _USER_TYPES:
        raise old("Указан неверный пользовательский тип.")
    if name in editor.state.user_fields[kind]:
        raise old(f"Поле {name} уже существует.")
    return UserField(
        number=editor.state.number("userfield"),
        name=name,
        type=str(given["USER_TYPE_ID"]),
        label=_label(given) or name,
        settings=dict(given.get("SETTINGS") or {}),
        levels={editor.state.number("level", at_least=100): str(one["VALUE"]) for one in given.get("LIST") or []},
        is_multiple=given.get("MULTIPLE") == "Y",
        sort=int(given.get("SORT", 100)),
    )


def _label(given: Fields) -> str:
    """Return the title for the card: one for all languages, or the portal's own of several."""
    title = given.get("EDIT_FORM_LABEL") or given.get("LABEL") or ""
    return str(title.get("ru") or given.get("LABEL") or "") if isinstance(title, dict) else str(title)


def _as_row(kind: int, own: UserField, *, has_labels: bool) -> Fields:
    entity = {LEAD: "CRM_LEAD", DEAL: "CRM_DEAL", CONTACT: "CRM_CONTACT", COMPANY: "CRM_COMPANY"}[kind]
    row: Fields = {
        "ID": str(own.number),
        "ENTITY_ID": entity,
        "FIELD_NAME": own.name,
        "USER_TYPE_ID": own.type,
        "XML_ID": None,
        "SORT": str(own.sort),
        "MULTIPLE": "Y" if own.is_multiple else "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "N",
        "SHOW_IN_LIST": "Y",
        "EDIT_IN_LIST": "N",
        "IS_SEARCHABLE": "N",
        "SETTINGS": dict(own.settings),
    }
    if has_labels:
        labels = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
        row |= dict.fromkeys(labels, own.label) | {"ERROR_MESSAGE": None, "HELP_MESSAGE": None}
    if own.levels:
        row["LIST"] = [
            {"ID": str(number), "SORT": str(10 * index), "VALUE": text, "DEF": "N", "XML_ID": f"level-{number}"}
            for index, (number, text) in enumerate(own.levels.items(), start=1)
        ]
    return row
