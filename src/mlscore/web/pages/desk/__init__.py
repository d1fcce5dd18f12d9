"""The desk: on the phone, what is learned is typed, and the page answers at once with what to ask next."""

from mlscore.web.pages.desk.page import answer, end, keep, show

__all__ = ["answer", "end", "keep", "show"]
