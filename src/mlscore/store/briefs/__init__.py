"""Receipts in brief: filled when pages are read, so that nobody who scores waits for them."""

from mlscore.store.briefs.reading import SqlBriefs

__all__ = ["SqlBriefs"]
