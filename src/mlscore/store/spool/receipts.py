"""Receipts that are never refused for want of a database: what it cannot take now waits in the spool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlscore.ports import Asking, HistoryFacts, Receipts
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Logged, Receipt
from mlscore.store.spool.folder import Spool


@dataclass(frozen=True, slots=True)
class SpooledReceipts:
    """The port `Receipts`: that of a store, and its spool while the store is away."""

    stored: Receipts
    spool: Spool

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        """Keep all of them or none. Raises StoreUnavailableError where neither store nor disk can take them."""
        try:
            return self.stored.keep(firm, receipts)
        except StoreUnavailableError:
            self.spool.add(firm, receipts)
            return "spooled"

    def find(self, firm: str, receipt_id: str) -> Receipt | None:
        """Return one receipt, also one that waits. Raises StoreUnavailableError only where it may be stored."""
        may_move = bool(self.spool.files())
        try:
            found = self.stored.find(firm, receipt_id) or self.spool.find(firm, receipt_id)
            # Asked once more: between the two it may have gone from the one to the other.
            return found or (self.stored.find(firm, receipt_id) if may_move else None)
        except StoreUnavailableError:
            waiting = self.spool.find(firm, receipt_id)
            if waiting is None:
                raise
            return waiting

    def already_kept(self, firm: str, receipt_ids: Sequence[str]) -> set[str]:
        """Return which of these are stored already."""
        return self.stored.already_kept(firm, receipt_ids)

    def scored(self, firm: str, deal_ids: Sequence[str]) -> set[str]:
        """Return which of these deals have a receipt that is stored."""
        return self.stored.scored(firm, deal_ids)

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Receipt]:
        """Return every stored receipt of a deal, newest `scored_at` first."""
        return self.stored.of_deal(firm, deal_id)

    def history(self, firm: str, deals: Sequence[Asking], *, policy: Policy) -> Sequence[HistoryFacts]:
        """Return what the store knows of each deal's company."""
        return self.stored.history(firm, deals, policy=policy)
