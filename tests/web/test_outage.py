"""While the database is away a person is told so on a page, and a program by a problem."""

from dataclasses import replace

from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.cli.server import make_pages
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.settings import Settings
from tests.web.visiting import Browser, said


class Away:
    """Sessions of a store that does not answer."""

    def find(self, _digest):
        raise StoreUnavailableError("The database does not answer.")


def test_a_person_is_told_that_the_database_is_away_and_nothing_of_a_deal(bare):
    bare.add("anna", "viewer")
    office = bare.office
    signing_in = replace(office.signing_in, sessions=Away())
    application = replace(bare.application, office=replace(office, signing_in=signing_in))
    pages = make_pages(application, Settings())
    with TestClient(create_app(application, Settings(), pages=pages)) as client:
        client.cookies.set("mlscore_session", "whatever it is")
        answer = Browser(client).get("/deals")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert "The database does not answer." in said(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
