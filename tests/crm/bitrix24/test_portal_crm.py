"""A portal as a CRM kept in step: what it shows is what was written, and what cannot be read stays unknown."""

import pytest

from mlscore.crm.bitrix24.connection import read_connection
from mlscore.crm.bitrix24.fake import FakePortal
from mlscore.crm.bitrix24.fake.admin import Admin
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD
from mlscore.crm.bitrix24.fake.server import serve_portal
from mlscore.crm.bitrix24.portal_crm import open_crm
from mlscore.outgoing import Allowed
from mlscore.ports import Crm, GoneItem, Item, Writing
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import MappingError
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Route
from tests.builders import a_policy
from tests.crm.bitrix24.card.receipts import a_model_answer, a_receipt
from tests.crm.bitrix24.crms import EXAMPLE, a_crm, seen, with_score_fields
from tests.crm.bitrix24.fake.portals import a_portal

COMMENTING = EXAMPLE.read_text(encoding="utf-8").replace("comment = false", "comment = true")


def test_it_is_a_crm():
    crm: Crm = a_crm()[0]
    assert (crm.name, crm.at_once) == ("bitrix24", 25)


def test_what_was_shown_is_there_and_shows_the_same():
    crm, fake, _ = a_crm()
    number = Admin(fake).make()[0]
    item = seen(crm, "deal", number)
    shown = crm.shown_for(item, a_receipt(item.deal, model=a_model_answer()))
    [written] = crm.write([Writing(item=item.item, shown=shown)])
    assert (written.unlike, written.refused, written.is_gone) == ((), None, False)
    again = seen(crm, "deal", number)
    assert again.shown == shown
    assert again.changed_at == written.changed_at
    assert again.deal == item.deal
    assert crm.shown_for(again, a_receipt(again.deal, model=a_model_answer(), name="r-2")) == shown


def test_fields_of_other_types_than_proposed_show_the_same_too():
    types = {"probability": "string", "expected_profit": "integer", "scored_at": "string", "receipt": "string"}
    crm, fake, _ = a_crm(with_score_fields(a_portal(), types={**types, "fire": "boolean"}))
    item = seen(crm, "deal", Admin(fake).make()[0])
    shown = crm.shown_for(item, a_receipt(item.deal, model=a_model_answer()))
    [written] = crm.write([Writing(item=item.item, shown=shown)])
    assert written.unlike == ()


def test_a_field_deleted_meanwhile_is_told_of_and_no_longer_shown():
    crm, fake, _ = a_crm()
    item = seen(crm, "deal", Admin(fake).make()[0])
    shown = crm.shown_for(item, a_receipt(item.deal))
    del fake.state.user_fields[DEAL]["UF_CRM_SCORE_GRADE"]
    fake.state.items[DEAL][int(item.item.item_id)].pop("UF_CRM_SCORE_GRADE", None)
    [written] = crm.write([Writing(item=item.item, shown=shown)])
    assert written.unlike == ("UF_CRM_SCORE_GRADE",)
    again = seen(crm, "deal", int(item.item.item_id))
    assert "UF_CRM_SCORE_GRADE" not in crm.shown_for(again, a_receipt(again.deal))


def test_a_refusal_to_write_is_told_by_its_code_and_one_that_is_gone_is_gone():
    crm, fake, _ = a_crm()
    admin = Admin(fake)
    first, second = admin.make(number=2)
    items = crm.fetch([Item(kind="deal", item_id=str(one)) for one in (first, second)])
    admin.delete(item=first)
    gone, kept = crm.write([Writing(item=one.item, shown={"UF_CRM_SCORE_GRADE": "AAA"}) for one in items])
    assert (gone.is_gone, gone.refused, kept.refused) == (True, "NOT_FOUND", None)
    admin.fault(may_write=False)
    [refused] = crm.write([Writing(item=items[1].item, shown={"UF_CRM_SCORE_GRADE": "BBB"})])
    assert (refused.is_gone, refused.refused) == (False, "ACCESS_DENIED")


def test_a_write_put_off_by_the_portal_is_read_after_it_was_made():
    crm, fake, asked = a_crm(refused={"crm.item.update": "OPERATION_TIME_LIMIT"})
    item = seen(crm, "deal", Admin(fake).make()[0])
    asked.clear()
    [written] = crm.write([Writing(item=item.item, shown=crm.shown_for(item, a_receipt(item.deal)))])
    assert written.unlike == ()
    assert [list(params["cmd"]) for _, params in asked] == [["write_0", "read_0"], ["write_0"], ["read_0"]]


def test_the_reasons_are_a_comment_once_where_one_is_wanted():
    crm, fake, _ = a_crm(mapping=COMMENTING)
    item = seen(crm, "lead", Admin(fake).make(kind="lead")[0])
    receipt = a_receipt(item.deal)
    note = crm.note_for(item, receipt)
    assert note is not None
    crm.write([Writing(item=item.item, shown=crm.shown_for(item, receipt), note=note)])
    assert [one["ENTITY_TYPE"] for one in fake.state.comments] == ["lead"]
    again = seen(crm, "lead", int(item.item.item_id))
    assert crm.note_for(again, receipt) is None


