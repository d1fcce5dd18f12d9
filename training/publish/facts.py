"""What a bundle tells of its own training, for pages and programs that have no tracking server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

import lightgbm
import numpy as np
import sklearn

from mlscore import __version__
from mlscore.scoring.policy import fingerprint
from training.publish.findings import Findings


def bundle_facts(findings: Findings) -> Mapping[str, object]:
    """Return gates, figures and provenance; `history_until` is when the newest outcome it learned became known."""
    table = findings.table
    return {
        "created_at": findings.at.isoformat(),
        "gates": [asdict(gate) for gate in findings.gates],
        "leaks": [asdict(leak) for leak in findings.leaks],
        "metrics": {f.scorer: f.numbers() for f in findings.figures},
        "judged_deals": len(findings.rows),
        "judged": "by_time" if findings.plan.by_time else "grouped_folds",
        "winner": findings.winner,
        "deals": len(table),
        "positives": int(table.y.sum()),
        "label": table.label,
        "left_out": dict(table.left_out),
        "history_from": moment(float(np.nanmin(table.as_of))) if table.is_dated else None,
        "history_until": moment(table.history_until),
        "history_sha256": table.history_sha256,
        "policy_version": fingerprint(table.policy),
        "simulated": findings.model.simulated,
        "seed": findings.seed,
        "terms": dict(findings.terms),
        "code_version": __version__,
        "libraries": {"lightgbm": lightgbm.__version__, "numpy": np.__version__, "scikit-learn": sklearn.__version__},
    }


def moment(seconds: float | None) -> str | None:
    """Write epoch seconds as ISO 8601 in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
