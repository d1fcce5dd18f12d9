"""Holds receipts on this machine while the database is away, and stores them once it is back."""

from mlscore.store.spool.draining import Drain, drain
from mlscore.store.spool.folder import Spool
from mlscore.store.spool.forgetting import SpooledFacts
from mlscore.store.spool.receipts import SpooledReceipts

__all__ = ["Drain", "Spool", "SpooledFacts", "SpooledReceipts", "drain"]
