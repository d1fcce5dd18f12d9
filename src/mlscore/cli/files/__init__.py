"""`mlscore score FILE`: whole files, read and written."""

from mlscore.cli.files.command import score

__all__ = ["score"]
