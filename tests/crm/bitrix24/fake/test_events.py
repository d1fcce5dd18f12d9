"""What the fake portal tells of, to whom, and how often: once."""

from urllib.parse import parse_qs

from mlscore.crm.bitrix24.fake import Admin, FakePortal
from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD
from tests.crm.bitrix24.fake.handlers import listening
from tests.crm.bitrix24.fake.portals import a_portal, result_of

NOBODY = "http://127.0.0.1:9/events"


def told(portal: FakePortal) -> list[tuple[str, int]]:
    return [(event.name, event.item_id) for event in portal.courier.events]


def test_every_change_of_a_lead_or_a_deal_is_told_with_its_number_and_the_token() -> None:
    with listening() as listener:
        portal = a_portal()
        handler = portal.tell_to(listener.url)
        deal = portal.editor.make(DEAL, {"title": "Котёл"})["id"]
        portal.editor.update(DEAL, deal, {"opportunity": 5})
        portal.editor.delete(DEAL, deal)
        portal.courier.close()
    forms = sorted((parse_qs(body) for body in listener.bodies), key=lambda form: form["event"])
    assert [form["event"] for form in forms] == [["ONCRMDEALADD"], ["ONCRMDEALDELETE"], ["ONCRMDEALUPDATE"]]
    assert {form["data[FIELDS][ID]"][0] for form in forms} == {str(deal)}
    assert {form["auth[application_token]"][0] for form in forms} == {handler.token}
    assert portal.courier.counts() == {"sent": 3}


def test_our_own_writing_is_told_too_but_not_where_nothing_changed() -> None:
    portal = a_portal()
    lead = portal.editor.make(LEAD, {})["id"]
    portal.tell_to(NOBODY)
    for title in ("Заявка", "Заявка"):
        result_of(portal, "crm.item.update", entityTypeId=LEAD, id=lead, fields={"title": title})
    assert told(portal) == [("ONCRMLEADUPDATE", lead)]
    assert [write.changed for write in portal.writes] == [True, False]


def test_what_could_not_be_delivered_is_never_sent_again() -> None:
    with listening() as listener:
        portal = a_portal()
        portal.tell_to(listener.url)
        listener.status = 503
        portal.editor.make(DEAL, {})
        portal.courier.close()
        assert len(listener.bodies) == 1
    assert portal.courier.counts() == {"failed": 1}


def test_nobody_listening_is_a_failed_event() -> None:
    portal = a_portal()
    portal.tell_to(NOBODY)
    portal.editor.make(DEAL, {})
    portal.courier.close()
    assert portal.courier.counts() == {"failed": 1}


def test_the_same_seed_loses_the_same_events() -> None:
    def lost(seed: int) -> list[int]:
        portal = a_portal(seed=seed)
        portal.tell_to(NOBODY)
        portal.courier.lose_share = 0.3
        for _ in range(60):
            portal.editor.make(DEAL, {})
        portal.courier.close()
        return [event.number for event in portal.courier.events if event.fate == "lost"]

    assert lost(7) == lost(7) != lost(8)
    assert 5 < len(lost(7)) < 30


def test_a_company_is_told_of_to_nobody() -> None:
    portal = a_portal()
    portal.tell_to(NOBODY)
    Admin(portal).firm.make_company()
    assert told(portal) == []


def test_goods_change_a_deal_and_are_told() -> None:
    portal = a_portal()
    deal = portal.editor.make(DEAL, {"opportunity": 1})["id"]
    portal.tell_to(NOBODY)
    portal.editor.set_goods(DEAL, deal, [{"price": 100, "quantity": 2}])
    assert told(portal) == [("ONCRMDEALUPDATE", deal)]
    assert portal.state.items[DEAL][deal]["opportunity"] == 200


def test_merged_deals_are_gone_and_the_one_that_stays_has_changed() -> None:
    portal = a_portal()
    own = next(iter(portal.state.user_fields[DEAL]))
    kept, gone = (portal.editor.make(DEAL, fields)["id"] for fields in ({}, {own: 5}))
    portal.tell_to(NOBODY)
    portal.editor.merge(DEAL, kept, [gone])
    assert told(portal) == [("ONCRMDEALDELETE", gone), ("ONCRMDEALUPDATE", kept)]
    assert portal.state.items[DEAL][kept][own] == 5
