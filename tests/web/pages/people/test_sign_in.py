"""Signing in: the right password opens, guessing does not, and nobody learns which names there are."""

from datetime import timedelta

import pytest

from mlscore.ports import DeedsAsked
from tests.web.visiting import PASSWORD, said


def test_the_right_password_opens_the_pages(stage):
    stage.add("anna", "viewer")
    browser = stage.browser()
    answer = browser.sign_in("Anna")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/deals").status_code == 200


def test_who_was_on_the_way_to_a_page_comes_to_it(stage):
    stage.add("boris", "viewer")
    browser = stage.browser()
    answer = browser.get("/deals?q=D-1")
    assert answer.headers["location"] == "/sign-in?to=%2Fdeals%3Fq%3DD-1"
    assert browser.sign_in("boris", to="/deals?q=D-1").headers["location"] == "/deals?q=D-1"


ELSEWHERE = ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil", "javascript:1"]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_sent_on_to_another_site(stage, to):
    name = f"onward-{ELSEWHERE.index(to)}"
    stage.add(name, "viewer")
    assert stage.browser().sign_in(name, to=to).headers["location"] == "/"


def test_every_refusal_looks_the_same(stage):
    stage.add("known", "viewer")
    stage.add("gone", "viewer")
    people = stage.office.people
    people.disable(people.called(stage.firm, "gone"), by="a test")
    tried = [("known", "a wrong password"), ("unknown", PASSWORD), ("gone", PASSWORD), ("known", "")]
    answers = [stage.browser().sign_in(*one) for one in tried]
    assert {answer.status_code for answer in answers} == {422}
    pages = {said(answer.text) for answer in answers}
    assert len(pages) == 1
    assert "The name or the password is wrong." in pages.pop()


def test_a_session_is_shown_in_a_cookie_no_script_reads(stage):
    stage.add("clara", "viewer")
    browser = stage.browser()
    [cookie] = [one for one in browser.sign_in("clara").headers.get_list("set-cookie") if "mlscore_session=" in one]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


def test_behind_tls_the_cookie_is_bound_to_the_host(stage):
    stage.add("dora", "viewer")
    browser = stage.browser()
    browser.client.base_url = "https://testserver"
    [cookie] = [one for one in browser.sign_in("dora").headers.get_list("set-cookie") if "session=" in one]
    assert cookie.startswith("__Host-mlscore_session=")
    assert "Secure" in cookie.split("; ")


def test_each_sign_in_is_a_session_of_its_own(stage):
    browser = stage.signed_in("egor", "viewer")
    first = browser.client.cookies["mlscore_session"]
    browser.send("/sign-out")
    assert browser.get("/deals").status_code == 303
    browser.sign_in("egor")
    assert browser.client.cookies["mlscore_session"] != first
    browser.client.cookies.set("mlscore_session", first)
    assert stage.office.signing_in.signed_in(first) is None


def test_a_session_ended_from_outside_ends_at_the_next_page(stage):
    browser = stage.signed_in("fedor", "viewer")
    people = stage.office.people
    user = people.called(stage.firm, "fedor")
    people.sessions.end(stage.firm, user.user_id, by="a test", at=stage.application.clock())
    assert browser.get("/deals").status_code == 303


def test_a_person_kept_out_is_out_at_the_next_page(stage):
    browser = stage.signed_in("galina", "viewer")
    people = stage.office.people
    people.disable(people.called(stage.firm, "galina"), by="a test")
    assert browser.get("/deals").status_code == 303


def test_an_address_that_tries_too_often_is_told_to_wait(bare):
    browser = bare.browser()
    statuses = [browser.sign_in("nobody", "whatever it is").status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]


def test_five_wrong_passwords_shut_the_door_for_a_while_even_for_the_right_one(bare):
    bare.add("ivan", "viewer")
    signing_in = bare.office.signing_in
    for _ in range(5):
        assert signing_in.sign_in(bare.firm, "ivan", "a wrong password") is None
    assert signing_in.sign_in(bare.firm, "ivan", PASSWORD) is None
    user = bare.office.people.called(bare.firm, "ivan")
    assert user.locked_until is not None
    assert user.locked_until - bare.application.clock() > timedelta(minutes=14)
    told = [deed.what for deed in bare.store.audit.read(bare.firm, DeedsAsked(), first=0, at_most=9)]
    assert told[0] == "user.locked"


@pytest.mark.parametrize(("role", "home"), [("seller", "/queue"), ("viewer", "/overview"), ("admin", "/overview")])
def test_everybody_begins_with_the_page_of_his_day(stage, role, home):
    assert stage.signed_in(f"begins as {role}", role, "S-1").get("/").headers["location"] == home
