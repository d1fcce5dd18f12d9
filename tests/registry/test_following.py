"""The shelf follows a tracking server's alias, takes only what passes the check, and outlives the server."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from mlscore.registry import FollowReport, Shelf, Trust, follow, follow_once, registered_model_name, write_key
from tests.registry.models import EVERY_KIND, a_bundle, a_constant_model, with_json

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns of its own tables and of models without type hints

NAME = "mlscore"
PYFUNC = """
import mlflow


class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str], params=None):
        raise RuntimeError("following must never run this")


mlflow.models.set_model(Model())
"""


@dataclass
class Server:
    """A tracking store with the versions of one registered model: 1 good, 2 tampered with, 3 of other making."""

    uri: str
    client: MlflowClient
    good: Path

    def name_champion(self, version: str) -> None:
        self.client.set_registered_model_alias(NAME, "champion", version)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    good = a_bundle(folder / "bundle", EVERY_KIND["booster"]())
    made = Server(uri, MlflowClient(uri, uri), good)
    (folder / "model.py").write_text(PYFUNC, encoding="utf-8")
    experiment = made.client.create_experiment("main", artifact_location=str(folder / "artifacts"))
    with mlflow.start_run(experiment_id=experiment):
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(folder / "model.py"),
            artifacts={"bundle": str(good)},
            pip_requirements=["numpy"],
            registered_model_name=NAME,
        )
    bad = a_bundle(folder / "bad" / "artifacts" / "bundle", a_constant_model(0.3))
    with_json(bad, "model.json", calibration={"kind": "sigmoid", "slope": 2.0, "intercept": 0.1})
    made.client.create_model_version(NAME, source=str(folder / "bad"))
    (folder / "other").mkdir()
    (folder / "other" / "model.pkl").write_bytes(b"\x80")
    made.client.create_model_version(NAME, source=str(folder / "other"))
    # Whoever follows asks the server he was told of, wherever this process would look by itself.
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'another.db'}")
    yield made
    mlflow.set_tracking_uri(None)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def look(shelf: Shelf, server: Server) -> FollowReport:
    return follow_once(shelf, firm="main", tracking_uri=server.uri, model_name=NAME)


def test_the_alias_is_followed_to_the_shelf(server: Server, shelf: Shelf) -> None:
    server.name_champion("1")
    assert shelf.followed_at("main") is None
    assert look(shelf, server) == FollowReport("main", "moved", "1")
    assert shelf.followed_at("main") is not None
    assert shelf.champion("main") == "1"
    assert {path.suffix for path in shelf.folder("main", "1").iterdir()} == {".json", ".md", ".lgb"}
    assert look(shelf, server) == FollowReport("main", "unchanged", "1")


def test_a_version_that_fails_its_check_is_refused_and_the_old_one_stays(server: Server, shelf: Shelf) -> None:
    shelf.put("main", "1", server.good)
    shelf.point("main", "1")
    server.name_champion("2")
    report = look(shelf, server)
    assert (report.outcome, report.version) == ("refused", "2")
    assert "does not answer as it did when it was written" in str(report.reason)
    assert (shelf.champion("main"), shelf.versions("main")) == ("1", ("1",))
    server.name_champion("1")
    assert look(shelf, server).outcome == "unchanged"


def test_a_model_of_other_making_is_refused(server: Server, shelf: Shelf) -> None:
    server.name_champion("3")
    report = look(shelf, server)
    assert report.outcome == "refused"
    assert "it was not published by mlscore" in str(report.reason)
    assert shelf.versions("main") == ()


def test_where_keys_are_trusted_an_unsigned_version_is_refused_before_it_is_tried(
    server: Server, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "models", trust=Trust.of(write_key(tmp_path / "signing.pem").public()))
    server.name_champion("1")
    report = look(shelf, server)
    assert (report.outcome, shelf.versions("main")) == ("refused", ())
    assert "is not signed" in str(report.reason)
    shelf.put("main", "1", server.good)
    assert look(shelf, server).outcome == "refused"
    assert shelf.champion("main") is None


def test_a_damaged_version_on_the_shelf_is_not_pointed_at(server: Server, shelf: Shelf) -> None:
    server.name_champion("1")
    shelf.put("main", "1", server.good)
    (shelf.models_dir / "main" / "champion").write_text("{", encoding="utf-8")
    (shelf.folder("main", "1") / "card.md").write_text("another", encoding="utf-8")
    report = look(shelf, server)
    assert report.outcome == "refused"
    assert "card.md" in str(report.reason)


def test_following_goes_on_until_it_is_stopped_and_refuses_once(server: Server, shelf: Shelf) -> None:
    server.name_champion("3")
    stop, reports = threading.Event(), []

    def report(one: FollowReport) -> None:
        reports.append(one)
        if len(reports) == 3:
            server.name_champion("1")
        if len(reports) == 5:
            stop.set()

    follow(shelf, firm="main", tracking_uri=server.uri, model_name=NAME, poll_seconds=0.0, stop=stop, report=report)
    assert [one.outcome for one in reports] == ["refused", "refused", "refused", "moved", "unchanged"]
    assert reports[2] is reports[0]


def test_a_server_that_is_down_is_a_report_without_its_password(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    report = follow_once(shelf, firm="main", tracking_uri="http://joe:hunter2@127.0.0.1:9", model_name=NAME)
    assert (report.outcome, report.version) == ("unreachable", None)
    assert "http://127.0.0.1:9 gives no mlscore@champion" in str(report.reason)
    assert "hunter2" not in str(report.reason)
    assert shelf.followed_at("main") is None


def test_the_main_firm_has_the_plain_name() -> None:
    assert [registered_model_name(firm) for firm in ("main", "acme")] == ["mlscore", "mlscore-acme"]
