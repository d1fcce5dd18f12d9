"""`mlscore bitrix24 run`, `status` and `retry`, on a portal that is none."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlscore.crm.bitrix24.fake import FakePortal, Served, serve_portal
from mlscore.ports import Item, Mirror
from mlscore.store import Store, open_store
from tests.cli.conftest import Run
from tests.crm.bitrix24.crms import EXAMPLE, with_score_fields
from tests.serving import PATIENCE_SECONDS, until


@contextmanager
def stored(folder: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    store.migrate()
    yield store
    store.close()


def deal(number: int) -> Item:
    return Item(kind="deal", item_id=str(number))


def some_items(folder: Path) -> None:
    """One scored under an old policy, one that waits, one that was tried too often."""
    told = datetime.now(UTC) - timedelta(minutes=3)
    with stored(folder) as store:
        store.mirrors.keep("main", "bitrix24", [Mirror(item=deal(1), deal_id="D_1", is_open=True, seen_at=told)])
        store.tasks.tell("main", "bitrix24", [deal(2)], why="event", at=told)
        claimed = store.tasks.claim("main", "bitrix24", by="one", at=told, until=told, at_most=1)
        store.tasks.put_off("main", "bitrix24", claimed, by="one", due_at=None, fault="ACCESS_DENIED")
        store.tasks.tell("main", "bitrix24", [deal(3)], why="sweep", at=told)


def test_the_status_of_nothing_is_that_all_is_fresh(run: Run) -> None:
    done = run("bitrix24", "status")
    assert done.exit_code == 0
    assert "0 open items, 0 with a fresh score (100.0%)." in done.stdout


def test_the_status_says_what_is_old_what_waits_and_what_went_wrong(run: Run, tmp_path: Path) -> None:
    some_items(tmp_path)
    said = run("bitrix24", "status").stdout
    assert "3 open items, 0 with a fresh score (0.0%)." in said
    assert "By what: a new champion: 1, changed in the CRM: 1, a new policy: 1, found by the sweep: 1." in said
    assert "1 wait to be looked at, the first for 18" in said
    assert "D_2 is set aside after 1 tries: ACCESS_DENIED" in said


def test_machines_are_told_the_same(run: Run, tmp_path: Path) -> None:
    some_items(tmp_path)
    told = json.loads(run("bitrix24", "status", "--json").stdout)
    assert (told["held_by"], told["workers_waiting"]) == (None, [])
    assert (told["open"], told["stale"], told["fresh_share"], told["waiting"]) == (3, 3, 0.0, 1)
    assert told["set_aside"] == [{"item": "D_2", "tries": 1, "fault": "ACCESS_DENIED"}]
    assert told["oldest_task_seconds"] >= 180


def test_the_status_says_who_calls_the_portal_and_who_waits(run: Run, tmp_path: Path) -> None:
    assert "No worker runs: mlscore bitrix24 run" in run("bitrix24", "status").stdout
    at = datetime.now(UTC)
    with stored(tmp_path) as store:
        for name in ("here 1", "there 2"):
            store.holds.take("main", "bitrix24", by=name, at=at, until=at + timedelta(minutes=5))
    said = run("bitrix24", "status").stdout
    assert "Worker here 1 calls the portal.\nWorker there 2 waits for its end." in said
    told = json.loads(run("bitrix24", "status", "--json").stdout)
    assert (told["held_by"], told["workers_waiting"]) == ("here 1", ["there 2"])


def test_what_was_set_aside_is_tried_again_and_so_is_what_is_named(run: Run, tmp_path: Path) -> None:
    some_items(tmp_path)
    assert "1 item(s) will be looked at again" in run("bitrix24", "retry").stdout
    assert "2 item(s) will be looked at again" in run("bitrix24", "retry", "d_1", "L_12").stdout
    at = datetime.now(UTC)
    with stored(tmp_path) as store:
        found = store.tasks.claim("main", "bitrix24", by="one", at=at, until=at + timedelta(minutes=1), at_most=9)
    assert {(task.item.kind, task.item.item_id, task.why, task.tries) for task in found} == {
        ("deal", "2", "event", 0),
        ("deal", "3", "sweep", 0),
        ("deal", "1", "person", 0),
        ("lead", "12", "person", 0),
    }


@pytest.mark.parametrize("name", ["759", "X_1", "D_", "D_1 OR 1", "D_-1"])
def test_a_name_that_is_none_is_refused(run: Run, name: str) -> None:
    refused = run("bitrix24", "retry", name)
    assert refused.exit_code == 1
    assert "names no item" in refused.stderr


def test_without_a_connected_portal_there_is_nothing_to_keep_in_step(run: Run) -> None:
    refused = run("bitrix24", "run")
    assert refused.exit_code == 1
    assert "mlscore bitrix24 connect" in refused.stderr


@pytest.fixture
def portal() -> Iterator[Served]:
    fake = with_score_fields(FakePortal(seed=1, code="hush"))
    with serve_portal(fake) as served:
        served.admin.found(leads=3, deals=6, closed=4)
        yield served


def settings_for(folder: Path, portal: Served) -> Mapping[str, str]:
    connection = folder / "bitrix24"
    connection.mkdir(exist_ok=True)
    shutil.copy(EXAMPLE, connection / "mapping.toml")
    (connection / "secrets.toml").write_text(f'webhook = "{portal.webhook}"\n', encoding="utf-8")
    return {
        "MLSCORE_DATABASE": f"sqlite:///{folder / 'store.db'}",
        "MLSCORE_MODELS": str(folder / "models"),
        "MLSCORE_BITRIX24": str(connection),
        "MLSCORE_OUTGOING_ALLOWED": "127.0.0.0/8, http://127.0.0.1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


def is_shown(portal: Served) -> bool:
    items = [*portal.admin.items(kind="deal"), *portal.admin.items(kind="lead")]
    return all(item.get("UF_CRM_SCORE_RECEIPT") for item in items if item.get("stageSemanticId") == "P")


@contextmanager
def running(folder: Path, portal: Served, log: str) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLSCORE_")}
    command = [sys.executable, "-m", "mlscore.cli", "bitrix24", "run"]
    with (folder / log).open("ab") as said:
        process = subprocess.Popen(command, cwd=folder, env={**kept, **settings_for(folder, portal)}, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)


def holder(folder: Path) -> str | None:
    with stored(folder) as store:
        found = store.holds.look("main", "bitrix24", at=datetime.now(UTC))
    return found.by if found else None


def test_a_second_worker_waits_and_goes_on_within_seconds_when_the_first_is_killed(
    tmp_path: Path, portal: Served
) -> None:
    with running(tmp_path, portal, "first") as first:
        until(lambda: is_shown(portal), process=first)
        held = holder(tmp_path)
        with running(tmp_path, portal, "second") as second:
            until(lambda: "held_by" in (tmp_path / "second").read_text(encoding="utf-8"), process=second)
            assert held is not None
            assert f" {first.pid} " in held
            first.kill()
            [changed, *_] = [item["id"] for item in portal.admin.items() if item.get("stageSemanticId") == "P"]
            before = len(portal.portal.writes)
            portal.admin.edit(item=changed, fields={"opportunity": 1})
            took = until(lambda: f" {second.pid} " in (holder(tmp_path) or ""), process=second)
            assert took < 15
            until(lambda: len(portal.portal.writes) > before, process=second)
            second.terminate()
            assert second.wait(PATIENCE_SECONDS) == 0
    assert holder(tmp_path) is None
    said = (tmp_path / "second").read_text(encoding="utf-8")
    assert (said.count("another worker holds the CRM"), said.count('"holding"') + said.count(" holding ")) == (1, 1)


def test_a_whole_portal_is_scored_without_an_event_and_a_told_end_finishes_what_is_in_hand(
    tmp_path: Path, portal: Served, run: Run
) -> None:
    with running(tmp_path, portal, "log") as process:
        until(lambda: is_shown(portal), process=process)
        first = len(portal.portal.writes)
        [changed, *_] = [item["id"] for item in portal.admin.items() if item.get("stageSemanticId") == "P"]
        with stored(tmp_path) as store:
            portal.admin.edit(item=changed, fields={"opportunity": 1, "UF_CRM_SCORE_VERDICT": "mine"})
            store.tasks.tell("main", "bitrix24", [deal(changed)], why="event", at=datetime.now(UTC))
        until(lambda: len(portal.portal.writes) > first, process=process)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    told = json.loads(run("bitrix24", "status", "--json").stdout)
    assert (told["open"], told["stale"], told["set_aside"]) == (9, 0, [])
    assert [write.changed for write in portal.portal.writes].count(False) == 0
    assert "hush" not in (tmp_path / "log").read_text(encoding="utf-8")
