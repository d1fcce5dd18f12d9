import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.receipt import Logged, Receipt
from mlscore.store import Store
from mlscore.store.spool import Drain, Spool, SpooledFacts, SpooledReceipts, drain
from mlscore.store.spool.journal import Journal
from tests.fakes import InMemoryReceipts, Outage
from tests.store.builders import a_deal, a_model_answer, a_receipt, an_answer


def some_receipts(count: int = 3, *, first: int = 0) -> list[Receipt]:
    deals = [
        a_deal(f"D-{first + number}", company_id="C", extra={"day": datetime(2026, 1, 1, tzinfo=UTC)})
        for number in range(count)
    ]
    return [a_receipt(deal, answer=an_answer(model=a_model_answer())) for deal in deals]


def ids(kept: Sequence[tuple[str, Receipt]]) -> list[str]:
    return [receipt.receipt_id for _, receipt in kept]


@dataclass
class FailsAfter(InMemoryReceipts):
    """Goes away after so many calls."""

    calls_left: int = 0
    stored: list[str] = field(default_factory=list)

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        if not self.calls_left:
            raise StoreUnavailableError("The database does not answer.")
        self.calls_left -= 1
        return super().keep(firm, receipts)


def test_while_the_store_answers_nothing_is_spooled(tmp_path: Path) -> None:
    kept = SpooledReceipts(InMemoryReceipts(), spool := Spool(tmp_path))
    assert kept.keep("main", some_receipts()) == "stored"
    assert spool.files() == []


def test_what_the_store_cannot_take_waits_and_is_stored_later_in_order(tmp_path: Path) -> None:
    store = InMemoryReceipts(outage=Outage(is_on=True))
    kept = SpooledReceipts(store, spool := Spool(tmp_path))
    first, second = some_receipts(3), some_receipts(2, first=3)
    assert kept.keep("main", first) == "spooled"
    assert kept.keep("north", second) == "spooled"
    store.outage.is_on = False
    assert drain(spool, store) == 5
    assert store.kept == [
        *(("main", replace(receipt, logged="spooled")) for receipt in first),
        *(("north", replace(receipt, logged="spooled")) for receipt in second),
    ]
    assert spool.files() == []


def test_a_spool_taken_away_is_written_anew_with_all_that_waits(tmp_path: Path) -> None:
    spool, receipts = Spool(tmp_path / "spool"), some_receipts(3)
    spool.add("main", receipts[:1])
    shutil.rmtree(spool.folder)
    spool.add("main", receipts[1:2])
    spool.add("main", receipts[2:])
    assert [receipt.receipt_id for _, receipt in spool.waiting()] == [receipt.receipt_id for receipt in receipts]
    assert spool.count() == 3
    assert drain(spool, InMemoryReceipts()) == 3
    assert spool.files() == []


def test_of_a_spool_taken_away_the_journals_that_are_full_are_written_anew_too_and_in_order(tmp_path: Path) -> None:
    spool, receipts = Spool(tmp_path / "spool"), some_receipts(4)
    for receipt in receipts[:2]:
        spool.add("main", [receipt])
        spool.give_back(spool.take_open())
    spool.add("main", receipts[2:3])
    shutil.rmtree(spool.folder)
    spool.add("main", receipts[3:])
    assert [receipt.receipt_id for _, receipt in spool.waiting()] == [receipt.receipt_id for receipt in receipts]
    assert spool.count() == 4


def test_what_waits_in_a_spool_taken_away_is_stored_all_the_same(tmp_path: Path) -> None:
    spool, store, receipts = Spool(tmp_path / "spool"), InMemoryReceipts(), some_receipts(3)
    spool.add("main", receipts)
    shutil.rmtree(spool.folder)
    drains = Drain(spool, store)
    drains.start()
    drains.stop()
    assert ids(store.kept) == [receipt.receipt_id for receipt in receipts]
    assert spool.count() == 0


def test_where_a_spool_taken_away_cannot_be_made_again_the_receipt_is_refused_and_the_others_wait(
    tmp_path: Path,
) -> None:
    spool, store, receipts = Spool(tmp_path / "spool"), InMemoryReceipts(), some_receipts(2)
    spool.add("main", receipts[:1])
    shutil.rmtree(spool.folder)
    spool.folder.write_text("no folder any more")
    with pytest.raises(StoreUnavailableError, match="spool"):
        spool.add("main", receipts[1:])
    spool.folder.unlink()
    drain(spool, store)
    assert receipts[0].receipt_id in ids(store.kept)


