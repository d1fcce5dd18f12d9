"""The door for a portal's events: stored before the answer, answered in milliseconds, shut to everybody else."""

import time
from statistics import median

import pytest

from mlscore.crm.bitrix24.events import PortalEvents
from mlscore.crm.bitrix24.fake.fields import DEAL
from mlscore.ports import Item
from tests.api.calling import served_by
from tests.api.in_step.reaching import reached
from tests.crm.bitrix24.events import TOKEN, a_connection, an_event
from tests.crm.bitrix24.fake.portals import a_portal
from tests.fakes import FixedChampions, ToldTasks

DOOR = "/v1/bitrix24/events"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def tasks():
    """Give what is told of items."""
    return ToldTasks()


@pytest.fixture
def portal(crm, tasks, tmp_path):
    """Give the CRM of a service that is connected to a portal."""
    with served_by(crm, FixedChampions(), portal=a_connection(tmp_path), tasks=tasks) as connected:
        yield connected


def sent(portal, body, headers=FORM):
    return portal.client.post(DOOR, content=body, headers=headers)


def test_an_event_is_a_task_of_its_item_for_the_firm_of_the_service(portal, tasks):
    answer = sent(portal, an_event())
    assert (answer.status_code, answer.content) == (200, b"")
    assert tasks.told == [(portal.application.firm, "bitrix24", Item(kind="deal", item_id="759"), "event")]


def test_an_event_of_another_kind_is_answered_and_nothing_comes_of_it(portal, tasks):
    assert sent(portal, an_event("ONCRMCOMPANYUPDATE")).status_code == 200
    assert tasks.told == []


@pytest.mark.parametrize("wrong", [{"auth[application_token]": "guess"}, {"auth[application_token]": ""}])
def test_a_wrong_token_is_refused_without_a_word_of_why(portal, tasks, wrong):
    answers = [sent(portal, an_event(**wrong)), sent(portal, b"")]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(401, "not_admitted")}
    assert "guess" not in answers[0].text
    assert tasks.told == []


def test_what_the_fake_portal_tells_of_comes_in(crm, tasks, tmp_path):
    portal = a_portal()
    with (
        served_by(crm, FixedChampions(), portal=PortalEvents(tmp_path), tasks=tasks) as connected,
        reached(connected.client) as url,
    ):
        handler = portal.tell_to(url + DOOR)
        a_connection(tmp_path, token=handler.token)
        made = {portal.editor.make(DEAL, {"title": "Котёл"})["id"] for _ in range(20)}
        portal.courier.close()
    assert portal.courier.counts() == {"sent": 20}
    assert {item for _, _, item, _ in tasks.told} == {Item(kind="deal", item_id=str(number)) for number in made}


def test_a_body_too_large_for_an_event_is_refused_before_it_is_read(portal):
    assert sent(portal, an_event() + b"&x=" + b"y" * 20_000).status_code == 413


def test_without_a_connection_there_is_no_door(crm, tmp_path):
    with served_by(crm, FixedChampions(), portal=PortalEvents(tmp_path)) as alone:
        assert sent(alone, an_event()).status_code == 404


def test_while_the_store_is_away_the_portal_is_told_so(portal, tasks):
    tasks.outage.is_on = True
    answer = sent(portal, an_event())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_neither_token_nor_item_gets_into_the_log(portal, capsys):
    sent(portal, an_event())
    logged = capsys.readouterr().out
    assert f"route={DOOR}" in logged
    assert not any(word in logged for word in (TOKEN, "ID]", "=759"))


def test_an_event_is_answered_in_milliseconds(portal):
    took = []
    for n in range(1, 201):
        began = time.perf_counter()
        sent(portal, an_event(item_id=str(n)))
        took.append(time.perf_counter() - began)
    assert median(took) < 0.05
