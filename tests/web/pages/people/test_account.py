"""One's own account: the password, the sessions, the looks."""

import pytest

from mlscore.http.sessions.limiter import FAILURES_A_MINUTE
from mlscore.web.pages.people.account import browser_of
from tests.web.visiting import PASSWORD, said

NEW = "a staple and a battery"


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(bare):
    here = bare.signed_in("anna", "viewer")
    there = bare.browser()
    there.sign_in("anna")
    answer = here.send("/account/password", present=PASSWORD, new=NEW, again=NEW)
    assert answer.headers["location"] == "/account?done=password"
    assert "The password is changed." in said(here.get("/account?done=password").text)
    assert there.get("/account").status_code == 303
    assert bare.browser().sign_in("anna").status_code == 422
    assert bare.browser().sign_in("anna", NEW).status_code == 303


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"present": "wrong", "new": NEW, "again": NEW}, "The present password is wrong."),
        ({"present": PASSWORD, "new": NEW, "again": "another"}, "not the same twice"),
        ({"present": PASSWORD, "new": "short", "again": "short"}, "A password takes 10 to 200"),
        ({"present": PASSWORD, "new": "a" * 12, "again": "a" * 12}, "repeats too few"),
    ],
)
def test_a_password_that_cannot_be_changed_stays(bare, given, told):
    browser = bare.signed_in("anna", "viewer")
    answer = browser.send("/account/password", **given)
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert bare.browser().sign_in("anna").status_code == 303


def test_language_and_theme_are_kept(bare):
    browser = bare.signed_in("anna", "viewer")
    browser.send("/account/looks", language="ru", theme="dark")
    page = browser.get("/account").text
    assert '<html lang="ru" data-theme="dark">' in page
    assert "Учётная запись" in page


def test_looks_that_are_not_offered_are_refused(bare):
    browser = bare.signed_in("anna", "viewer")
    assert browser.send("/account/looks", language="xx", theme="dark").status_code == 422
    assert browser.send("/account/looks", theme="purple").status_code == 422


def test_one_session_ends_or_all_the_others(bare):
    here = bare.signed_in("anna", "viewer")
    there, elsewhere = bare.browser(), bare.browser()
    there.sign_in("anna")
    elsewhere.sign_in("anna")
    user = bare.office.people.called(bare.firm, "anna")
    newest = bare.office.people.sessions.of_user(bare.firm, user.user_id)[0]
    here.send("/account/sessions", session=newest.session_id)
    assert len(bare.office.people.sessions.of_user(bare.firm, user.user_id)) == 2
    here.send("/account/sessions")
    assert here.get("/account").status_code == 200
    assert (there.get("/account").status_code, elsewhere.get("/account").status_code) == (303, 303)


def test_nobody_ends_the_sessions_of_another(bare):
    anna = bare.signed_in("anna", "viewer")
    boris = bare.signed_in("boris", "viewer")
    user = bare.office.people.called(bare.firm, "anna")
    [session] = bare.office.people.sessions.of_user(bare.firm, user.user_id)
    boris.send("/account/sessions", session=session.session_id)
    assert anna.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.0.0 YaBrowser/24.7.0 Safari/537.36",
            "Yandex 24, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari 17, iOS"),
        ("curl/8.5", "curl/8.5"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent, named):
    assert browser_of(agent) == named


def test_the_present_password_is_not_found_out_by_trying(bare):
    taken = bare.signed_in("is away", "viewer")
    for _ in range(FAILURES_A_MINUTE):
        wrong = taken.send("/account/password", present="a guess", new=NEW, again=NEW)
        assert "The present password is wrong." in said(wrong.text)
    right = taken.send("/account/password", present=PASSWORD, new=NEW, again=NEW)
    assert "Too many tries. Wait a minute." in said(right.text)
