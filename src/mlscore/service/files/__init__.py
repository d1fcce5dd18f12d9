"""Whole files of deals, scored by their columns."""

from mlscore.service.files.columns import Scored, score_columns

__all__ = ["Scored", "score_columns"]
