"""Keeps receipts in brief up to date for who reads pages: at once what is new, behind the scenes what is much."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, Thread

import structlog

from mlscore.ports import Briefs
from mlscore.scoring.errors import MlscoreError

_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Briefing:
    """Brings receipts into brief; a long backlog is worked off by a thread of its own, one at a time."""

    briefs: Briefs
    _at_work: Lock = field(default_factory=Lock)

    def catch_up(self, firm: str) -> int:
        """Bring in what is new; return how many receipts are still to be read, which goes on by itself."""
        waiting = self.briefs.catch_up(firm)
        if waiting and self._at_work.acquire(blocking=False):
            # A daemon: what is left when the service ends is read when it is back.
            Thread(target=self._work_off, args=(firm,), name="briefing", daemon=True).start()
        return waiting

    def _work_off(self, firm: str) -> None:
        try:
            while self.briefs.catch_up(firm):
                pass
        except MlscoreError as error:
            _logger.warning("receipts were not brought into brief", error=type(error).__name__)
        finally:
            self._at_work.release()
