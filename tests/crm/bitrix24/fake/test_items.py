"""Items of the fake portal: their stages, histories, values and lists."""

from typing import Any

import pytest

from mlscore.crm.bitrix24.fake import Admin, FakePortal
from mlscore.crm.bitrix24.fake.fields import COMPANY, DEAL, LEAD, UserField, camel
from tests.crm.bitrix24.fake.portals import Clock, a_portal, asked, result_of


def own_field(portal: FakePortal, kind: str, **more: Any) -> str:
    portal.state.user_fields[DEAL]["UF_CRM_OWN"] = UserField(
        number=1, name="UF_CRM_OWN", type=kind, label="Своё", **more
    )
    return "UF_CRM_OWN"


def test_a_won_deal_is_closed_on_that_day_and_its_history_says_so() -> None:
    clock = Clock()
    portal = a_portal(clock=clock)
    deal = portal.editor.make(DEAL, {})["id"]
    clock.wait(86_400)
    Admin(portal).close(item=deal, won=True)
    item = portal.state.items[DEAL][deal]
    assert (item["closed"], item["stageSemanticId"], item["closedate"][:10]) == ("Y", "S", "2026-11-26")
    history = result_of(portal, "crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": deal})["items"]
    assert [(row["TYPE_ID"], row["STAGE_ID"]) for row in history] == [(1, "NEW"), (3, "WON")]


def test_a_reopened_deal_is_open_again() -> None:
    portal = a_portal()
    admin = Admin(portal)
    deal = portal.editor.make(DEAL, {})["id"]
    admin.close(item=deal, won=False)
    admin.reopen(item=deal)
    item = portal.state.items[DEAL][deal]
    assert (item["closed"], item["stageSemanticId"], item["stageId"]) == ("N", "P", "PREPARATION")


def test_a_deal_goes_to_the_first_stage_of_another_funnel() -> None:
    portal = a_portal()
    deal = portal.editor.make(DEAL, {})["id"]
    result_of(portal, "crm.item.update", entityTypeId=2, id=deal, fields={"categoryId": 1})
    assert portal.state.items[DEAL][deal]["stageId"] == "C1:NEW"
    assert portal.state.history[DEAL][deal][-1]["TYPE_ID"] == 5


def test_a_lead_that_is_junk_has_ended() -> None:
    portal = a_portal()
    lead = portal.editor.make(LEAD, {})["id"]
    Admin(portal).move(kind="lead", item=lead, stage="JUNK")
    assert portal.state.items[LEAD][lead]["stageSemanticId"] == "F"


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("double", "12.345", 12.35),
        ("double", "много", None),
        ("string", 7, "7"),
        ("boolean", 1, "Y"),
        ("boolean", "N", "N"),
        ("enumeration", "77", 77),
        ("enumeration", "78", None),
        ("money", "100.50|USD", "100.50|USD"),
        ("datetime", "2026-11-25T09:00:00+00:00", "2026-11-25T12:00:00+03:00"),
        ("date", "2026-11-25", "2026-11-25T03:00:00+03:00"),
        ("string", "", None),
    ],
)
def test_a_field_keeps_what_it_can_read(kind: str, given: Any, kept: Any) -> None:
    portal = a_portal()
    name = own_field(portal, kind, levels={77: "Да"} if kind == "enumeration" else {})
    deal = portal.editor.make(DEAL, {})["id"]
    fields = {"title": "x", name: given}
    item = result_of(portal, "crm.item.update", entityTypeId=2, id=deal, fields=fields, useOriginalUfNames="Y")["item"]
    assert item[name] == kept


def test_the_original_name_is_not_known_where_the_request_does_not_say_so() -> None:
    portal = a_portal()
    name = own_field(portal, "string")
    deal = portal.editor.make(DEAL, {})["id"]
    item = result_of(portal, "crm.item.update", entityTypeId=2, id=deal, fields={name: "x"})["item"]
    assert item[camel(name)] is None


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("UF_CRM_1720019876534", "ufCrm_1720019876534"),
        ("UF_CRM_2_1639669411830", "ufCrm2_1639669411830"),
        ("UF_CRM_SCORE_FIRE", "ufCrmScoreFire"),
    ],
)
def test_the_other_names_of_user_fields_are_irregular(name: str, other: str) -> None:
    assert camel(name) == other


