"""An item comes with its company, contact and goods in one batch, and what is refused is not taken for empty."""

from decimal import Decimal

import pytest

from mlscore.crm.bitrix24.client import Portal
from mlscore.crm.bitrix24.fake.admin import Admin
from mlscore.crm.bitrix24.fake.fields import COMPANY, CONTACT, DEAL
from mlscore.crm.bitrix24.items import Gathered, gather
from mlscore.crm.bitrix24.mapping import PortalTerms, read_portal_mapping_text
from mlscore.ports import Item
from mlscore.scoring.errors import CrmRefusedError
from tests.crm.bitrix24.crms import calling
from tests.crm.bitrix24.fake.portals import a_portal

WHOLE = (
    '[deal.facts]\nindustry = "company.industry"\nregion = "contact.post"\namount = "goods.amount"\ncost = "goods.cost"'
)


def a_deal_with_everything() -> tuple[Admin, Item]:
    admin = Admin(a_portal())
    company = admin.add(kind="company", fields={"title": "Завод", "industry": "UC_BREW"})
    contact = admin.add(kind="contact", fields={"post": "Главный инженер", "companyId": company})
    deal = admin.add(fields={"companyId": company, "contactIds": [contact], "currencyId": "RUB"})
    rows = [{"productId": 501, "productName": "Котёл", "price": 90.5, "quantity": 2}]
    admin.portal.editor.set_goods(DEAL, deal, rows)
    admin.portal.state.products[501] |= {"purchasingPrice": "70.25", "purchasingCurrency": "RUB"}
    return admin, Item(kind="deal", item_id=str(deal))


def terms_of(mapping: str = WHOLE) -> PortalTerms:
    return read_portal_mapping_text(mapping)


def one(caller: Portal, item: Item, mapping: str = WHOLE) -> Gathered:
    [found] = gather(caller, [item], terms_of(mapping))
    assert found is not None
    return found


def test_an_item_comes_with_all_that_belongs_to_it_in_one_batch():
    admin, item = a_deal_with_everything()
    caller, asked = calling(admin.portal)
    found = one(caller, item, WHOLE.replace('\ncost = "goods.cost"', ""))
    assert found.company is not None
    assert found.contact is not None
    assert found.goods is not None
    assert (found.company["industry"], found.contact["post"]) == ("UC_BREW", "Главный инженер")
    assert [row["price"] for row in found.goods] == [90.5]
    assert len(asked) == 1


def test_costs_come_from_the_catalogue_in_the_deal_s_currency():
    admin, item = a_deal_with_everything()
    admin.portal.faults.scopes = frozenset({*admin.portal.faults.scopes, "catalog"})
    caller, _ = calling(admin.portal)
    assert one(caller, item).costs == {"501": Decimal("70.25")}
    admin.portal.state.products[501]["purchasingCurrency"] = "USD"
    assert one(caller, item).costs == {}


def test_costs_that_may_not_be_read_are_withheld():
    admin, item = a_deal_with_everything()
    admin.portal.faults.scopes = frozenset({"crm"})
    found = one(calling(admin.portal)[0], item)
    assert (found.costs, found.withheld) == ({}, {"goods"})


def test_only_what_the_mapping_reads_is_asked_for():
    admin, item = a_deal_with_everything()
    caller, asked = calling(admin.portal)
    found = one(caller, item, '[deal.facts]\namount = "opportunity"')
    assert (found.company, found.contact, found.goods) == (None, None, [])
    assert list(asked[0][1]["cmd"]) == ["item_0"]


def test_an_item_without_a_company_has_none():
    admin = Admin(a_portal())
    deal = admin.add(fields={"contactIds": []})
    found = one(calling(admin.portal)[0], Item(kind="deal", item_id=str(deal)))
    assert (found.company, found.contact, found.goods, found.withheld) == (None, None, [], frozenset())


def test_items_come_in_the_order_given_with_none_for_those_that_are_gone():
    admin, item = a_deal_with_everything()
    gone = Item(kind="deal", item_id="999999")
    caller, _ = calling(admin.portal)
    found = gather(caller, [gone, item, gone], terms_of())
    assert [one is None for one in found] == [True, False, True]


def test_many_items_are_asked_for_in_batches_that_hold_each_item_whole():
    admin, item = a_deal_with_everything()
    caller, asked = calling(admin.portal)
    found = gather(caller, [item] * 30, terms_of(WHOLE.replace('\ncost = "goods.cost"', "")))
    assert len(found) == 30
    assert all(one is not None and one.company is not None for one in found)
    assert [len(params["cmd"]) for _, params in asked] == [48, 48, 24]


def test_a_company_that_was_deleted_is_none_and_one_that_is_denied_is_withheld():
    admin, item = a_deal_with_everything()
    caller = calling(admin.portal, refused={f"entityTypeId={COMPANY}&": "ACCESS_DENIED"})[0]
    found = one(caller, item)
    assert (found.company, "company" in found.withheld) == (None, True)
    admin.delete(kind="company", item=found.item["companyId"])
    found = one(calling(admin.portal)[0], item)
    assert (found.company, "company" in found.withheld) == (None, False)


def test_what_a_cut_batch_no_longer_refers_to_is_asked_for_by_its_number():
    admin, item = a_deal_with_everything()
    caller = calling(admin.portal, refused={"$result": "NOT_FOUND"})[0]
    found = one(caller, item)
    assert found.company is not None
    assert found.contact is not None


def test_an_item_that_is_denied_is_not_taken_for_gone():
    admin, item = a_deal_with_everything()
    admin.fault(may_read=False)
    with pytest.raises(CrmRefusedError, match="прав"):
        one(calling(admin.portal)[0], item)


def test_more_goods_than_a_page_holds_are_all_counted():
    admin, item = a_deal_with_everything()
    rows = [{"productId": 0, "productName": "Клапан", "price": 1, "quantity": 1} for _ in range(120)]
    admin.portal.editor.set_goods(DEAL, int(item.item_id), rows)
    found = one(calling(admin.portal)[0], item)
    assert found.goods is not None
    assert len(found.goods) == 120


def test_the_contact_is_the_first_of_those_a_deal_has():
    admin, item = a_deal_with_everything()
    second = admin.add(kind="contact", fields={"post": "Директор"})
    first = next(iter(admin.portal.state.items[CONTACT]))
    admin.edit(item=int(item.item_id), fields={"contactIds": [second, first]})
    found = one(calling(admin.portal)[0], item)
    assert found.contact is not None
    assert found.contact["post"] == "Директор"
