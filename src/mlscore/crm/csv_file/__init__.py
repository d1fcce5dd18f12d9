"""History from a file: CSV or Parquet, read by a mapping that says what its columns mean."""

from mlscore.crm.csv_file.batches import read_batches
from mlscore.crm.csv_file.by_name import facts_by_name
from mlscore.crm.csv_file.history import (
    CsvHistory,
    PastDeal,
    Progress,
    Reject,
    read_history,
    reject_file,
    write_rejects,
)
from mlscore.crm.csv_file.rows import WrongCell

__all__ = [
    "CsvHistory",
    "PastDeal",
    "Progress",
    "Reject",
    "WrongCell",
    "facts_by_name",
    "read_batches",
    "read_history",
    "reject_file",
    "write_rejects",
]
