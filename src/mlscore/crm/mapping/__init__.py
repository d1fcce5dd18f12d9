"""What the columns of a firm's records mean as facts of a deal: shared by whatever reads records by name."""

from mlscore.crm.mapping.columns import Read, Target, column_fault
from mlscore.crm.mapping.reading import long_form, read_document, read_file, read_row_terms, row_faults
from mlscore.crm.mapping.rows import Bound, Rows, WrongCell, wrong_cell
from mlscore.crm.mapping.style import Style, style_of
from mlscore.crm.mapping.terms import Level, OutcomeTerms, RowTerms, Source, StatusTerms, StyleTerms
from mlscore.crm.mapping.values import Cell, plain

__all__ = [
    "Bound",
    "Cell",
    "Level",
    "OutcomeTerms",
    "Read",
    "RowTerms",
    "Rows",
    "Source",
    "StatusTerms",
    "Style",
    "StyleTerms",
    "Target",
    "WrongCell",
    "column_fault",
    "long_form",
    "plain",
    "read_document",
    "read_file",
    "read_row_terms",
    "row_faults",
    "style_of",
    "wrong_cell",
]
