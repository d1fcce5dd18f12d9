"""`mlscore spool` shows what waits for the database, and brings it in."""

from pathlib import Path

from mlscore.store import open_store
from mlscore.store.spool import Spool
from mlscore.store.spool.journal import Journal
from tests.cli.conftest import Run
from tests.store.builders import a_receipt


def test_what_waits_is_listed_and_then_stored(run: Run, tmp_path: Path) -> None:
    assert "Nothing waits" in run("spool", "look").stdout
    receipt, spool = a_receipt(), Spool(tmp_path / "spool")
    spool.add("main", [receipt])
    assert "0 receipts stored; 1 are left" in run("spool", "drain").stdout, "its process runs"
    spool.close()
    assert ".journal" in run("spool", "look").stdout
    assert "1 receipts stored; 0 are left" in run("spool", "drain").stdout
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert store.receipts.find("main", receipt.receipt_id) == receipt
    store.close()


def test_a_journal_that_was_damaged_is_pointed_at(run: Run, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.add("main", [a_receipt()])
    spool.close()
    [path] = spool.files()
    path.write_bytes(b"?" + path.read_bytes())
    assert "1 receipts stored" in run("spool", "drain").stdout
    assert "could not be read to its end" in run("spool", "look").stdout.replace("\n", " ")


def test_what_a_later_version_holds_is_counted_though_nobody_here_can_read_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    Journal.begin(tmp_path / "spool/0.journal").append([b'{"from": "a later version"}'])
    assert "0 receipts stored; 1 are left" in run("spool", "drain").stdout
