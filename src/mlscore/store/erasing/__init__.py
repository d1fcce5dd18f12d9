"""Erases what people may ask to have erased, and leaves the arithmetic."""

from mlscore.store.erasing.forgetting import SqlForgetting
from mlscore.store.erasing.retention import SqlRetention

__all__ = ["SqlForgetting", "SqlRetention"]
