"""Makes the mapping of a file whose columns are already named as the facts are."""

from __future__ import annotations

from pathlib import Path

from mlscore.crm.csv_file.identity import REJECT_COLUMNS
from mlscore.crm.csv_file.reading import read_table
from mlscore.crm.csv_file.terms import FileTerms, IdTerms, MappingTerms
from mlscore.crm.mapping import Source
from mlscore.scoring.deal import FACTS
from mlscore.scoring.errors import Fault, MappingError
from mlscore.scoring.policy.reading import nearest
from mlscore.scoring.policy.values import shown

ID, EXTRA = "deal_id", "extra."


def facts_by_name(file: Path) -> MappingTerms:
    """Return a mapping of the columns `deal_id`, each standard fact by its name, and custom facts as `extra.NAME`.

    The file is UTF-8 with commas, or Parquet; without `deal_id` its rows name themselves. Raises MappingError with
    every column that is no fact, and FaultyInputError where the file cannot be read.
    """
    terms = FileTerms()
    header = read_table(file, encoding=terms.encoding, delimiter=terms.delimiter).header
    given = [name for name in header if name not in REJECT_COLUMNS]
    custom = [name for name in given if name.startswith(EXTRA)]
    strange = [name for name in given if name not in FACTS and name not in custom and name != ID]
    if strange:
        known = (ID, *FACTS)
        params = [{"given": shown(name), "right": nearest(name, known)} for name in strange]
        raise MappingError([Fault(p["given"], "policy.unknown_fact", p) for p in params])
    return MappingTerms(
        file=terms,
        id=IdTerms(column=ID) if ID in given else IdTerms(hash="all", duplicates="keep"),
        facts={name: Source(column=name) for name in given if name in FACTS},
        extra={name.removeprefix(EXTRA): Source(column=name) for name in custom},
    )
