"""Writes the training table as Parquet, exactly as the candidates saw it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mlscore.scoring.policy import fingerprint
from training.dataset import Table


def write_parquet(table: Table, path: Path) -> None:
    """Write ids, moments, features (categories by name), rule cell, groups, label and realised profit.

    Realised profit is in minor units, features are as the model reads them; the notes of the file say so, of which
    currency, and from what it was made.
    """
    matrix = table.inputs.matrix
    columns: dict[str, object] = {"deal_id": list(table.deal_ids), "receipt_id": list(table.receipt_ids)}
    for name, moments in (("as_of", table.as_of), ("known_at", table.known_at)):
        columns[name] = (
            pa.array(np.round(moments * 1000), type=pa.float64(), from_pandas=True)
            .cast(pa.int64(), safe=False)
            .cast(pa.timestamp("ms", tz="UTC"))
        )
    for position, feature in enumerate(table.features):
        codes = matrix[:, position]
        levels = feature.levels
        columns[f"feature.{feature.name}"] = (
            pa.array(codes, from_pandas=True)
            if levels is None
            else pa.array([None if np.isnan(code) else levels[int(code)] for code in codes.tolist()], type=pa.string())
        )
    columns |= {"rule_cell": table.inputs.cells, "group": table.groups, table.label: table.y}
    columns["realised_profit"] = pa.array(table.profit, from_pandas=True)
    written = pa.table(columns)
    notes = {
        "policy_version": fingerprint(table.policy),
        "history_sha256": table.history_sha256,
        "label": table.label,
        "realised_profit": f"minor units of {table.policy.currency}",
        "features": "as the model reads them: sums and sizes are ln(1 + x) of whole units",
    }
    parquet.write_table(written.replace_schema_metadata(notes), path)
