"""Forgets a deal whose receipts still wait: they are stored behind its tombstone, which takes their facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mlscore.ports import Erased, Receipts
from mlscore.store.spool.draining import drain
from mlscore.store.spool.folder import Spool


@dataclass(frozen=True, slots=True)
class SpooledFacts:
    """The port `KeepsFacts` of a spool; it comes behind the store, which sets the tombstone.

    Journals of a service that runs are its own to drain: while the database answers, that takes it a second.
    """

    spool: Spool
    receipts: Receipts

    def kept_of(self, firm: str, deal_id: str) -> Erased:
        """Return what `forget` would erase."""
        waiting = (receipt for whose, receipt in self.spool.waiting() if whose == firm)
        return Erased(spooled=sum(receipt.deal.deal_id == deal_id for receipt in waiting))

    def forget(self, firm: str, deal_id: str, *, at: datetime) -> Erased:  # noqa: ARG002 - the port's own
        """Erase the facts of a deal."""
        erased = self.kept_of(firm, deal_id)
        drain(self.spool, self.receipts)
        return erased
