"""An event is the portal's own by its token, and names the item it is about."""

import pytest

from mlscore.crm.bitrix24.events import PortalEvents
from mlscore.ports import Item
from mlscore.scoring.errors import FaultyInputError, NotAllowedError, NotFoundError
from tests.crm.bitrix24.events import MEMBER, TOKEN, a_connection, an_event
from tests.crm.bitrix24.goldens import golden, names


@pytest.mark.parametrize("what", ["ADD", "UPDATE", "DELETE"])
@pytest.mark.parametrize("kind", ["lead", "deal"])
def test_an_event_names_its_item(tmp_path, kind, what):
    events = a_connection(tmp_path)
    assert events.items(an_event(f"ONCRM{kind.upper()}{what}")) == [Item(kind=kind, item_id="759")]


def test_names_are_read_with_their_brackets_as_they_are_and_escaped(tmp_path):
    plain = f"event=ONCRMDEALADD&data[FIELDS][ID]=7&auth[application_token]={TOKEN}".encode()
    assert a_connection(tmp_path).items(plain) == [Item(kind="deal", item_id="7")]


@pytest.mark.parametrize("name", ["ONCRMCOMPANYUPDATE", "ONTASKADD", "ONCRMDEALUSERFIELDADD", "", "ONCRMDEALUPDATE\n"])
def test_an_event_about_something_else_names_none(tmp_path, name):
    assert a_connection(tmp_path).items(an_event(name)) == ()


@pytest.mark.parametrize("token", ["", "jvh9-the-toke", TOKEN + "x", TOKEN.upper(), "ключ"])
def test_another_token_is_refused_whatever_the_event(tmp_path, token):
    for name in ("ONCRMDEALUPDATE", "ONTASKADD"):
        with pytest.raises(NotAllowedError):
            a_connection(tmp_path).items(an_event(name, **{"auth[application_token]": token}))


def test_an_event_without_a_token_is_refused(tmp_path):
    with pytest.raises(NotAllowedError):
        a_connection(tmp_path).items(b"event=ONCRMDEALUPDATE&data[FIELDS][ID]=759")


def test_where_the_portal_is_known_by_name_another_is_refused(tmp_path):
    events = a_connection(tmp_path, member_id=MEMBER)
    assert len(events.items(an_event())) == 1
    with pytest.raises(NotAllowedError):
        events.items(an_event(**{"auth[member_id]": "another"}))


@pytest.mark.parametrize("item_id", ["", "0", "-1", "7 OR 1=1", "7.0", "9" * 20, "٧"])
def test_an_event_that_names_no_item_is_faulty(tmp_path, item_id):
    with pytest.raises(FaultyInputError):
        a_connection(tmp_path).items(an_event(item_id=item_id))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a%d=1" % n for n in range(200)), b"event=%ff&a=%ff"])
def test_what_is_no_form_is_faulty(tmp_path, body):
    with pytest.raises(FaultyInputError):
        a_connection(tmp_path).items(body)


def test_without_a_connection_or_its_token_there_is_nobody_to_hear(tmp_path):
    for events in (PortalEvents(tmp_path / "nowhere"), a_connection(tmp_path, token=None)):
        with pytest.raises(NotFoundError):
            events.items(an_event())


def test_a_connection_that_cannot_be_read_is_none_until_it_is_mended(tmp_path):
    events = a_connection(tmp_path)
    (tmp_path / "secrets.toml").write_text("webhook = ", encoding="utf-8")
    with pytest.raises(NotFoundError):
        events.items(an_event())
    a_connection(tmp_path)
    assert len(events.items(an_event())) == 1


def test_a_token_written_anew_holds_from_the_next_event_on(tmp_path):
    events = a_connection(tmp_path)
    assert len(events.items(an_event())) == 1
    a_connection(tmp_path, token="another-token-now")
    with pytest.raises(NotAllowedError):
        events.items(an_event())


@pytest.mark.parametrize("name", names("event_"))
def test_an_event_as_the_documents_print_it_names_its_item(tmp_path, name):
    printed = golden(name)
    auth, said = printed["event"]["auth"], printed["event"]
    events = a_connection(tmp_path, token=auth["application_token"], member_id=auth["member_id"])
    kind = "lead" if "LEAD" in said["event"] else "deal"
    assert events.items(printed["body"].encode()) == [Item(kind=kind, item_id=str(said["data"]["FIELDS"]["ID"]))]
