"""Names the deals of a slab: all at once where nothing is odd about their ids."""

from __future__ import annotations

import numpy as np

from mlscore.crm.csv_file.identity import Identity
from mlscore.crm.csv_file.joins import as_key
from mlscore.crm.csv_file.streaming.reading import Odd
from mlscore.crm.csv_file.streaming.slabs import Slab, cells_of
from mlscore.scoring.deal import ID_LENGTH, Texts, is_deal_id, is_safe_in_a_path

UNNAMED = ""
"""Stands for an id that has yet to be read."""


def names_of(slab: Slab, identity: Identity) -> tuple[Texts, Odd]:
    """Return the ids, and the rows whose own has yet to be read or is to be dropped: `UNNAMED` and None."""
    names = np.empty(len(slab.lines), dtype=object)
    position = identity.position
    if position is None:
        names[:] = [identity.take(cells) for cells in slab.rows]
        return names, np.array([name is None for name in names], dtype=np.bool_)
    cells = cells_of(slab.columns[position])
    ids = [identity.prefix + cell if isinstance(cell, str) else UNNAMED for cell in cells]
    if not _are_ids(ids, "".join(ids)):
        ids = [name if is_deal_id(name := identity.prefix + as_key(cell)) else UNNAMED for cell in cells]
    names[:] = ids
    return names, np.array([name == UNNAMED for name in ids], dtype=np.bool_)


def _are_ids(ids: list[str], joined: str) -> bool:
    """Tell whether all are ids as `is_deal_id` would of each, looking at all their letters together."""
    lengths = set(map(len, ids)) or {0}
    are_long_enough = min(lengths) > len("..")
    return are_long_enough and max(lengths) <= ID_LENGTH and " " not in joined and is_safe_in_a_path(joined)
