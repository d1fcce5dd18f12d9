"""`mlscore webhooks` makes webhooks, shows each secret once, tells what is due, and deals with dead letters."""

import logging
import os
import re
import signal
import subprocess
import sys

import pytest
import structlog

from mlscore.bootstrap import now
from mlscore.service.telling import verify
from mlscore.store import open_store
from tests.cli.conftest import Run
from tests.service.telling.receivers import Receiver, receiving
from tests.serving import until
from tests.store.builders import a_receipt

INSIDE = {"MLSCORE_OUTGOING_ALLOWED": "127.0.0.0/8, http://127.0.0.1"}


@pytest.fixture(autouse=True)
def logs_as_they_were():
    """Put back what `webhooks run` made of the logs: its stream ends with it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def receiver():
    """Give a receiver that listens."""
    with receiving(Receiver()) as listening:
        yield listening


def made(run: Run, *arguments: str) -> tuple[str, str]:
    """Make a webhook; return its id and its secret."""
    done = run("webhooks", "create", "crm", *arguments, **INSIDE)
    assert done.exit_code == 0, done.output
    return re.search(r"its id is (\S+)\.", done.stderr)[1], done.stdout.strip().removeprefix("Webhook secret: ")


def scored(tmp_path, count: int = 1) -> list[str]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    receipts = [a_receipt() for _ in range(count)]
    store.receipts.keep("main", receipts)
    store.close()
    return [receipt.receipt_id for receipt in receipts]


def test_a_secret_is_shown_once_and_listed_never(run: Run, receiver) -> None:
    webhook_id, secret = made(run, "--url", f"{receiver.url}/a-token-in-the-path")
    assert secret.startswith("whsec_")
    listed = run("webhooks", "list").stdout
    assert webhook_id in listed
    assert "tells 127.0.0.1" in listed
    assert secret not in listed
    assert "a-token-in-the-path" not in listed


def test_a_score_is_told_as_the_api_answers_it(run: Run, receiver, tmp_path) -> None:
    _, secret = made(run, "--url", receiver.url)
    [receipt_id] = scored(tmp_path)
    done = run("webhooks", "run", "--once", MLSCORE_LANGUAGE="ru", **INSIDE)
    assert (done.exit_code, "1 score(s) told" in done.stdout) == (0, True), done.output
    [got] = receiver.got
    assert re.fullmatch(r"v1,\S+", got.headers["webhook-signature"])
    assert got.headers["webhook-id"] == got.json["data"]["receipt_id"] == receipt_id
    assert "Добейтесь" in got.body.decode()
    assert verify(got.headers, got.body, [secret], at=now()) == receipt_id


def test_it_goes_on_telling_until_it_is_told_to_stop(run: Run, receiver, tmp_path) -> None:
    made(run, "--url", receiver.url)
    store = f"sqlite:///{tmp_path / 'store.db'}"
    environment = {**os.environ, **INSIDE, "MLSCORE_DATABASE": store, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "mlscore.cli", "webhooks", "run"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as process:
        for count in (1, 3):
            scored(tmp_path, count - len(receiver.got))
            until(lambda count=count: len(receiver.got) == count, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_dead_letters_are_listed_and_tried_anew(run: Run, receiver, tmp_path) -> None:
    webhook_id, _ = made(run, "--url", receiver.url)
    assert "no dead letters" in run("webhooks", "dead").stdout
    [receipt_id] = scored(tmp_path)
    receiver.statuses = [400, 200]
    run("webhooks", "run", "--once", **INSIDE)
    assert "1 waiting, 0 dead letter(s)" in run("webhooks", "list").stdout
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    far = a_receipt().scored_at.replace(year=9999)
    [delivery] = store.deliveries.claim("main", webhook_id, at=far, until=far, at_most=1)
    store.deliveries.put_off("main", delivery, due_at=None, fault="answered 400")
    store.close()
    assert f"{webhook_id}  {receipt_id}  2 tries, answered 400" in run("webhooks", "dead").stdout
    assert "1 dead letter(s) will be tried anew" in run("webhooks", "retry").stdout
    assert "1 score(s) told" in run("webhooks", "run", "--once", **INSIDE).stdout


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]/", "https://0x7f.1/", "http://crm.example/"],
)
def test_an_address_that_leads_inside_is_not_saved(run: Run, url: str) -> None:
    done = run("webhooks", "create", "crm", "--url", url)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert run("webhooks", "list").stdout == ""


def test_one_without_an_address_is_a_door_for_events(run: Run) -> None:
    webhook_id, _ = made(run)
    assert f"takes events at /v1/events/{webhook_id}" in run("webhooks", "list").stdout


def test_a_rotated_secret_is_another_and_the_old_one_has_an_end(run: Run) -> None:
    webhook_id, secret = made(run)
    done = run("webhooks", "rotate", webhook_id, "--grace", "48")
    assert secret not in done.output
    assert "48 hour(s)" in done.stderr
    assert "old secret until" in run("webhooks", "list").stdout


def test_one_that_ended_is_listed_with_the_moment_and_gets_no_new_secret(run: Run) -> None:
    webhook_id, _ = made(run)
    assert run("webhooks", "end", webhook_id).exit_code == 0
    assert ", ended " in run("webhooks", "list").stdout
    assert run("webhooks", "rotate", webhook_id).exit_code == 1


def test_a_secret_of_the_other_side_is_asked_for_unseen_and_checked(run: Run) -> None:
    done = run("webhooks", "create", "crm", "--own-secret")  # no answer comes
    assert done.exit_code != 0
    assert run("webhooks", "list").stdout == ""


def test_a_webhook_that_is_not_there_is_told_so(run: Run) -> None:
    for command in ("rotate", "end"):
        done = run("webhooks", command, "none")
        assert done.exit_code == 1
        assert "no webhook" in done.stderr
