"""Every page and action, as every role and as a stranger: the table of doors holds, and nothing stands beside it."""

import re

import pytest

from mlscore.ports import ROLES
from mlscore.web.access import DOORS, STRANGER, may
from tests.web.firm import DEALS

DOOR_NAMES = [door.name for door in DOORS]
GETS = [door for door in DOORS if door.method == "GET"]
WRITES = [door for door in DOORS if door.method == "POST"]
LED_ON = {"/", "/sign-in"}


@pytest.fixture(scope="session")
def browsers(stage):
    """Give one browser a role, and a stranger's under None."""
    sellers = {"seller": ("S-1",)}
    found = {role: stage.signed_in(f"walks as {role}", role, *sellers.get(role, ())) for role in ROLES}
    return {**found, None: stage.browser()}


def address(door, stage):
    user = stage.office.people.called(stage.firm, "walks as viewer")
    return door.path.format(deal_id="D-2", user_id=user.user_id, version="1")


@pytest.mark.parametrize("role", [*ROLES, None])
@pytest.mark.parametrize("door", GETS, ids=lambda door: door.path)
def test_a_page_opens_to_its_least_role_and_those_above(stage, browsers, role, door):
    answer = browsers[role].get(address(door, stage))
    if not may(role, door):
        assert answer.status_code == (303 if role is None else 403)
        assert "D-2" not in re.sub(r"to=\S+", "", answer.text)
        if role is None:
            assert answer.headers["location"].startswith("/sign-in?to=")
    else:
        assert answer.status_code == (303 if door.path in LED_ON and (role or door.path == "/") else 200)


@pytest.mark.parametrize("role", [*ROLES, None])
@pytest.mark.parametrize("door", WRITES, ids=lambda door: door.path)
def test_no_write_is_taken_without_the_mark_of_our_form(stage, browsers, role, door):
    before = stage.store.users.every(stage.firm)
    for mark in ("", "0" * 64):
        assert browsers[role].send(address(door, stage), mark=mark).status_code == 403
    assert stage.store.users.every(stage.firm) == before
    if role is not None:
        assert browsers[role].get("/account").status_code == 200


@pytest.mark.parametrize("role", [*ROLES, None])
@pytest.mark.parametrize("door", [d for d in WRITES if d.least != STRANGER], ids=lambda door: door.path)
def test_a_write_with_the_mark_is_taken_from_its_least_role_and_those_above_only(bare, role, door):
    bare.add("the other admin", "admin")
    bare.add("somebody", "viewer")
    user = bare.office.people.called(bare.firm, "somebody")
    browser = bare.browser()
    if role is not None:
        browser = bare.signed_in("who asks", role, "S-1")
    before = (bare.store.users.every(bare.firm), bare.store.sessions.of_user(bare.firm, user.user_id))
    page = "/sign-in" if role is None else "/account"
    path = door.path.format(user_id=user.user_id, deal_id="D-2", version="1")
    answer = browser.send(path, page=page, role="manager", theme="dark", name="new")
    if may(role, door):
        assert answer.status_code in {200, 303, 404, 422}
    else:
        assert answer.status_code == 403
        after = (bare.store.users.every(bare.firm), bare.store.sessions.of_user(bare.firm, user.user_id))
        assert [len(part) for part in after] == [len(part) for part in before]
        assert bare.office.people.called(bare.firm, "somebody") == user


def test_the_mark_of_one_session_opens_nothing_to_another(stage, browsers):
    [mark] = set(re.findall(r'name="csrf" value="(\w+)"', browsers["admin"].get("/account").text))
    assert browsers["viewer"].send("/account/looks", mark=mark, theme="dark").status_code == 403


def test_a_form_sent_from_another_site_is_refused_whatever_it_carries(stage, browsers):
    browser = browsers["viewer"]
    [mark] = set(re.findall(r'name="csrf" value="(\w+)"', browser.get("/account").text))
    headers = {**browser.headers, "Sec-Fetch-Site": "cross-site"}
    answer = browser.client.post("/account/looks", data={"csrf": mark, "theme": "dark"}, headers=headers)
    assert answer.status_code == 403


def test_every_route_that_answers_is_in_the_table(stage):
    assert len(DOOR_NAMES) == len(set(DOOR_NAMES))
    stranger = stage.browser()
    for door in DOORS:
        path = address(door, stage)
        for method in {"PUT", "DELETE", "PATCH", "GET", "POST"} - {d.method for d in DOORS if d.path == door.path}:
            assert stranger.client.request(method, path, headers=stranger.headers).status_code in {404, 405}, door


def test_a_seller_sees_own_deals_and_no_others(browsers):
    seller, viewer = browsers["seller"], browsers["viewer"]
    own, others = "/deals/D-2", "/deals/D-1"  # S-1 has the even ones
    assert (seller.get(own).status_code, seller.get(others).status_code) == (200, 404)
    assert viewer.get(others).status_code == 200
    listed = set(re.findall(r"D-(\d+)</a>", seller.get("/deals").text))
    assert listed
    assert {int(number) % 2 for number in listed} == {0}
    exported = seller.get("/deals?format=csv").text
    assert exported.count("D-") == DEALS // 2
    assert "S-2" not in exported


@pytest.mark.parametrize("question", ["seller_id=S-2", "q=D-1", "seller_id=S-1&q=D-11", "sort=seller_id", "page=2"])
def test_no_question_shows_a_seller_what_is_anothers(browsers, question):
    page = browsers["seller"].get(f"/deals?{question}").text
    assert {int(number) % 2 for number in re.findall(r"D-(\d+)</a>", page)} <= {0}
    assert "S-2</option>" not in page


def test_a_menu_leads_nowhere_its_reader_may_not_go(browsers):
    for role in ROLES:
        page = browsers[role].get("/account").text
        for path in set(re.findall(r'<li><a href="([^"]+)"', page)):
            assert browsers[role].get(path).status_code == 200, (role, path)


def test_pages_need_no_api_key_and_the_api_takes_no_session(browsers):
    assert browsers["admin"].get("/v1/policy").status_code == 401
    assert browsers["admin"].get("/v1/nothing").status_code == 401


def test_what_a_page_may_load_and_do_is_told_to_the_browser(browsers):
    for answer in (browsers["viewer"].get("/deals"), browsers[None].get("/sign-in")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert not re.search(r"unsafe|http|\*|data:", policy)
        assert answer.headers["cache-control"] == "no-store"


def test_no_page_holds_a_style_or_a_script_of_its_own(stage, browsers):
    for door in GETS:
        page = browsers["admin"].get(address(door, stage)).text
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?! src=\"/static/)", page), door.path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page), door.path


@pytest.mark.parametrize("path", ["/deals?q=a%00b", "/deals/D%00", "/queue?seller_id=%00"])
def test_a_letter_that_no_database_keeps_is_found_nowhere(browsers, path):
    assert browsers["admin"].get(path).status_code == 404


def test_a_form_with_such_a_letter_changes_nothing(stage, browsers):
    before = stage.office.people.called(stage.firm, "walks as admin")
    sent = browsers["admin"].send("/account/looks", theme="dark\0", language="ru")
    assert sent.status_code == 404
    assert stage.office.people.called(stage.firm, "walks as admin") == before