def test_a_spool_that_takes_nothing_is_told_once_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("no folder")
    spool = Spool(tmp_path / "spool")
    with capture_logs() as told:
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                spool.add("main", some_receipts(1))
    assert [(line["event"], line["log_level"]) for line in told] == [("the spool takes no receipts", "error")]


def test_a_receipt_comes_out_of_the_spool_into_the_store_exactly_as_it_was(
    store: Store, firm: str, tmp_path: Path
) -> None:
    spool, receipts = Spool(tmp_path), some_receipts()
    spool.add(firm, receipts)
    drain(spool, store.receipts)
    assert [store.receipts.find(firm, receipt.receipt_id) for receipt in receipts] == receipts


def test_a_receipt_that_waits_is_found(tmp_path: Path) -> None:
    store = InMemoryReceipts(outage=Outage(is_on=True))
    kept = SpooledReceipts(store, Spool(tmp_path))
    receipts = some_receipts()
    kept.keep("main", receipts)
    assert kept.find("main", receipts[1].receipt_id) == replace(receipts[1], logged="spooled")
    assert kept.find("north", receipts[1].receipt_id) is None


def test_draining_goes_on_where_it_stopped_and_stores_nothing_twice(tmp_path: Path) -> None:
    spool, receipts = Spool(tmp_path), some_receipts(4)
    for one in receipts:
        spool.add(one.deal.deal_id, [one])
    store = FailsAfter(calls_left=2)
    with pytest.raises(StoreUnavailableError):
        drain(spool, store)
    store.calls_left = 10
    drain(spool, store)
    assert sorted(set(ids(store.kept))) == sorted(receipt.receipt_id for receipt in receipts)
    assert spool.files() == []


def test_what_an_ended_process_left_is_adopted(tmp_path: Path) -> None:
    before = Spool(tmp_path)
    before.add("main", receipts := some_receipts())
    before.close()
    store = InMemoryReceipts()
    assert drain(Spool(tmp_path), store) == 3
    assert ids(store.kept) == [receipt.receipt_id for receipt in receipts]


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    other = Spool(tmp_path)
    other.add("main", some_receipts())
    assert drain(Spool(tmp_path), InMemoryReceipts()) == 0
    assert len(list(other.waiting())) == 3


def test_a_thread_drains_as_soon_as_the_database_is_back(tmp_path: Path) -> None:
    store = InMemoryReceipts(outage=Outage(is_on=True))
    spool = Spool(tmp_path)
    draining = Drain(spool, store, every_seconds=0.01)
    draining.start()
    SpooledReceipts(store, spool).keep("main", some_receipts())
    store.outage.is_on = False
    draining.stop()
    assert len(store.kept) == 3
    assert spool.files() == []


def test_a_thread_leaves_what_it_cannot_store_to_the_next_process(tmp_path: Path) -> None:
    store = InMemoryReceipts(outage=Outage(is_on=True))
    spool = Spool(tmp_path)
    draining = Drain(spool, store, every_seconds=0.01)
    draining.start()
    spool.add("main", some_receipts())
    draining.stop()
    assert drain(Spool(tmp_path), InMemoryReceipts()) == 3


def test_a_full_disk_refuses_the_receipt_and_keeps_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    spool.add("main", before := some_receipts(1))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(StoreUnavailableError, match="No space"):
            spool.add("main", some_receipts(1, first=1))
    spool.add("main", after := some_receipts(1, first=2))
    store = InMemoryReceipts()
    drain(spool, store)
    assert ids(store.kept) == [before[0].receipt_id, after[0].receipt_id]


def test_a_journal_nobody_can_read_is_kept_for_a_person_and_in_nobodys_way(tmp_path: Path) -> None:
    later = Journal.begin(tmp_path / "0.journal")
    later.append([b'{"from": "a later version"}'])
    later.let_go()
    spool = Spool(tmp_path)
    spool.add("main", receipts := some_receipts(1))
    store = InMemoryReceipts()
    assert drain(spool, store) == 1
    assert ids(store.kept) == [receipts[0].receipt_id]
    assert len(list(tmp_path.glob("*.unreadable"))) == 1


