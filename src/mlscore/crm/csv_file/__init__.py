"""History from a file: CSV or Parquet, read by a mapping that says what its columns mean."""

from mlscore.crm.csv_file.by_name import facts_by_name
from mlscore.crm.csv_file.history import (
    CsvHistory,
    PastDeal,
    Progress,
    read_history,
    write_rejects,
)
from mlscore.crm.csv_file.rejects import Reject, Rejects, reject_file
from mlscore.crm.mapping import WrongCell

__all__ = [
    "CsvHistory",
    "PastDeal",
    "Progress",
    "Reject",
    "Rejects",
    "WrongCell",
    "facts_by_name",
    "read_history",
    "reject_file",
    "write_rejects",
]
