"""The pages for people: written on the server, whole without scripts, in two languages and two themes."""

from mlscore.web.app import create_pages

__all__ = ["create_pages"]
