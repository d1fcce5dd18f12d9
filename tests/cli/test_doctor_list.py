"""`mlscore doctor` finds each misconfiguration of the list in docs/operations.md: every one is planted here."""

import os
import re
import shutil
import sqlite3
import sys
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlscore.cli.checks import keeping
from mlscore.cli.checks import telling as checks_telling
from mlscore.ports import Item
from mlscore.registry import Shelf
from mlscore.store import Store, open_store
from tests.cli.conftest import Run
from tests.registry.models import a_bundle, a_constant_model
from tests.store.builders import a_receipt

MAPPING = Path(__file__).parents[2] / "docs/examples/bitrix24/mapping.toml"
SECRETS = "webhook = 'https://firm.bitrix24.ru/rest/1/s/'\ntoken = 't'\nmember_id = 'm'\n"
PAGE = Path(__file__).parents[2] / "docs/operations.md"
Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - the shape of shutil.disk_usage
LONG_AGO = datetime.now(UTC) - timedelta(days=400)


@dataclass
class Place:
    """Where a misconfiguration is planted."""

    folder: Path
    run: Run
    monkeypatch: pytest.MonkeyPatch

    def write(self, name: str, text: str = "x") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def sql(self, statement: str) -> None:
        connection = sqlite3.connect(self.folder / "store.db")
        with connection:
            connection.execute(statement)
        connection.close()

    def champion(self, *, at: datetime) -> None:
        shelf = Shelf(self.folder / "models", clock=lambda: at)
        shelf.put("main", "7", a_bundle(self.folder / "bundle", a_constant_model(0.4), told="7"))
        shelf.point("main", "7")


def from_the_future(place: Place) -> None:
    store = open_store(f"sqlite:///{place.folder / 'store.db'}")
    store.receipts.keep("main", [a_receipt(scored_at=datetime.now(UTC) + timedelta(hours=3))])
    store.close()


def abandoned_follower(place: Place) -> None:
    place.write("models/main/.followed")
    os.utime(place.folder / "models/main/.followed", (0, 0))


def telling(place: Place, *, scores: int) -> Store:
    store = open_store(f"sqlite:///{place.folder / 'store.db'}")
    hook = store.webhooks.create("main", "crm", url="https://crm.example/", secret="s", at=LONG_AGO)
    store.receipts.keep("main", [a_receipt() for _ in range(scores)])
    store.deliveries.note("main", hook.webhook_id, at=LONG_AGO, at_most=scores)
    return store


def untold(place: Place) -> None:
    store = telling(place, scores=1)
    [hook] = store.webhooks.every("main")
    [delivery] = store.deliveries.claim("main", hook.webhook_id, at=LONG_AGO, until=LONG_AGO, at_most=1)
    store.deliveries.put_off("main", delivery, due_at=None, fault="answered 404")
    store.close()


def piled_up(place: Place) -> None:
    place.monkeypatch.setattr(checks_telling, "WAITING_AT_MOST", 1)
    telling(place, scores=2).close()


def connected(place: Place, secrets: str, *, mode: int = 0o600) -> Mapping[str, str]:
    file = place.write("bitrix24/secrets.toml", secrets)
    file.chmod(mode)
    shutil.copy(MAPPING, place.folder / "bitrix24/mapping.toml")
    return {"MLSCORE_BITRIX24": str(place.folder / "bitrix24")}


def unfit_mapping(place: Place) -> Mapping[str, str]:
    settings = connected(place, SECRETS)
    place.write("bitrix24/mapping.toml", "[colour]\nred = true\n")
    return settings


def waiting_item(place: Place, *, is_aside: bool = False) -> None:
    store = open_store(f"sqlite:///{place.folder / 'store.db'}")
    store.tasks.tell("main", "bitrix24", [Item(kind="deal", item_id="759")], why="event", at=LONG_AGO)
    if is_aside:
        claimed = store.tasks.claim("main", "bitrix24", by="one", at=LONG_AGO, until=LONG_AGO, at_most=1)
        store.tasks.put_off("main", "bitrix24", claimed, by="one", due_at=None, fault="broken")
    store.close()


def old_copy(place: Place) -> Mapping[str, str]:
    os.utime(place.write("copies/2026-01-01/backup.json"), (0, 0))
    return {"MLSCORE_BACKUPS": str(place.folder / "copies")}


