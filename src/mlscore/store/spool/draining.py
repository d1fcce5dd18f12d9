"""Brings what waits in the spool into the database: in order, once, and none of it lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from threading import Event, Thread

import structlog

from mlscore.ports import Receipts
from mlscore.store.spool.folder import Spool, read_receipts
from mlscore.store.spool.journal import Journal

_logger = structlog.get_logger()
LOOKS_EVERY_SECONDS = 1.0


def drain(spool: Spool, receipts: Receipts) -> int:
    """Store what waits and return how many receipts that were; stop at the first the database cannot take.

    A receipt stored before a crash and not yet taken off the spool is left as it is: its id is known.
    Raises StoreUnavailableError; what was not stored waits on.
    """
    return sum(_store_all(spool, take(), receipts) for take in (spool.take, spool.take_open))


def _store_all(spool: Spool, journals: list[Journal], receipts: Receipts) -> int:
    stored = 0
    while journals:
        try:
            stored += _store(journals[0], receipts)
        except BaseException:
            spool.give_back(journals)
            raise
        journals = journals[1:]
    return stored


def _store(journal: Journal, receipts: Receipts) -> int:
    frames = journal.read()
    try:
        held = read_receipts(frames.payloads)
    except (ValueError, KeyError) as error:
        # Whole, but written by a version that knows more: kept for a person, and in nobody's way.
        aside, kind = journal.set_aside(), type(error).__name__
        _logger.error("a journal of the spool cannot be read", kept_as=str(aside), error=kind)  # noqa: TRY400 - its text may name facts
        return 0
    for firm, some in groupby(held, key=lambda one: one[0]):
        receipts.keep(firm, [receipt for _, receipt in some])
    if frames.is_damaged:
        _logger.error("a journal of the spool is damaged", kept_as=str(journal.set_aside()), stored=len(held))
    else:
        journal.remove()
    return len(held)


class Drain:
    """A thread that looks at the spool every second, for as long as the service runs.

    While `ping` raises StoreUnavailableError it lets what waits lie: reading it would cost the scores their time.
    """

    def __init__(
        self,
        spool: Spool,
        receipts: Receipts,
        *,
        ping: Callable[[], None] = lambda: None,
        every_seconds: float = LOOKS_EVERY_SECONDS,
    ) -> None:
        self._spool = spool
        self._receipts = receipts
        self._ping = ping
        self._every_seconds = every_seconds
        self._ended = Event()
        self._has_told = False
        self._thread = Thread(target=self._run, name="spool", daemon=True)

    def start(self) -> None:
        """Drain what an earlier process left, and go on looking."""
        self._thread.start()

    def stop(self) -> None:
        """Drain once more, and let go of what the database does not take."""
        self._ended.set()
        self._thread.join()
        self._once()
        self._spool.close()

    def _run(self) -> None:
        self._once()
        while not self._ended.wait(self._every_seconds):
            self._once()

    def _once(self) -> None:
        if not self._spool.files() and not self._spool.count():
            return
        try:
            self._ping()
            stored = drain(self._spool, self._receipts)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it must outlive whatever the store does
            if not self._has_told:  # once an outage, not once a second
                _logger.warning("receipts wait in the spool", error=type(error).__name__)
            self._has_told = True
        else:
            self._has_told = False
            if stored:
                _logger.info("spool drained", receipts=stored)
