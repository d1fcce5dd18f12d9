"""What is asked for on the pages is done in the tracking server and on the shelf, or refused with a reason."""

from dataclasses import dataclass, field, replace

import mlflow
import pytest
from mlflow import MlflowClient

from mlscore.ports import Wish
from mlscore.registry import Shelf, grant
from mlscore.scoring.errors import UnreachableError
from tests.builders import NOON
from tests.fakes import FakeClock
from tests.registry.models import a_bundle, a_constant_model, with_json

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own tables
NAME = "mlscore"


@dataclass
class Kept:
    """Keeps one wish, as the store does."""

    wish: Wish | None = None
    faults: list[str | None] = field(default_factory=list)

    def pending(self, firm):
        return self.wish

    def done(self, firm, number, *, at, fault=None):
        self.wish = None
        self.faults.append(fault)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Give a tracking store in which versions 1, 2 and 3 are registered."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri, uri)
    client.create_registered_model(NAME)
    for version in range(3):
        client.create_model_version(NAME, str(folder / str(version)))
    return uri, client


@pytest.fixture
def shelf(tmp_path):
    made = Shelf(tmp_path / "models")
    for version, probability in (("1", 0.3), ("2", 0.6)):
        made.put("main", version, a_bundle(tmp_path / f"of-{version}", a_constant_model(probability)))
    made.point("main", "1")
    return made


def granted(shelf, wishes, uri):
    return grant(shelf, wishes, firm="main", tracking_uri=uri, model_name=NAME, clock=FakeClock())


def a_wish(**said):
    return Wish(**{"kind": "promote", "version": "2", "why": "x", "by": "Анна", "at": NOON, "number": 1, **said})


def test_a_version_asked_for_becomes_champion_in_the_registry_and_on_the_shelf(shelf, server):
    uri, client = server
    wishes = Kept(a_wish())
    assert granted(shelf, wishes, uri).version == "2"
    assert shelf.champion("main") == "2"
    assert str(client.get_model_version_by_alias(NAME, "champion").version) == "2"
    assert (wishes.wish, wishes.faults) == (None, [None])


def test_a_way_back_is_a_way_back_on_the_shelf_too(shelf, server):
    uri, client = server
    shelf.point("main", "2")
    granted(shelf, Kept(a_wish(kind="roll_back", version="1")), uri)
    assert shelf.champion("main") == "1"
    assert shelf.previous("main") == ()
    assert str(client.get_model_version_by_alias(NAME, "champion").version) == "1"


def test_without_a_wish_nothing_is_done(shelf, server):
    assert granted(shelf, Kept(), server[0]) is None
    assert shelf.champion("main") == "1"


@pytest.mark.parametrize(("version", "fault"), [("9", "No model 9 lies on the shelf"), ("../1", "No model")])
def test_a_version_that_is_not_there_is_refused(shelf, server, version, fault):
    wishes = Kept(a_wish(version=version))
    granted(shelf, wishes, server[0])
    assert shelf.champion("main") == "1"
    assert wishes.faults[0].startswith(fault)


def test_a_model_that_does_not_answer_as_it_did_is_refused_and_no_alias_moves(shelf, server, tmp_path):
    uri, client = server
    client.set_registered_model_alias(NAME, "champion", "1")
    bad = with_json(a_bundle(tmp_path / "bad", a_constant_model(0.5)), "model.json", members=[])
    shelf.put("main", "3", bad)
    wishes = Kept(a_wish(version="3"))
    granted(shelf, wishes, uri)
    assert shelf.champion("main") == "1"
    assert str(client.get_model_version_by_alias(NAME, "champion").version) == "1"
    assert wishes.faults[0]


def test_a_version_the_registry_does_not_know_is_refused(shelf, server, tmp_path):
    shelf.put("main", "7", a_bundle(tmp_path / "seven", a_constant_model(0.4)))
    wishes = Kept(a_wish(version="7"))
    granted(shelf, wishes, server[0])
    assert wishes.faults[0] == "The tracking server has no version 7 of mlscore."
    assert shelf.champion("main") == "1"


def test_while_the_server_is_away_the_wish_waits(shelf):
    wishes = Kept(a_wish())
    with pytest.raises(UnreachableError):
        granted(shelf, wishes, "http://127.0.0.1:9")
    assert (shelf.champion("main"), wishes.wish) == ("1", replace(a_wish()))
