"""What changed since a moment is listed in the order of change, companies' changes with it."""

from datetime import timedelta

from mlscore.crm.bitrix24.fake.admin import Admin
from mlscore.ports import ChangedItem, Item
from tests.crm.bitrix24.crms import a_crm, with_score_fields
from tests.crm.bitrix24.fake.portals import START, Clock, a_portal


def a_day():
    clock = Clock()
    crm, fake, asked = a_crm(with_score_fields(a_portal(clock=clock)))
    return crm, Admin(fake), clock, asked


def deal(number: int) -> Item:
    return Item(kind="deal", item_id=str(number))


def test_changes_are_told_from_the_moment_on_the_longest_ago_first():
    crm, admin, clock, _ = a_day()
    first, second, third = admin.make(number=3)
    clock.wait(60)
    admin.edit(item=third, fields={"opportunity": 5})
    clock.wait(60)
    admin.edit(item=first, fields={"opportunity": 5})
    lead = admin.make(kind="lead")[0]
    since = list(crm.changed_since(START + timedelta(seconds=60)))
    assert [one.item for one in since[:1]] == [deal(third)]
    assert {one.item for one in since} == {deal(third), deal(first), Item(kind="lead", item_id=str(lead))}
    assert since[0] == ChangedItem(item=deal(third), changed_at=START + timedelta(seconds=60))
    assert deal(second) in {one.item for one in crm.changed_since(START)}


def test_without_a_moment_all_that_is_open_is_told():
    crm, admin, _, _ = a_day()
    first, second, third = admin.make(number=3)
    admin.close(item=second, won=True)
    lead, junk = admin.make(kind="lead", number=2)
    admin.move(kind="lead", item=junk, stage="JUNK")
    found = {one.item for one in crm.changed_since(None)}
    assert found == {deal(first), deal(third), Item(kind="lead", item_id=str(lead))}


def test_more_than_a_page_is_told_whole():
    crm, admin, _, _ = a_day()
    admin.make(number=120)
    assert len(list(crm.changed_since(None))) == 120
    assert len(list(crm.changed_since(START))) == 120


def test_an_open_deal_changes_with_its_company():
    crm, admin, clock, _ = a_day()
    number, closed = admin.make(number=2)
    company = admin.items(ids=[number])[0]["companyId"]
    admin.edit(item=closed, fields={"companyId": company})
    admin.close(item=closed, won=False)
    clock.wait(600)
    admin.edit(kind="company", item=company, fields={"revenue": 7_000_000_000})
    found = list(crm.changed_since(START + timedelta(seconds=300)))
    assert found == [ChangedItem(item=deal(number), changed_at=START + timedelta(seconds=600))]


def test_a_deal_that_left_our_funnels_is_told_of():
    clock = Clock()
    crm, fake, _ = a_crm(a_portal(clock=clock), mapping="[deal]\nfunnels = [0]\n[deal.facts]\n")
    admin = Admin(fake)
    number = admin.make()[0]
    clock.wait(60)
    admin.move(item=number, stage="C1:NEW", funnel=1)
    assert [one.item for one in crm.changed_since(START + timedelta(seconds=30))] == [deal(number)]
    assert list(crm.changed_since(None)) == []


def test_the_service_s_own_write_is_a_change_like_any():
    crm, admin, clock, asked = a_day()
    number = admin.make()[0]
    clock.wait(60)
    admin.edit(item=number, fields={"UF_CRM_SCORE_GRADE": "AAA"})
    assert [one.item for one in crm.changed_since(START + timedelta(seconds=30))] == [deal(number)]
    assert {method for method, _ in asked} == {"crm.item.list"}
