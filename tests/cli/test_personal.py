"""`mlscore forget` and `mlscore retention` erase what people may ask to have erased, and say what they did."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlscore.bootstrap import now
from mlscore.store import Store, open_store
from mlscore.store.spool import Spool
from tests.cli.conftest import Run
from tests.store.builders import a_deal, a_receipt

TEXT = "звоните Ивану Петровичу"


@pytest.fixture
def store(run: Run, tmp_path: Path) -> Store:
    """Open the store the command line works on, with a deal of last year's in it."""
    run("keys", "list")
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    year_ago = now() - timedelta(days=365)
    for firm in ("main", "main.sandbox"):
        deal = a_deal("D-17", request_text=TEXT, as_of=year_ago)
        opened.receipts.keep(firm, [a_receipt(deal=deal, as_of=year_ago)])
    return opened


def texts(store: Store) -> list[str | None]:
    return [store.receipts.of_deal(firm, "D-17")[0].deal.request_text for firm in ("main", "main.sandbox")]


def test_a_deal_is_forgotten_in_earnest_and_in_the_sandbox(run: Run, store: Store) -> None:
    done = run("forget", "D-17", "--yes")
    assert done.exit_code == 0
    assert "Erased: 2 set(s) of facts" in done.stdout
    assert "backups" in done.stdout
    assert texts(store) == [None, None]


def test_without_a_yes_it_asks_and_a_no_erases_nothing(run: Run, store: Store) -> None:
    done = run("forget", "D-17")
    assert done.exit_code == 1
    assert "2 receipt(s), 2 of them with facts" in done.stdout
    assert texts(store) == [TEXT, TEXT]


def test_old_request_texts_are_taken_away(run: Run, store: Store) -> None:
    assert "2 request text(s)" in run("retention", "--days", "90", "--dry-run").stdout
    assert texts(store) == [TEXT, TEXT]
    assert run("retention", MLSCORE_REQUEST_TEXT_DAYS="90").exit_code == 0
    assert texts(store) == [None, None]


def test_without_a_number_of_days_nothing_is_taken_away(run: Run, store: Store) -> None:
    done = run("retention")
    assert done.exit_code == 1
    assert "MLSCORE_REQUEST_TEXT_DAYS" in done.stderr
    assert texts(store) == [TEXT, TEXT]


def test_facts_that_wait_in_the_spool_are_told_of_and_go_too(run: Run, store: Store, tmp_path: Path) -> None:
    spool, waiting = Spool(tmp_path / "spool"), a_receipt(deal=a_deal("D-17", request_text=TEXT))
    spool.add("main", [waiting])
    spool.close()
    assert "1 waiting to be stored" in run("forget", "D-17").stdout
    assert run("forget", "D-17", "--yes").exit_code == 0
    assert spool.files() == []
    kept = store.receipts.find("main", waiting.receipt_id)
    assert kept is not None
    assert kept.deal.request_text is None


@pytest.mark.parametrize("name", ["", "a/b", "x" * 129])
def test_what_can_name_no_deal_is_refused_and_not_said_to_be_erased(run: Run, name: str) -> None:
    done = run("forget", name, "--yes")
    assert (done.exit_code, "Erased" in done.stdout) == (1, False)
    assert "names no deal" in done.stderr


def test_days_before_the_calendar_begins_are_wrong_usage(run: Run) -> None:
    assert run("retention", "--days", 999_999_999).exit_code == 2
