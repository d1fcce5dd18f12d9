"""`mlscore doctor` says in words what is missing or misconfigured."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mlscore.cli.checks import around
from mlscore.registry import Shelf, write_key
from mlscore.settings import Settings
from tests.cli.conftest import Run
from tests.registry.models import a_bundle


def test_without_a_key_it_says_how_to_make_one(run: Run) -> None:
    done = run("doctor")
    assert done.exit_code == 1
    assert "mlscore keys create" in done.stdout


def test_what_training_alone_reads_is_no_misspelt_setting(run: Run) -> None:
    run("keys", "create", "crm")
    assert run("doctor", MLSCORE_DATASETS="sets").exit_code == 0
    assert "MLSCORE_DATASET." in run("doctor", MLSCORE_DATASET="sets").stdout
    assert {f"MLSCORE_{name.upper()}" for name in Settings.model_fields} & around.OTHERS == set()


def test_with_a_key_nothing_is_wrong(run: Run) -> None:
    run("keys", "create", "crm")
    done = run("doctor")
    assert done.exit_code == 0
    assert "wrong" not in done.stdout


def test_a_damaged_model_is_named(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    (tmp_path / "models/main/7").mkdir(parents=True)
    (tmp_path / "models/main/champion").write_text('{"version": "7"}', encoding="utf-8")
    done = run("doctor")
    assert done.exit_code == 1
    assert "model" in done.stdout


def test_a_store_that_is_not_there_is_told_in_words(run: Run) -> None:
    done = run("doctor", MLSCORE_DATABASE="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_a_setting_that_cannot_be_used_is_named_with_the_reason(run: Run) -> None:
    done = run("doctor", MLSCORE_PORT="many")
    assert done.exit_code == 1
    assert "MLSCORE_PORT" in done.stderr


def test_before_any_training_the_shelf_says_who_answers(run: Run) -> None:
    done = run("model", "show")
    assert done.exit_code == 0
    assert "the policy's prior answers" in done.stdout


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").stdout.startswith("mlscore ")


@pytest.mark.parametrize("address", ["sqlite:///none.db", "sqlite+pysqlite:///none.db?timeout=5"])
def test_looking_makes_and_changes_nothing(run: Run, tmp_path: Path, address: str) -> None:
    before = sorted(tmp_path.iterdir())
    assert "there is none yet" in run("doctor", MLSCORE_DATABASE=address).stdout
    assert sorted(tmp_path.iterdir()) == before


def test_the_shipped_policy_is_told_from_the_firms_own(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    assert "the shipped example" in run("doctor").stdout
    own = tmp_path / "own.toml"
    run("policy", "show", own, "--default")
    own.write_text(own.read_text(encoding="utf-8").replace("500_000", "600_000"), encoding="utf-8")
    run("policy", "apply", own, "--why", "rent went up")
    assert "the shipped example" not in run("doctor").stdout


def test_an_address_in_use_is_told(run: Run) -> None:
    run("keys", "create", "crm")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("doctor", MLSCORE_PORT=str(taken.getsockname()[1]))
    assert done.exit_code == 1
    assert "is in use" in done.stdout


@pytest.mark.parametrize(("name", "said"), [("mlscore", "an mlscore serves there"), ("another", "is in use")])
def test_a_service_that_runs_is_told_from_a_stranger_at_its_address(run: Run, name: str, said: str) -> None:
    run("keys", "create", "crm")
    with serving({"name": name}) as port:
        done = run("doctor", MLSCORE_PORT=port, MLSCORE_HOST="127.0.0.1")
    assert said in done.stdout
    assert (done.exit_code == 0) == (name == "mlscore")


@contextmanager
def serving(answer: Mapping[str, str]) -> Iterator[int]:
    """Answer every GET on a free port with the same JSON."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_an_unsigned_champion_is_wrong_where_keys_are_trusted(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    shelf = Shelf(tmp_path / "models")
    shelf.put("main", "1", a_bundle(tmp_path / "bundle"))
    shelf.point("main", "1")
    signer = write_key(tmp_path / "signing.pem")
    assert "anybody" in run("doctor").stdout
    done = run("doctor", MLSCORE_TRUSTED_KEYS=signer.public())
    assert done.exit_code == 1
    assert "is not signed" in done.stdout
    shelf.sign("main", "1", signer)
    done = run("doctor", MLSCORE_TRUSTED_KEYS=signer.public())
    assert done.exit_code == 0
    assert "good  signature" in done.stdout


def test_a_signing_key_where_models_are_served_is_noted(run: Run, tmp_path: Path) -> None:
    run("keys", "create", "crm")
    signer = write_key(tmp_path / "signing.pem")
    done = run("doctor", MLSCORE_TRUSTED_KEYS=signer.public(), MLSCORE_SIGNING_KEY=str(tmp_path / "signing.pem"))
    assert "take it away" in done.stdout
