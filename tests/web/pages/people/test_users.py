"""The people page does what the command line does, and the audit log tells of it."""

import re

import pytest

from tests.web.visiting import PASSWORD, said


@pytest.fixture
def admin(bare):
    return bare.signed_in("root", "admin")


def a_password_on(page):
    return re.search(r"<code>([a-z0-9-]{23})</code>", page)[1]


def user_id(stage, name):
    return stage.office.people.called(stage.firm, name).user_id


def test_a_person_is_added_and_may_sign_in_with_the_password_shown(bare, admin):
    answer = admin.send("/users", name="petrov", role="seller", sellers="S-1, S-2")
    assert answer.status_code == 200
    assert "petrov is added." in said(answer.text)
    assert bare.browser().sign_in("petrov", a_password_on(answer.text)).status_code == 303
    assert bare.office.people.called(bare.firm, "petrov").sellers == {"S-1", "S-2"}
    assert a_password_on(answer.text) not in admin.get("/users").text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "petrov", "role": "seller"}, "A seller needs the ids"),
        ({"name": "", "role": "viewer"}, "A name takes 1 to 64"),
        ({"name": "x" * 65, "role": "viewer"}, "A name takes 1 to 64"),
        ({"name": "a\x07b", "role": "viewer"}, "A name takes 1 to 64"),
        ({"name": "petrov", "role": "king"}, "There is no such role"),
        ({"name": "ROOT", "role": "viewer"}, "The name is taken"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_kept(bare, admin, given, told):
    answer = admin.send("/users", **given)
    assert answer.status_code == 422
    assert told in said(answer.text)
    assert len(bare.office.people.users.every(bare.firm)) == 1


def test_a_name_is_a_text_and_no_markup(bare, admin):
    answer = admin.send("/users", name="<script>alert(1)</script>", role="viewer")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_another_role_holds_from_the_next_page_on(bare, admin):
    viewer = bare.signed_in("anna", "viewer")
    assert viewer.get("/users").status_code == 403
    admin.send(f"/users/{user_id(bare, 'anna')}/role", role="admin")
    assert viewer.get("/users").status_code == 200


def test_a_new_password_ends_every_session_and_a_lock(bare, admin):
    anna = bare.signed_in("anna", "viewer")
    for _ in range(5):
        bare.office.signing_in.sign_in(bare.firm, "anna", "a wrong password")
    answer = admin.send(f"/users/{user_id(bare, 'anna')}/password")
    assert anna.get("/deals").status_code == 303
    assert bare.browser().sign_in("anna").status_code == 422
    assert bare.browser().sign_in("anna", a_password_on(answer.text)).status_code == 303


def test_a_person_is_kept_out_and_let_in_again(bare, admin):
    anna = bare.signed_in("anna", "viewer")
    admin.send(f"/users/{user_id(bare, 'anna')}/disabled")
    assert anna.get("/deals").status_code == 303
    assert bare.browser().sign_in("anna").status_code == 422
    admin.send(f"/users/{user_id(bare, 'anna')}/enabled")
    assert bare.browser().sign_in("anna").status_code == 303


def test_the_last_admin_cannot_be_lost(bare, admin):
    for action in ("disabled", "role"):
        answer = admin.send(f"/users/{user_id(bare, 'root')}/{action}", role="viewer")
        assert answer.status_code == 422
        assert "This is the last admin" in said(answer.text)


def test_a_person_who_is_not_there_is_not_found(admin):
    assert admin.send("/users/nobody/disabled").status_code == 404


def test_the_audit_log_tells_who_did_what_and_how_it_was_before(bare, admin):
    bare.add("anna", "viewer")
    admin.send(f"/users/{user_id(bare, 'anna')}/role", role="manager")
    page = said(admin.get("/audit?what=user.role").text)
    assert "root" in page
    assert "role: Viewer" in page
    assert "role: Manager" in page
    exported = admin.get("/audit?what=user.role&format=csv").text
    assert "role=viewer" in exported


def test_everybody_is_listed_filtered_and_searched(bare, admin):
    bare.add("anna", "viewer")
    bare.add("boris", "seller", "S-9")
    assert re.findall(r"#one\">(\w+)</a>", admin.get("/users").text) == ["anna", "boris", "root"]
    assert re.findall(r"#one\">(\w+)</a>", admin.get("/users?sort=-name").text) == ["root", "boris", "anna"]
    assert re.findall(r"#one\">(\w+)</a>", admin.get("/users?role=seller").text) == ["boris"]
    assert re.findall(r"#one\">(\w+)</a>", admin.get("/users?q=s-9").text) == ["boris"]


def test_the_password_of_the_builders_is_long_enough():
    assert len(PASSWORD) >= 10
