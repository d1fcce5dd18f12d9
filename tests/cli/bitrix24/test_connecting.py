"""`mlscore bitrix24 connect`: what a person is asked, told and left with; and that no secret is ever said."""

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mlscore.cli import app
from mlscore.crm.bitrix24.connection import read_connection
from mlscore.crm.bitrix24.fake import FakePortal, Served, serve_portal
from mlscore.crm.bitrix24.fake.fields import DEAL
from mlscore.crm.bitrix24.mapping import SCORE_FIELDS, read_portal_mapping
from mlscore.store import open_store

CODE, TOKEN = "s3cretc0de", "t0ken-of-the-portal"
ALLOWED = "127.0.0.0/8, http://127.0.0.1"


class Person:
    """Who connects a portal, in a folder of his own; answers come from the standard input."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served, self.folder = served, folder
        self._runner = CliRunner(
            env={
                "MLSCORE_DATABASE": f"sqlite:///{folder / 'store.db'}",
                "MLSCORE_OUTGOING_ALLOWED": ALLOWED,
                "COLUMNS": "200",
            }
        )

    def connects(self, *arguments: str, webhook: str | None = None, token: str = TOKEN) -> Result:
        address = self.served.webhook if webhook is None else webhook
        known = (self.folder / "bitrix24" / "secrets.toml").exists() and "--anew" not in arguments
        given = f"{'' if known else address + chr(10)}{token}\n"
        done = self._runner.invoke(app, ["bitrix24", "connect", *arguments], input=given)
        assert CODE not in done.output + str(done.exception)
        assert TOKEN not in done.output + str(done.exception)
        return done


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.chdir(tmp_path)
    with serve_portal(FakePortal(seed=1, code=CODE)) as served:
        served.admin.found(leads=3, deals=6, closed=4)
        yield Person(served, tmp_path)


def cards(served: Served) -> list[object]:
    return [item.get(one.name) for item in served.portal.state.items[DEAL].values() for one in SCORE_FIELDS]


def test_a_portal_is_connected_rehearsed_and_not_written_to(person: Person) -> None:
    done = person.connects("--yes", "--address", "https://score.example.ru/")
    assert done.exit_code == 0, done.output
    assert "Made 24 fields." in done.output
    assert "Потребность в паре, т/ч" in done.output
    assert "Rehearsal: 3 open item(s)" in done.output
    assert "Оценка: решение" in done.output
    assert "https://score.example.ru/v1/bitrix24/events" in done.output
    assert set(cards(person.served)) == {None}
    store = open_store(f"sqlite:///{person.folder / 'store.db'}")
    assert store.receipts.of_deal("main", f"D_{max(person.served.portal.state.items[DEAL])}") == []
    store.close()


def test_what_is_left_is_a_mapping_without_secrets_and_secrets_for_their_owner_alone(person: Person) -> None:
    person.connects("--yes", "--address", "https://score.example.ru", "--funnel", "0")
    folder = person.folder / "bitrix24"
    assert stat.S_IMODE((folder / "secrets.toml").stat().st_mode) == 0o600
    connection = read_connection(folder)
    assert connection is not None
    assert connection.secrets.webhook.get_secret_value() == person.served.webhook
    assert connection.secrets.token is not None
    assert connection.secrets.token.get_secret_value() == TOKEN
    mapping = (folder / "mapping.toml").read_text(encoding="utf-8")
    assert CODE not in mapping
    assert TOKEN not in mapping
    terms = read_portal_mapping(folder / "mapping.toml")
    assert terms.deal is not None
    assert (terms.deal.funnels, len(terms.write.fields)) == ((0,), len(SCORE_FIELDS))
    assert tomllib.loads(mapping)["write"]["pages_address"] == "https://score.example.ru"


def test_the_method_somebody_copied_along_with_the_address_does_no_harm(person: Person) -> None:
    assert person.connects("--yes", webhook=f"{person.served.webhook}profile.json").exit_code == 0


def test_connecting_again_asks_for_nothing_and_keeps_the_mapping_as_it_was_changed(person: Person) -> None:
    person.connects("--yes")
    mapping = person.folder / "bitrix24" / "mapping.toml"
    mine = mapping.read_text(encoding="utf-8").replace('fire = "UF_CRM_SCORE_FIRE"\n', "")
    mapping.write_text(mine, encoding="utf-8")
    done = person.connects()
    assert done.exit_code == 0, done.output
    assert "The score fields are there." in done.output
    assert mapping.read_text(encoding="utf-8") == mine
    assert "Оценка: Огонь" not in done.output.partition("Rehearsal")[2]


def test_anew_takes_another_webhook_and_keeps_the_token(person: Person) -> None:
    person.connects("--yes")
    assert person.connects("--yes", "--anew", token="").exit_code == 0
    connection = read_connection(person.folder / "bitrix24")
    assert connection is not None
    assert connection.secrets.token is not None
    assert (person.folder / "bitrix24" / "mapping.toml.before").exists()


def test_without_a_yes_nothing_is_made_and_it_says_what_to_make(person: Person) -> None:
    done = person.connects()
    assert done.exit_code == 0, done.output
    assert "UF_CRM_SCORE_GRADE" in done.output
    assert not [name for name in person.served.portal.state.user_fields[DEAL] if "SCORE" in name]


@pytest.mark.parametrize(
    ("webhook", "said"),
    [
        ("https://firm.bitrix24.ru/", "That is no address of an incoming webhook"),
        (f"not an address {CODE}", "That is no address of an incoming webhook"),
        ("", "That is no address of an incoming webhook"),
        (f"https://10.0.0.1/rest/1/{CODE}/", "MLSCORE_OUTGOING_ALLOWED"),
        (f"http://firm.bitrix24.ru/rest/1/{CODE}/", "Only https://"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_saying_it(person: Person, webhook: str, said: str) -> None:
    done = person.connects(webhook=webhook)
    assert done.exit_code == 1
    assert said in done.output
    assert not (person.folder / "bitrix24").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"access": "NO_AUTH_FOUND"}, "wrong"),
        ({"access": "expired_token"}, "expired"),
        ({"scopes": ["catalog"]}, "tick CRM"),
        ({"may_write": False}, "may not do enough"),
        ({"is_overloaded": True}, "blocked"),
    ],
)
def test_a_webhook_that_may_too_little_is_told_in_words_and_nothing_is_kept(
    person: Person, fault: dict[str, object], said: str
) -> None:
    person.served.admin.fault(**fault)
    done = person.connects("--yes")
    assert done.exit_code == 1
    assert said in done.output
    assert not (person.folder / "bitrix24").exists()


def test_a_funnel_that_is_not_there_is_refused(person: Person) -> None:
    done = person.connects("--yes", "--funnel", "7")
    assert done.exit_code == 1
    assert "no funnel 7" in done.output


def test_a_token_that_is_none_is_refused_without_saying_it(person: Person) -> None:
    done = person.connects("--yes", token="a b c d e f g h")
    assert done.exit_code == 1
    assert "a b c d" not in done.output


def test_a_portal_without_open_deals_is_connected_all_the_same(person: Person) -> None:
    for kind in person.served.portal.state.items.values():
        kind.clear()
    done = person.connects("--yes")
    assert done.exit_code == 0, done.output
    assert "Rehearsal: 0 open item(s)" in done.output
