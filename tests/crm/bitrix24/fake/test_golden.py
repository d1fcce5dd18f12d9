"""The fake portal answers as the documents say the real one does."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mlscore.crm.bitrix24.fake import FakePortal
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD, UserField
from mlscore.crm.bitrix24.fake.php import parse
from mlscore.crm.bitrix24.fake.state import Stage
from mlscore.crm.bitrix24.fake.traffic import Event, Handler, form_of
from tests.crm.bitrix24.fake.portals import asked, documented_portal, put
from tests.crm.bitrix24.goldens import golden, names

LEAD_OWN = {"ufCrm_1720019876534": "UF_CRM_1720019876534"}
DEAL_OWN = {"ufCrm_1721244707107": "UF_CRM_1721244707107"}
ALWAYS_TOLD = {"start", "finish", "duration", "processing", "date_start", "date_finish"}


def held(name: str) -> Any:
    return golden(name)["answer"]["result"]


def answered(portal: FakePortal, name: str) -> tuple[int, dict[str, Any]]:
    asking = golden(name)
    return asked(portal, asking["method"], **asking["request"])


def as_documented(portal: FakePortal, name: str) -> None:
    """Ask as the documents do, and expect their answer but for the time it took."""
    status, body = answered(portal, name)
    expected = golden(name)["answer"]
    assert status == golden(name)["http"]
    time = body.pop("time", None)
    assert (time is None) == ("time" not in expected)
    assert time is None or set(time) >= ALWAYS_TOLD
    assert body == {key: value for key, value in expected.items() if key != "time"}


def with_items() -> FakePortal:
    portal = documented_portal()
    put(portal, LEAD, held("item_get_lead")["item"], own=LEAD_OWN)
    put(portal, DEAL, held("item_update_deal")["item"], own=DEAL_OWN)
    return portal


@pytest.mark.parametrize(
    "name",
    [
        "item_get_lead",
        "item_get_original_names",
        "item_get_missing",
        "item_get_no_type",
        "item_list_bad_filter",
        "item_list_bad_order",
        "item_update_unknown_field",
        "item_update_bad_value",
        "item_update_not_a_list",
        "comment_add_missing",
        "comment_add_upper_case",
        "userfield_add_no_type",
        "userfield_add_long_name",
        "profile",
        "scope",
        "settings_mode",
        "deal_get_old_missing",
        "deal_get_old_no_id",
        "batch_all_refused",
        "batch_halted",
        "batch_too_long",
        "batch_in_batch",
        "fault_no_method",
    ],
)
def test_it_answers_as_documented(name: str) -> None:
    as_documented(with_items(), name)


def test_a_deal_comes_back_whole_once_it_is_updated() -> None:
    portal = with_items()
    item = portal.state.items[DEAL][351]
    after = dict(item)
    item |= {"title": "Сделка #351", "opportunity": 10200, "utmSource": None, "assignedById": 1, "observers": []}
    status, body = answered(portal, "item_update_deal")
    assert status == 200
    updated = body["result"]["item"]
    assert {**updated, "updatedTime": after["updatedTime"]} == held("item_update_deal")["item"]
    assert updated["updatedTime"] != after["updatedTime"]


def test_a_list_has_a_total_and_the_selected_fields_in_the_order_asked() -> None:
    portal = documented_portal()
    for item in held("item_list")["items"]:
        put(portal, LEAD, item)
    put(portal, LEAD, {**held("item_list")["items"][0], "id": 1, "opportunity": 4999})
    as_documented(portal, "item_list")


def test_an_uncounted_list_has_neither_total_nor_next() -> None:
    portal = documented_portal()
    for item in held("item_list")["items"]:
        put(portal, LEAD, item)
    as_documented(portal, "item_list_uncounted")


@pytest.mark.parametrize("name", ["item_list_next", "item_list_last_page"])
def test_a_page_has_fifty_rows_and_tells_of_the_next(name: str) -> None:
    portal = documented_portal()
    for number in range(1, 74):
        put(portal, DEAL, {"id": number})
    as_documented(portal, name)


def test_fields_are_described_as_documented() -> None:
    status, body = answered(documented_portal(), "item_fields")
    told = body["result"]["fields"]
    assert status == 200
    assert {name: told[name] for name in held("item_fields")["fields"]} == held("item_fields")["fields"]


@pytest.mark.parametrize("name", ["item_get_denied", "item_update_denied"])
def test_without_rights_it_refuses(name: str) -> None:
    portal = with_items()
    portal.faults.may_read, portal.faults.may_write = name != "item_get_denied", False
    as_documented(portal, name)


def test_stages_come_by_the_old_method_all_at_once() -> None:
    portal = documented_portal()
    portal.state.directories[:] = [
        Stage(
            directory="DEAL_STAGE",
            code=row["STATUS_ID"],
            name=row["NAME"],
            semantics=row["SEMANTICS"],
            extra=row["EXTRA"]["SEMANTICS"],
            color=row["COLOR"],
            is_system=row["SYSTEM"] == "Y",
            number=int(row["ID"]),
        )
        for row in held("status_list")
    ]
    as_documented(portal, "status_list")


def test_funnels_come_under_categories() -> None:
    portal = documented_portal()
    portal.state.funnels.extend(held("category_list")["categories"])
    as_documented(portal, "category_list")


@pytest.mark.parametrize(("name", "kind"), [("stagehistory_list", DEAL), ("stagehistory_list_lead", LEAD)])
def test_a_history_is_told_in_the_words_of_its_kind(name: str, kind: int) -> None:
    portal = documented_portal()
    row = held(name)["items"][0]
    portal.state.history[kind] = {row["OWNER_ID"]: [row], 7: [{**row, "OWNER_ID": 7}]}
    as_documented(portal, name)


def test_goods_are_sorted_and_sifted() -> None:
    portal = documented_portal()
    rows = held("productrow_list")["productRows"]
    portal.state.goods["D", 13142] = [{**rows[1], "price": 12}, *reversed(rows)]
    as_documented(portal, "productrow_list")


def test_a_comment_gets_a_number() -> None:
    portal = with_items()
    portal.state.number("comment", at_least=998)
    as_documented(portal, "comment_add")
    assert portal.state.comments[0]["COMMENT"] == "New comment was added"


def test_a_user_field_gets_a_number_and_a_prefix() -> None:
    portal = documented_portal()
    portal.state.number("userfield", at_least=6996)
    as_documented(portal, "userfield_add")
    assert portal.state.user_fields[DEAL]["UF_CRM_HELLO_WORLD"].label == "Привет, мир!"


def test_a_user_field_has_a_name_of_twenty_characters_at_most_its_prefix_among_them() -> None:
    portal = documented_portal()
    name = "A" * (20 - len("UF_CRM_"))
    for own, status in ((name, 200), (f"{name}A", 400), (f"UF_CRM_{name}B", 400)):
        assert (
            asked(portal, "crm.deal.userfield.add", fields={"FIELD_NAME": own, "USER_TYPE_ID": "string"})[0] == status
        )
    assert f"UF_CRM_{name}" in portal.state.user_fields[DEAL]


def test_user_fields_are_listed_with_labels_where_a_language_is_named() -> None:
    portal = documented_portal()
    row = held("userfield_list")[0]
    portal.state.user_fields[DEAL][row["FIELD_NAME"]] = UserField(
        number=int(row["ID"]),
        name=row["FIELD_NAME"],
        type="string",
        label=row["EDIT_FORM_LABEL"],
        settings=row["SETTINGS"],
        is_multiple=True,
        sort=2000,
    )
    as_documented(portal, "userfield_list")


def test_the_old_method_writes_numbers_as_texts() -> None:
    portal = documented_portal()
    put(portal, DEAL, {"id": 410})
    portal.state.items[DEAL][410] = {
        "id": 410,
        "title": "Новая сделка #1",
        "stageId": "PREPARATION",
        "opportunity": 1000000,
        "probability": 99,
        "closed": "N",
        "categoryId": 0,
        "updatedTime": "2024-08-30T14:29:00+02:00",
        "UF_CRM_1721244482250": "Привет мир!",
    }
    status, body = answered(portal, "deal_get_old")
    assert status == 200
    assert body["result"] == {name: held("deal_get_old")[name] for name in body["result"]}
    assert len(body["result"]) == 9


def test_a_later_command_uses_what_an_earlier_one_found_and_empty_maps_are_lists() -> None:
    portal = with_items()
    put(portal, DEAL, held("batch")["result"]["get_deal"]["item"], own=DEAL_OWN)
    portal.state.goods["D", 13142] = held("productrow_list")["productRows"]
    status, body = answered(portal, "batch")
    told, expected = body["result"], held("batch")
    assert status == 200
    assert {**told, "result_time": None} == {**expected, "result_time": None}
    assert set(told["result_time"]) == set(expected["result_time"])


def test_a_batch_is_answered_200_whatever_its_commands_are() -> None:
    told = answered(with_items(), "batch_partly_refused")[1]["result"]
    expected = held("batch_partly_refused")
    assert (told["result"], told["result_error"]) == (expected["result"], expected["result_error"])


@pytest.mark.parametrize("name", [one for one in names("fault_") if one not in {"fault_no_method", "fault_https"}])
def test_every_fault_has_its_status_code_and_text(name: str) -> None:
    portal = documented_portal()
    portal.faults.refuse_next(golden(name)["answer"]["error"])
    as_documented(portal, name)
    assert asked(portal, "profile")[0] == 200


def test_a_good_answer_tells_how_long_its_method_was_at_work() -> None:
    body = answered(documented_portal(), "time_with_operating")[1]
    assert set(body["time"]) == set(golden("time_with_operating")["answer"]["time"])


@pytest.mark.parametrize("name", ["event_deal_update", "event_deal_add", "event_deal_delete", "event_lead_update"])
def test_an_event_is_a_form_in_brackets_as_documented(name: str) -> None:
    told = golden(name)
    event, auth = told["event"], told["event"]["auth"]
    handler = Handler(
        url="https://example.com",
        token=auth["application_token"],
        domain=auth["domain"],
        member_id=auth["member_id"],
        number=int(event["event_handler_id"]),
    )
    sent = Event(number=1, name=event["event"], item_id=int(event["data"]["FIELDS"]["ID"]), at=float(event["ts"]))
    assert parse_qsl(form_of(sent, handler)) == parse_qsl(told["body"])
    assert parse(told["body"]) == event


def test_every_golden_answer_is_checked_here() -> None:
    """A file that nobody reads could say anything."""
    here = Path(__file__).read_text(encoding="utf-8")
    unread = [name for name in names("") if f'"{name}"' not in here and not name.startswith(("fault_", "event_"))]
    assert unread == []
