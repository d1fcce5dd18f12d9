"""The HTTP API the CRM calls."""

from mlscore.api.app import create_app

__all__ = ["create_app"]