def test_a_new_route_moves_a_lead_once_where_the_policy_says_so():
    policy = a_policy(crm={"automatic_moves": True})
    crm, fake, _ = a_crm(policy=lambda: policy)
    admin = Admin(fake)
    number = admin.make(kind="lead")[0]
    company = admin.add(kind="company", fields={"industry": "UC_RETAIL", "revenue": 5})
    pipes = next(n for n, text in levels(fake, "UF_CRM_1712000002").items() if text == "Трубы и фитинги")
    fields = {"companyId": company, "UF_CRM_1712000001": 0.5, "UF_CRM_1712000002": pipes, "UF_CRM_1712000003": None}
    admin.edit(kind="lead", item=number, fields=fields)
    item = seen(crm, "lead", number)
    receipt = a_receipt(item.deal)
    assert receipt.answer.rule.route is Route.REJECT
    shown = crm.shown_for(item, receipt)
    assert shown["stageId"] == "JUNK"
    [written] = crm.write([Writing(item=item.item, shown=shown)])
    assert written.unlike == ()
    again = seen(crm, "lead", number)
    assert not again.is_open
    assert crm.shown_for(again, receipt) == again.shown


def levels(fake: FakePortal, name: str) -> dict[int, str]:
    return fake.state.user_fields[LEAD][name].levels


def test_won_and_lost_are_outcomes_and_a_lead_that_ended_is_only_closed():
    crm, fake, _ = a_crm()
    admin = Admin(fake)
    won, lost = admin.make(number=2)
    lead = admin.make(kind="lead")[0]
    admin.close(item=won, won=True, profit=1_500.5)
    admin.close(item=lost, won=False)
    admin.move(kind="lead", item=lead, stage="JUNK")
    first, second = seen(crm, "deal", won), seen(crm, "deal", lost)
    assert first.outcome is not None
    assert second.outcome is not None
    assert (first.is_open, first.outcome.status, first.outcome.realised_profit) == (False, Status.WON, 150_050)
    assert (second.is_open, second.outcome.status) == (False, Status.LOST)
    assert (seen(crm, "lead", lead).is_open, seen(crm, "lead", lead).outcome) == (False, None)


def test_a_deal_of_a_funnel_that_is_not_scored_is_not_open_and_has_no_outcome():
    crm, fake, _ = a_crm(mapping="[deal]\nfunnels = [1]\n[deal.facts]\n")
    admin = Admin(fake)
    number = admin.make()[0]
    assert not seen(crm, "deal", number).is_open
    admin.move(item=number, stage="C1:NEW", funnel=1)
    assert seen(crm, "deal", number).is_open
    admin.move(item=number, stage="WON", funnel=0)
    assert seen(crm, "deal", number).outcome is None


def test_a_kind_that_is_not_scored_is_not_asked_about():
    crm, fake, asked = a_crm(mapping="[deal.facts]\n")
    lead = Admin(fake).make(kind="lead")[0]
    assert not seen(crm, "lead", lead).is_open
    assert asked == []


def test_what_is_gone_is_gone_and_the_order_is_kept():
    crm, fake, _ = a_crm()
    number = Admin(fake).make()[0]
    asked = [Item(kind="deal", item_id="404"), Item(kind="deal", item_id=str(number)), Item(kind="lead", item_id="404")]
    found = crm.fetch(asked)
    assert [one.item for one in found] == asked
    assert [isinstance(one, GoneItem) for one in found] == [True, False, True]
    assert crm.fetch([]) == []
    assert crm.write([]) == ()


def test_a_policy_that_does_not_have_a_fact_of_the_mapping_is_refused_at_first_and_then_leaves_it_out():
    mapping = '[deal.extra]\nboiler_age = "UF_CRM_1712000001"'
    with pytest.raises(MappingError):
        a_crm(mapping=mapping)
    policies = [a_policy(custom_facts=[{"name": "boiler_age", "kind": "number"}])]
    crm, fake, _ = a_crm(mapping=mapping, policy=lambda: policies[-1])
    admin = Admin(fake)
    number = admin.make()[0]
    admin.edit(item=number, fields={"UF_CRM_1712000001": 7})
    assert seen(crm, "deal", number).deal.extra == {"boiler_age": 7.0}
    policies.append(default_policy())
    assert seen(crm, "deal", number).deal.extra == {}


def test_a_connection_opens_the_portal_it_names(tmp_path):
    with serve_portal(with_score_fields(a_portal())) as served:
        number = served.admin.make()[0]
        (tmp_path / "mapping.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        (tmp_path / "secrets.toml").write_text(f'webhook = "{served.webhook}"', encoding="utf-8")
        connection = read_connection(tmp_path)
        assert connection is not None
        allowed = Allowed.of("127.0.0.1/32, http://127.0.0.1")
        with open_crm(connection, policy=default_policy, allowed=allowed) as crm:
            item = seen(crm, "deal", number)
            [written] = crm.write([Writing(item=item.item, shown=crm.shown_for(item, a_receipt(item.deal)))])
    assert written.unlike == ()
