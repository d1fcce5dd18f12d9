"""Tables: each sorts, filters, pages and exports, by links and forms alone."""

from mlscore.web.tables.column import Cell, Choice, Column, Filter
from mlscore.web.tables.layout import LaidOut, answer_with, lay_out
from mlscore.web.tables.memory import InMemory
from mlscore.web.tables.table import Asked, Source, Table

__all__ = [
    "Asked",
    "Cell",
    "Choice",
    "Column",
    "Filter",
    "InMemory",
    "LaidOut",
    "Source",
    "Table",
    "answer_with",
    "lay_out",
]
