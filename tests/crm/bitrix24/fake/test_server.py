"""The fake portal as a server: its faults on the wire, and its levers from outside."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from mlscore.crm.bitrix24.fake import FakePortal, Served, serve_portal
from mlscore.crm.bitrix24.fake.fields import DEAL
from tests.crm.bitrix24.fake.portals import a_portal


@pytest.fixture
def served() -> Iterator[Served]:
    with serve_portal(a_portal()) as portal:
        yield portal


def call(served: Served, method: str, **params: Any) -> httpx2.Response:
    return httpx2.post(served.webhook + method, json=params)


def lever(served: Served, name: str, **given: Any) -> Any:
    answer = httpx2.post(f"{served.url}/admin/{name}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_json_a_form_and_an_address_are_all_understood(served: Served) -> None:
    deal = served.admin.add(fields={"title": "Котёл"})
    by_json = call(served, "crm.item.get", entityTypeId=2, id=deal)
    by_form = httpx2.post(served.webhook + "crm.item.get.json", data={"entityTypeId": "2", "id": str(deal)})
    by_address = httpx2.get(f"{served.webhook}crm.item.get?entityTypeId=2&id={deal}")
    titles = [answer.json()["result"]["item"]["title"] for answer in (by_json, by_form, by_address)]
    assert titles == ["Котёл"] * 3


def test_a_wrong_code_is_refused(served: Served) -> None:
    answer = httpx2.post(f"{served.url}/rest/1/wrong/profile", json={})
    assert (answer.status_code, answer.json()["error"]) == (401, "NO_AUTH_FOUND")


def test_an_expired_webhook_is_refused_and_may_be_mended(served: Served) -> None:
    lever(served, "fault", access="expired_token")
    assert call(served, "profile").json()["error"] == "expired_token"
    lever(served, "fault", access="ok")
    assert call(served, "profile").status_code == 200


def test_a_portal_that_is_down_hangs_up_and_comes_back(served: Served) -> None:
    lever(served, "fault", is_down=True)
    with pytest.raises(httpx2.TransportError):
        call(served, "profile")
    lever(served, "fault", is_down=False, is_down_with_page=True)
    page = call(served, "profile")
    assert (page.status_code, page.headers["content-type"]) == (502, "text/html")
    lever(served, "fault", is_down_with_page=False)
    assert call(served, "profile").status_code == 200


def test_a_line_may_break_after_the_work_was_done(served: Served) -> None:
    deal = served.admin.add()
    lever(served, "fault", drop_after_share=1.0)
    with pytest.raises(httpx2.TransportError):
        call(served, "crm.item.update", entityTypeId=2, id=deal, fields={"title": "записано"})
    assert served.portal.state.items[DEAL][deal]["title"] == "записано"


def test_a_line_may_break_before_anything_was_done(served: Served) -> None:
    deal = served.admin.add(fields={"title": "было"})
    lever(served, "fault", drop_before_share=1.0)
    with pytest.raises(httpx2.TransportError):
        call(served, "crm.item.update", entityTypeId=2, id=deal, fields={"title": "записано"})
    assert served.portal.state.items[DEAL][deal]["title"] == "было"


def test_an_answer_may_take_its_time(served: Served) -> None:
    lever(served, "fault", slow_seconds=5.0)
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(served.webhook + "profile", json={}, timeout=0.1)


def test_a_share_of_calls_breaks_inside(served: Served) -> None:
    lever(served, "fault", internal_share=1.0)
    assert call(served, "profile").json()["error"] == "INTERNAL_SERVER_ERROR"


def test_every_lever_is_there_from_outside(served: Served) -> None:
    made = lever(served, "found", leads=2, deals=3, closed=2)
    deal = made["deals"][0]
    lever(served, "edit", item=deal, fields={"opportunity": 77_000})
    lever(served, "merge", into=deal, others=[made["deals"][1]])
    lever(served, "delete", kind="lead", item=made["leads"][0])
    lever(served, "close", item=deal, won=True, profit=5_000.5)
    lever(served, "reopen", item=deal)
    lever(served, "move", kind="lead", item=made["leads"][1], stage="UC_NURTURE")
    token = lever(served, "tell_to", url="http://127.0.0.1:9/")["token"]
    lever(served, "events", lose_share=1.0)
    lever(served, "burst", changes=4)
    lever(served, "limit", block_above=10_000)
    lever(served, "refuse_next", code="QUERY_LIMIT_EXCEEDED")
    assert call(served, "profile").status_code == 503
    call(served, "crm.timeline.comment.add", fields={"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": "да"})
    figures = lever(served, "figures")
    assert figures["items"] == {"lead": 1, "deal": 4, "contact": figures["items"]["contact"], "company": 8}
    assert (figures["events"], figures["comments"], len(token)) == ({"lost": 4}, 1, 32)
    assert [event["fate"] for event in lever(served, "event_log")] == ["lost"] * 4
    [item] = lever(served, "items", ids=[deal])
    assert item["stageSemanticId"] == "P"


def test_a_lever_that_is_not_there_names_those_that_are(served: Served) -> None:
    answer = httpx2.post(f"{served.url}/admin/explode", json={})
    assert answer.status_code == 422
    assert "burst" in answer.json()["levers"]


def test_the_webhooks_code_is_made_anew_for_each_portal() -> None:
    assert FakePortal().code != FakePortal().code
