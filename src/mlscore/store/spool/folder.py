"""The folder of journals of one machine: each process writes its own, and whoever drains takes those left behind."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import structlog

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.receipt import Receipt
from mlscore.store.codec import read_answer, read_facts, write_answer, write_facts
from mlscore.store.spool.journal import SET_ASIDE, Journal, read_records

_logger = structlog.get_logger()
_ENDING = ".journal"
SEALED_AT_BYTES = 4_000_000
"""A journal is drained as a whole, and read into memory for it."""


@dataclass(slots=True)
class Spool:
    """Receipts that wait for the database, in the order they were given.

    A receipt is in the folder before its answer is given, and leaves it once the database has it.
    """

    folder: Path
    _open: Journal | None = None
    _sealed: list[Journal] = field(default_factory=list)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)
    _has_told: bool = False

    def add(self, firm: str, receipts: Sequence[Receipt]) -> None:
        """Hold receipts, all or none. Raises StoreUnavailableError where the disk cannot take them."""
        records = [_write(firm, receipt) for receipt in receipts]
        with self._lock:
            try:
                if self._is_taken_away():
                    self._write_anew()
                journal = self._open or self._begin()
                journal.append(records)
            except OSError as error:
                # Whatever is wrong with this file, the next receipt begins another.
                self._seal()
                self._tell(error)
                raise StoreUnavailableError(
                    f"Neither the database nor the spool {self.folder} can take a receipt ({error.strerror}). "
                    "Check that both have room."
                ) from error
            self._has_told = False
            self._size += sum(map(len, records))
            if self._size >= SEALED_AT_BYTES:
                self._seal()

    def count(self) -> int:
        """Count the receipts that this process holds."""
        mine = [*self._sealed, *([self._open] if self._open else [])]
        return sum(journal.count for journal in mine)

    def waiting(self) -> Iterator[tuple[str, Receipt]]:
        """Yield every receipt that waits on this machine with its firm, whichever process holds it."""
        for path in self.files():
            for record in read_records(path):
                yield _read(record)

    def find(self, firm: str, receipt_id: str) -> Receipt | None:
        """Return one receipt that waits."""
        mark = receipt_id.encode()
        for path in self.files():
            for record in read_records(path):
                if mark in record:
                    whose, receipt = _read(record)
                    if (whose, receipt.receipt_id) == (firm, receipt_id):
                        return receipt
        return None

    def files(self) -> list[Path]:
        """Return the journals of the folder, the oldest first."""
        return sorted(self.folder.glob(f"*{_ENDING}"))

    def set_aside(self) -> list[Path]:
        """Return the files that could not be read to their end, kept for a person to see to."""
        return sorted(self.folder.glob(f"*{SET_ASIDE}"))

    def take(self) -> list[Journal]:
        """Return the journals to drain first, the oldest before: this process's own, and those of processes that ended.

        The one that is written to is left out: an outage of hours would begin a new file with every try. A file that
        cannot be opened, such as another account's, is passed over: it must not hold up the others.
        """
        with self._lock:
            mine, self._sealed = self._sealed, []
            known = {journal.path for journal in [*mine, *([self._open] if self._open else [])]}
        adopted = (_adopted(path) for path in self.files() if path not in known)
        return sorted([*mine, *filter(None, adopted)], key=lambda journal: journal.path)

    def take_open(self) -> list[Journal]:
        """Return the journal that is written to, which then begins anew; the last to drain."""
        with self._lock:
            self._seal()
            mine, self._sealed = self._sealed, []
        return mine

    def give_back(self, journals: Sequence[Journal]) -> None:
        """Keep journals that could not be drained for the next time."""
        with self._lock:
            self._sealed = [*journals, *self._sealed]

    def close(self) -> None:
        """Let go of every journal; what waits is adopted by the next process."""
        with self._lock:
            self._seal()
            for journal in self._sealed:
                journal.let_go()
            self._sealed = []

    def _begin(self) -> Journal:
        self.folder.mkdir(parents=True, exist_ok=True)
        # By the clock, so that the folder is drained in order; told apart by more, for clocks jump.
        self._open = Journal.begin(self.folder / f"{time.time():017.6f}-{os.getpid()}-{uuid4().hex[:8]}{_ENDING}")
        self._size = 0
        return self._open

    def _tell(self, error: OSError) -> None:
        if not self._has_told:  # once, not with every receipt that is refused
            _logger.error("the spool takes no receipts", folder=str(self.folder), error=error.strerror)
        self._has_told = True

    def _is_taken_away(self) -> bool:
        newest = self._open or (self._sealed[-1] if self._sealed else None)
        return newest is not None and newest.is_gone()

    def _write_anew(self) -> None:
        # What was acknowledged is still in hand; of a file without a name a crash would leave nothing.
        self._seal()
        for gone in [journal for journal in self._sealed if journal.is_gone()]:
            self._begin().append(gone.read().payloads)
            self._seal()
            self._sealed.remove(gone)
            gone.let_go()
        _logger.warning("the spool was taken away, what waits is written anew", folder=str(self.folder))

    def _seal(self) -> None:
        if self._open is not None:
            self._sealed.append(self._open)
            self._open = None


def read_receipts(records: Iterable[bytes]) -> list[tuple[str, Receipt]]:
    """Return the receipts of records with their firms, in order. Raises ValueError or KeyError for foreign ones."""
    return [_read(record) for record in records]


def _adopted(path: Path) -> Journal | None:
    try:
        return Journal.adopt(path)
    except OSError as error:
        _logger.warning("a journal of the spool cannot be taken over", journal=str(path), error=error.strerror)
        return None


def _write(firm: str, receipt: Receipt) -> bytes:
    moments = {"as_of": receipt.as_of, "scored_at": receipt.scored_at}
    written: dict[str, Any] = {
        "firm": firm,
        "receipt_id": receipt.receipt_id,
        "deal_id": receipt.deal.deal_id,
        "origin": receipt.origin,
        "facts": write_facts(receipt.deal),
        "answer": write_answer(receipt.answer),
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }
    return json.dumps(written, ensure_ascii=False).encode(errors="surrogatepass")


def _read(record: bytes) -> tuple[str, Receipt]:
    written = json.loads(record.decode(errors="surrogatepass"))
    as_of = written["as_of"]
    receipt = Receipt(
        receipt_id=written["receipt_id"],
        deal=read_facts(written["deal_id"], written["facts"]),
        as_of=as_of and datetime.fromisoformat(as_of),
        scored_at=datetime.fromisoformat(written["scored_at"]),
        answer=read_answer(written["answer"]),
        origin=written["origin"],
        logged="spooled",
    )
    return written["firm"], receipt
