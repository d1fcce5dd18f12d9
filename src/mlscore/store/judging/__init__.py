"""Keeps what people decided: of single deals, and of which model answers."""

from mlscore.store.judging.sides import SqlSides
from mlscore.store.judging.wishes import SqlWishes

__all__ = ["SqlSides", "SqlWishes"]
