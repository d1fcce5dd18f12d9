"""The drill: a copy is taken while deals are scored and put back elsewhere; nothing acknowledged before is missing."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.scoring.deal import Deal
from mlscore.service.application import Application
from mlscore.settings import Settings
from tests import postgres as pg
from tests.cli.conftest import Run


@dataclass
class Sellers:
    """Score deal after deal until told to stop; `acknowledged` are the receipts they were given."""

    application: Application
    acknowledged: list[str] = field(default_factory=list)
    some: threading.Event = field(default_factory=threading.Event)
    enough: threading.Event = field(default_factory=threading.Event)

    def score(self) -> None:
        while not self.enough.is_set():
            [receipt] = self.application.scoring.score("main", [Deal(deal_id=f"D-{len(self.acknowledged)}")])
            self.acknowledged.append(receipt.receipt_id)
            if len(self.acknowledged) == 30:
                self.some.set()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self.score)
        thread.start()
        try:
            assert self.some.wait(30)
            yield
        finally:
            self.enough.set()
            thread.join()


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of another database of the same kind, empty or not there yet."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new' / 'mlscore.db'}"
        return
    server: pg.Postgres = request.getfixturevalue("postgres")
    with server.fresh_database() as url:
        yield url


def test_everything_acknowledged_before_a_copy_is_there_after_it_was_put_back(
    database_url: str, elsewhere: str, run: Run, tmp_path: Path
) -> None:
    old = Settings(database=database_url, models=tmp_path / "models", spool=tmp_path / "spool")
    new = Settings(database=elsewhere, models=tmp_path / "new/models", spool=tmp_path / "new/spool")
    copy = tmp_path / "copies" / "today"
    with build_service(old) as application:
        (tmp_path / "models/main").mkdir(parents=True)
        (tmp_path / "models/main/note.txt").write_text("beside the models", encoding="utf-8")
        _, secret = application.keys.create("main", "crm", at=application.clock())
        sellers = Sellers(application)
        with sellers.at_work():
            before = list(sellers.acknowledged)
            done = run("backup", copy, MLSCORE_DATABASE=database_url, MLSCORE_MODELS=old.models)
            assert done.exit_code == 0, done.output
        assert len(sellers.acknowledged) > len(before), "scoring went on meanwhile"
    done = run("restore", copy, MLSCORE_DATABASE=elsewhere, MLSCORE_MODELS=new.models, MLSCORE_SPOOL=new.spool)
    assert done.exit_code == 0, done.output
    with build_service(new) as restored, TestClient(create_app(restored, new)) as client:
        missing = [one for one in before if restored.scoring.receipts.find("main", one) is None]
        assert missing == []
        key = {"Authorization": f"Bearer {secret}"}
        answer = client.post("/v1/score", json={"deal_id": "D-new"}, headers=key)
        assert (answer.status_code, answer.json()["logged"]) == (200, "stored")
    assert (new.models / "main/note.txt").read_text(encoding="utf-8") == "beside the models"


def test_a_copy_names_its_moment_and_the_doctor_finds_it(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    assert run("backup", MLSCORE_BACKUPS=tmp_path / "copies").exit_code == 0
    assert "copies" not in run("doctor", MLSCORE_BACKUPS=str(tmp_path / "copies")).stdout
    assert [path.name[:2] for path in (tmp_path / "copies").iterdir()] == ["20"]


def test_without_a_folder_to_put_it_in_no_copy_is_taken(run: Run) -> None:
    run("keys", "create", "crm")
    done = run("backup")
    assert done.exit_code == 1
    assert "MLSCORE_BACKUPS" in done.stderr


def test_a_damaged_copy_is_refused_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    run("backup", tmp_path / "copy")
    with (tmp_path / "copy/mlscore.db").open("r+b") as file:
        file.seek(200)
        file.write(b"x")
    done = run("restore", tmp_path / "copy", MLSCORE_DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert done.exit_code == 1
    assert "mlscore.db" in done.stderr
    assert not (tmp_path / "new.db").exists()


def test_nothing_that_is_there_is_written_over(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    run("backup", tmp_path / "copy")
    before = (tmp_path / "store.db").read_bytes()
    assert "is there already" in run("restore", tmp_path / "copy").stderr
    assert "is there already" in run("backup", tmp_path / "copy").stderr
    assert (tmp_path / "store.db").read_bytes() == before
    (tmp_path / "models/main").mkdir(parents=True)
    done = run("restore", tmp_path / "copy", MLSCORE_DATABASE=f"sqlite:///{tmp_path / 'new.db'}")
    assert "is not empty" in done.stderr


def test_a_copy_goes_back_into_the_kind_it_was_taken_from(run: Run, tmp_path: Path, postgres: pg.Postgres) -> None:
    run("keys", "create", "crm")
    run("backup", tmp_path / "copy")
    with postgres.fresh_database() as url:
        done = run("restore", tmp_path / "copy", MLSCORE_DATABASE=url)
    assert done.exit_code == 1
    assert "holds no mlscore.dump" in done.stderr


def test_a_copy_leaves_out_what_is_half_made_and_what_is_gone_since_it_was_seen(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool/0.journal").symlink_to(tmp_path / "gone")
    for kept in ("1.journal", "2.unreadable"):
        (tmp_path / "spool" / kept).write_bytes(b"")
    (tmp_path / "models/main/.8.staged").mkdir(parents=True)
    (tmp_path / "models/main/champion").write_text("{}", encoding="utf-8")
    done = run("backup", tmp_path / "copy")
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "copy/spool").iterdir()} == {"1.journal", "2.unreadable"}
    assert [path.name for path in (tmp_path / "copy/models/main").iterdir()] == ["champion"]


def test_a_copy_holds_the_pointers_as_they_were_before_it_began(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training ends while the versions are copied: it points at one that is not among them, and vacates a role."""
    firm = tmp_path / "models" / "main"
    (firm / "1").mkdir(parents=True)
    (firm / "1" / "model.json").write_text("{}", encoding="utf-8")
    (firm / "champion").write_text("names 1", encoding="utf-8")
    (firm / "challenger").write_text("names 1", encoding="utf-8")
    copy2 = shutil.copy2

    def copy_slowly(*arguments: str) -> str:
        (firm / "champion").write_text("names 2", encoding="utf-8")
        (firm / "challenger").unlink(missing_ok=True)
        return copy2(*arguments)

    run("policy", "show")  # makes the database
    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, copy_slowly, False, False))
    done = run("backup", tmp_path / "copy", MLSCORE_MODELS=tmp_path / "models", MLSCORE_SPOOL=tmp_path / "spool")
    assert done.exit_code == 0, done.stderr
    kept = tmp_path / "copy" / "models" / "main"
    assert {path.name: path.read_text(encoding="utf-8") for path in kept.iterdir() if path.is_file()} == {
        "champion": "names 1",
        "challenger": "names 1",
    }


def test_models_that_cannot_be_copied_are_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    firm = tmp_path / "models" / "main" / "1"
    firm.mkdir(parents=True)
    (firm / "model.json").symlink_to(tmp_path / "gone")
    done = run("backup", tmp_path / "copy", MLSCORE_MODELS=tmp_path / "models", MLSCORE_SPOOL=tmp_path / "spool")
    assert (done.exit_code, (tmp_path / "copy").exists()) == (1, False)
    assert "models cannot be copied" in done.stderr
    assert "start the copy again" in done.stderr