def test_a_journal_that_cannot_be_opened_holds_up_no_other(tmp_path: Path) -> None:
    (tmp_path / "0.journal").mkdir()
    spool = Spool(tmp_path)
    spool.add("main", receipts := some_receipts(1))
    store = InMemoryReceipts()
    assert drain(spool, store) == 1
    assert ids(store.kept) == [receipts[0].receipt_id]


def test_a_receipt_on_its_way_into_the_store_is_found(tmp_path: Path) -> None:
    class Meanwhile(InMemoryReceipts):
        def find(self, firm: str, receipt_id: str) -> Receipt | None:
            found = super().find(firm, receipt_id)
            drain(spool, self)
            return found

    spool = Spool(tmp_path)
    spool.add("main", [receipt := some_receipts(1)[0]])
    assert SpooledReceipts(Meanwhile(), spool).find("main", receipt.receipt_id) is not None


def test_while_the_database_does_not_answer_the_thread_reads_no_journal(tmp_path: Path) -> None:
    pings: list[str] = []
    asked, later = Event(), Journal.begin(tmp_path / "0.journal")
    later.append([b'{"from": "a later version"}'])  # whoever reads it sets it aside
    later.let_go()

    def away() -> None:
        pings.append("unanswered")
        if len(pings) == 2:
            asked.set()
        raise StoreUnavailableError("The database does not answer.")

    draining = Drain(Spool(tmp_path), InMemoryReceipts(), ping=away, every_seconds=0.01)
    draining.start()
    assert asked.wait(10)
    draining.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["0.journal"]


def test_a_forgotten_deal_does_not_come_back_out_of_the_spool(store: Store, firm: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add(firm, [receipt := a_receipt(a_deal("D-9", request_text="ask for Anna"))])
    spool.close()
    place = SpooledFacts(Spool(tmp_path), store.receipts)
    assert place.kept_of(firm, "D-9").spooled == 1
    store.forgetting.forget(firm, "D-9", at=datetime(2026, 3, 3, tzinfo=UTC))
    assert place.forget(firm, "D-9", at=datetime(2026, 3, 3, tzinfo=UTC)).spooled == 1
    found = store.receipts.find(firm, receipt.receipt_id)
    assert found is not None
    assert found.deal.request_text is None
    assert b"Anna" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_an_outage_however_long_holds_two_journals_open_at_most(tmp_path: Path) -> None:
    store = InMemoryReceipts(outage=Outage(is_on=True))
    spool, given = Spool(tmp_path), some_receipts(20)
    for receipt in given:
        spool.add("main", [receipt])
        with pytest.raises(StoreUnavailableError):
            drain(spool, store)
    assert len(spool.files()) <= 2
    store.outage.is_on = False
    assert drain(spool, store) == 20
    assert ids(store.kept) == [receipt.receipt_id for receipt in given]


def test_a_damaged_journal_gives_its_other_receipts_and_is_kept_for_a_person(tmp_path: Path) -> None:
    spool, given = Spool(tmp_path), some_receipts(3)
    spool.add("main", given)
    spool.close()
    [path] = spool.files()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    store = InMemoryReceipts()
    assert drain(Spool(tmp_path), store) == 2
    assert ids(store.kept) == [given[0].receipt_id, given[2].receipt_id]
    assert [one.suffix for one in tmp_path.iterdir()] == [".unreadable"]


def test_a_fault_of_the_store_that_is_no_outage_leaves_every_journal_to_be_tried_again(tmp_path: Path) -> None:
    class Faulty(InMemoryReceipts):
        def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
            raise ZeroDivisionError

    spool = Spool(tmp_path)
    spool.add("main", some_receipts())
    with pytest.raises(ZeroDivisionError):
        drain(spool, Faulty())
    assert spool.count() == 3
    assert drain(spool, InMemoryReceipts()) == 3


def test_the_thread_outlives_a_fault_of_the_store(tmp_path: Path) -> None:
    class FaultyOnce(InMemoryReceipts):
        calls = 0

        def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
            self.calls += 1
            if self.calls == 1:
                raise ZeroDivisionError
            arrived.set()
            return super().keep(firm, receipts)

    arrived, spool = Event(), Spool(tmp_path)
    spool.add("main", some_receipts())
    draining = Drain(spool, FaultyOnce(), every_seconds=0.01)
    draining.start()
    assert arrived.wait(10)
    draining.stop()
    assert spool.files() == []