def test_a_sweep_finds_what_changed_since_in_any_zone() -> None:
    clock = Clock()
    portal = a_portal(clock=clock)
    first, second = (portal.editor.make(DEAL, {})["id"] for _ in range(2))
    clock.wait(60)
    portal.editor.update(DEAL, first, {"title": "новое"})
    items = result_of(
        portal,
        "crm.item.list",
        entityTypeId=2,
        filter={">=updatedTime": "2026-11-25T09:01:00+00:00"},
        select=["id", "updatedTime"],
        order={"updatedTime": "ASC"},
        start=-1,
    )["items"]
    assert items == [{"id": first, "updatedTime": "2026-11-25T12:01:00+03:00"}]
    assert second != first


def test_yes_and_no_of_a_user_field_are_sought_by_one_and_nought_only() -> None:
    portal = a_portal()
    name = own_field(portal, "boolean")
    portal.editor.make(DEAL, {name: "Y"})

    def found(value: Any) -> int:
        asking = {"entityTypeId": 2, "filter": {name: value}, "useOriginalUfNames": "Y"}
        return len(result_of(portal, "crm.item.list", **asking)["items"])

    assert (found(1), found("1"), found(0), found("Y")) == (1, 1, 0, 0)


def test_an_in_filter_may_come_as_the_map_that_a_batch_makes() -> None:
    portal = a_portal()
    deals = [portal.editor.make(DEAL, {})["id"] for _ in range(3)]
    command = f"crm.item.list?entityTypeId=2&filter[@id][]={deals[0]}&filter[@id][]={deals[2]}&select[]=id&start=-1"
    told = result_of(portal, "batch", cmd=[command])["result"]
    assert told["0"]["items"] == [{"id": deals[0]}, {"id": deals[2]}]


def test_the_firm_is_the_same_for_the_same_seed() -> None:
    def firm(seed: int) -> list[Any]:
        portal = a_portal(seed=seed)
        Admin(portal).found(leads=3, deals=20, closed=10)
        Admin(portal).burst(changes=50)
        return [portal.state.items, portal.state.goods, portal.state.history]

    assert firm(3) == firm(3)
    assert firm(3) != firm(4)


def test_the_firm_has_won_and_lost_with_a_profit_where_it_won() -> None:
    portal = a_portal()
    closed = [portal.state.items[DEAL][one] for one in Admin(portal).found(closed=40)["closed"]]
    profit = portal.state.user_fields[DEAL]["UF_CRM_1712000017"]
    assert profit.label == "Фактическая прибыль"
    assert {item["stageSemanticId"] for item in closed} == {"S", "F"}
    assert all((item[profit.name] is not None) == (item["stageSemanticId"] == "S") for item in closed)


def test_a_burst_changes_as_many_facts_as_it_is_told_to() -> None:
    portal = a_portal()
    admin = Admin(portal)
    admin.found(deals=30)
    portal.tell_to("http://127.0.0.1:9/")
    assert admin.burst(changes=200) == 200
    assert len(portal.courier.events) == 200
    portal.courier.close()


def test_cost_is_a_products_in_the_catalog_and_needs_its_scope() -> None:
    portal = a_portal()
    assert result_of(portal, "catalog.product.get", id=501)["product"]["name"] == "Паровой котёл"
    portal.faults.set("scopes", ["crm"])
    assert asked(portal, "catalog.product.get", id=501)[1]["error"] == "insufficient_scope"


def test_a_companys_turnover_is_a_standard_field() -> None:
    portal = a_portal()
    company = Admin(portal).firm.make_company()
    item = result_of(portal, "crm.item.get", entityTypeId=COMPANY, id=company)["item"]
    assert {"revenue", "industry", "employees", "currencyId"} <= set(item)
