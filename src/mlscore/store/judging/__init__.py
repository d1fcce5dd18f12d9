"""Keeps what people decided of single deals."""

from mlscore.store.judging.sides import SqlSides

__all__ = ["SqlSides"]
