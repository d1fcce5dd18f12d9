"""What a run tells of a training: parameters, figures by quarter, gates, the history it learned, plots and card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import numpy as np
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.dataset import Dataset

from mlscore import __version__
from mlscore.registry.bundle import CARD, CARD_PAGE
from mlscore.scoring.policy import fingerprint
from training.dataset import Table
from training.evaluate import RULES, SERVICE, Quarter, share_within
from training.gates import Gate
from training.publish.facts import moment
from training.publish.findings import Findings
from training.publish.plots import Plot, write_plots

_TAG_LENGTH = 4900
_DIGEST_LENGTH = 36
"""As much of the SHA-256 as MLflow keeps; the whole of it is a tag."""


class History(Dataset):
    """The closed deals of a training as MLflow lists them: a name, our own digest, counts. Not one deal is in it."""

    def __init__(self, firm: str, table: Table) -> None:
        self._table = table
        source = CodeDatasetSource({"history_sha256": table.history_sha256, "snapshot": table.policy.training.snapshot})
        super().__init__(source=source, name=f"closed deals of {firm}")

    def _compute_digest(self) -> str:
        return self._table.history_sha256[:_DIGEST_LENGTH]

    @property
    def schema(self) -> None:
        """None: the facts a model takes are in its signature."""

    @property
    def profile(self) -> dict[str, object]:
        """How many deals, how many of them good, and from when to when they were scored."""
        table = self._table
        scored = [float(np.nanmin(table.as_of)), float(np.nanmax(table.as_of))] if table.is_dated else [None, None]
        return {
            "rows": len(table),
            "positives": int(table.y.sum()),
            "label": table.label,
            "scored_from": moment(scored[0]),
            "scored_until": moment(scored[1]),
            "known_until": moment(table.history_until),
        }

    def to_dict(self) -> dict[str, str]:
        """Return it as MLflow stores it."""
        return super().to_dict() | {"profile": json.dumps(self.profile)}


def log_training(findings: Findings, bundle: Path, plots: Sequence[Plot]) -> None:
    """Log everything a training found out to the active run; the cards are the bundle's own."""
    table = findings.table
    mlflow.set_tags(
        {
            "policy_version": fingerprint(table.policy),
            "code_version": __version__,
            "history_sha256": table.history_sha256,
            "label": table.label,
            "winner": findings.winner,
            "passed_gates": str(findings.passed).lower(),
            "simulated": str(findings.model.simulated).lower(),
            **{f"gate.{gate.code}": _said_of(gate)[:_TAG_LENGTH] for gate in findings.gates},
        }
    )
    mlflow.log_input(History(findings.firm, table), context="training")
    mlflow.log_params(_terms_of(findings))
    mlflow.log_metrics(metrics_of(findings))
    with TemporaryDirectory(prefix="mlscore-run-") as scratch:
        folder = Path(scratch)
        (folder / "plots").mkdir()
        write_plots(plots, folder / "plots")
        for card in (bundle / CARD, bundle / CARD_PAGE):
            if card.exists():
                (folder / card.name).write_bytes(card.read_bytes())
        mlflow.log_artifacts(str(folder))


def log_candidate(findings: Findings, scorer: str) -> None:
    """Log one candidate's figures to the active run, with its weight in the blend."""
    [figures] = [f for f in findings.figures if f.scorer == scorer]
    mlflow.set_tag("candidate", scorer)
    mlflow.log_params({"candidate": scorer, **_terms_of(findings)})
    weight = {"blend_weight": findings.contest.weights.get(scorer, 0.0)}
    mlflow.log_metrics(figures.numbers() | weight | _quarterly(findings.quarters(scorer)))


def metrics_of(findings: Findings) -> dict[str, float]:
    """Return every figure of the run by name; what cannot be told is left out."""
    table = findings.table
    counts = {"deals": float(len(table)), "positives": float(table.y.sum()), "immature": float(findings.plan.immature)}
    left_out = {f"left_out.{why}": float(count) for why, count in table.left_out.items()}
    by_scorer = {
        f"{f.scorer}.{n}": v for f in findings.figures if f.scorer in {RULES, SERVICE} for n, v in f.numbers().items()
    }
    told = counts | left_out | by_scorer | _money(findings) | _doubts(findings) | _quarterly(findings.quarters())
    return {name: value for name, value in told.items() if isfinite(value)}


def _terms_of(findings: Findings) -> dict[str, str]:
    """Return what every run of a training was held under, so that runs of several can be told apart in a table."""
    return {**findings.settings, "seed": str(findings.seed), "judged": str(len(findings.rows))}


def _said_of(gate: Gate) -> str:
    return f"{'passed' if gate.passed else 'failed'}: {gate.sentence}"


def _money(findings: Findings) -> dict[str, float]:
    found: dict[str, float] = {}
    if (worth := findings.worth) is not None:
        found |= {"expected_profit": worth.expected, "realised_profit": worth.realised}
        found |= {"surplus": worth.surplus.value, "surplus_low": worth.surplus.low, "surplus_high": worth.surplus.high}
        found["rank_correlation"] = worth.rank_correlation
    if (captured := findings.captured) is not None:
        found |= {"worked": float(captured.worked), "oracle.profit_captured": captured.oracle}
        found["chance.profit_captured"] = captured.chance
    return found


def _doubts(findings: Findings) -> dict[str, float]:
    """Return how far the interval and the abstaining kept what they promise."""
    held = share_within(findings.intervals)
    found = {} if held is None else {"interval_held": held}
    if (abstaining := findings.abstaining) is not None:
        found |= {"abstained_share": abstaining.share, "abstaining_saves": abstaining.saves}
    return found


def _quarterly(quarters: Sequence[Quarter]) -> dict[str, float]:
    return {f"{name}/{one.quarter}": value for one in quarters for name, value in one.numbers().items()}