Plant = Callable[[Place], Mapping[str, str] | None]
PLANTED: Mapping[str, tuple[Plant, str, str]] = {
    "nobody who may sign in to the pages": (
        lambda p: p.sql("DELETE FROM users"),
        "note",
        "nobody may sign in to the pages",
    ),
    "no key": (lambda p: p.sql("DELETE FROM keys"), "wrong", "nobody can call the API"),
    "a key without an end": (lambda p: None, "note", "without an end: crm"),
    "a key that ends soon": (
        lambda p: p.run("keys", "create", "old", "--days", "3"),
        "note",
        "end within 14 days: old",
    ),
    "the shipped policy": (lambda p: None, "note", "the shipped example"),
    "a clock that is wrong": (from_the_future, "wrong", "use NTP"),
    "tables of an older mlscore": (
        lambda p: p.sql("UPDATE alembic_version SET version_num = '0001'"),
        "note",
        "older than this mlscore",
    ),
    "tables of a newer mlscore": (
        lambda p: p.sql("UPDATE alembic_version SET version_num = '9999'"),
        "wrong",
        "a newer mlscore",
    ),
    "SQLite on a network file system": (
        lambda p: p.monkeypatch.setattr(keeping, "MOUNTS", p.write("mounts", f"server:/x {p.folder} nfs4 rw 0 0\n")),
        "wrong",
        "SQLite lies on nfs4",
    ),
    "a disk nearly full": (
        lambda p: p.monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**11, 99 * 10**9, 10**9)),
        "wrong",
        "1.0 GB left",
    ),
    "a folder of models that is none": (lambda p: p.write("models") and None, "wrong", "is no folder"),
    "a damaged champion": (
        lambda p: (
            p.write("models/main/champion", '{"version": "7", "previous": [], "at": "2026-01-01T00:00:00Z"}') and None
        ),
        "wrong",
        "version 7 is refused",
    ),
    "an old champion": (lambda p: p.champion(at=LONG_AGO), "note", "has served for 400 days"),
    "a follower that does not follow": (abandoned_follower, "note", "the tracking server was last reached"),
    "receipts in the spool": (lambda p: p.write("spool/1.journal") and None, "note", "receipts may wait there"),
    "a journal that could not be read": (
        lambda p: p.write("spool/1.unreadable") and None,
        "wrong",
        "could not be read to their end",
    ),
    "dead letters": (untold, "wrong", "never told of scores: crm (1)"),
    "scores that nobody sends": (piled_up, "note", "scores pile up for crm (2)"),
    "secrets of the portal that others may read": (
        lambda p: connected(p, SECRETS, mode=0o644),
        "wrong",
        "others may read",
    ),
    "secrets of the portal that cannot be read": (lambda p: connected(p, "webhook: x"), "wrong", "is not TOML"),
    "no token of the portal": (lambda p: connected(p, "webhook = 'x'"), "note", "names no token"),
    "a mapping of the portal that is faulty": (unfit_mapping, "wrong", "the mapping cannot be used"),
    "items nobody looks at": (waiting_item, "wrong", "does `mlscore bitrix24 run` run?"),
    "items tried too often": (lambda p: waiting_item(p, is_aside=True), "wrong", "1 items were tried too often"),
    "no copies known": (lambda p: None, "note", "MLSCORE_BACKUPS names no folder"),
    "no copy taken": (lambda p: {"MLSCORE_BACKUPS": str(p.folder / "copies")}, "wrong", "take one with"),
    "an old copy": (old_copy, "wrong", "days old"),
    "a setting misspelt": (lambda p: {"MLSCORE_DATABSE": "x"}, "wrong", "no such setting: MLSCORE_DATABSE"),
    "LightGBM missing": (lambda p: p.monkeypatch.setitem(sys.modules, "lightgbm", None), "wrong", "not installed"),
    "OMP_WAIT_POLICY unset": (lambda p: {"OMP_WAIT_POLICY": ""}, "note", "set OMP_WAIT_POLICY=passive"),
    "workers without a folder to count in": (
        lambda p: {"PROMETHEUS_MULTIPROC_DIR": str(p.folder / "nowhere")},
        "wrong",
        "is no folder: workers",
    ),
    "an address of another machine": (lambda p: {"MLSCORE_HOST": "192.0.2.1"}, "wrong", "cannot listen on"),
    "listening to all the world": (lambda p: {"MLSCORE_HOST": "0.0.0.0"}, "note", "put TLS in front of it"),  # noqa: S104 - planted
    "models taken from anybody": (lambda p: None, "note", "models are taken from anybody"),
    "pages open to all the world": (lambda p: {"MLSCORE_HOST": "0.0.0.0"}, "note", "/docs, /metrics can be read"),  # noqa: S104 - planted
    "a password in an address": (
        lambda p: {"MLSCORE_TRACKING_URI": "https://joe:hunter2@mlflow.example"},
        "note",
        "MLSCORE_TRACKING_URI holds a password",
    ),
    "MLflow's first password": (
        lambda p: {
            "MLSCORE_TRACKING_URI": "https://mlflow.example",
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": "password1234",
        },
        "wrong",
        "the password it was shipped with",
    ),
    "a tracking server open to all": (
        lambda p: {"MLSCORE_TRACKING_URI": "https://mlflow.example"},
        "note",
        "asks for no password",
    ),
    "a tracking server without TLS": (
        lambda p: {"MLSCORE_TRACKING_URI": "http://mlflow.example"},
        "note",
        "reached without TLS",
    ),
}


def listed() -> dict[str, str]:
    table = PAGE.read_text(encoding="utf-8").split("<!-- doctor -->")[1].split("<!-- /doctor -->")[0]
    return dict(re.findall(r"^\| ([^|]+) \| (note|wrong) \|", table, re.MULTILINE))


def test_the_list_names_what_is_planted_here_and_nothing_else() -> None:
    assert listed() == {name: state for name, (_, state, _) in PLANTED.items()}


@pytest.mark.parametrize("name", PLANTED)
def test_each_misconfiguration_of_the_list_is_found(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    run("keys", "create", "crm")
    run("users", "create", "anna", "--role", "admin")
    plant, state, said = PLANTED[name]
    planted = plant(Place(tmp_path, run, monkeypatch))
    done = run("doctor", **(planted if isinstance(planted, Mapping) else {}))
    found = [line for line in done.stdout.splitlines() if said in line]
    assert len(found) == 1, done.stdout
    assert found[0].startswith(state)
    assert done.exit_code == ("wrong " in done.stdout)


def test_where_all_is_well_the_doctor_finds_nothing_wrong(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    run("keys", "create", "crm", "--days", "90")
    run("users", "create", "anna", "--role", "admin")
    place = Place(tmp_path, run, monkeypatch)
    place.champion(at=datetime.now(UTC))
    place.write("copies/today/backup.json")
    done = run("doctor", MLSCORE_BACKUPS=str(tmp_path / "copies"))
    assert done.exit_code == 0
    findings = [line.split()[:2] for line in done.stdout.splitlines()]
    assert [what for state, what in findings if state != "good"] == ["policy:", "signature:", "tracking:"], done.stdout
