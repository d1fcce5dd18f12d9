"""Who may use the pages."""

from mlscore.cli.people.users import app

__all__ = ["app"]
