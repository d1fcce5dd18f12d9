"""MLflow: one experiment a firm, a run a training with one nested run a candidate, a registered model, aliases."""

from __future__ import annotations

import logging
import os
import re
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from mlscore import __version__
from mlscore.registry import Role, registered_model_name
from mlscore.scoring import comparison
from mlscore.scoring.deal import Floats, Kind
from mlscore.scoring.errors import TrainingError
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.policy import Policy, fingerprint
from training.publish.card import model_card
from training.publish.findings import Findings
from training.publish.plots import plots
from training.publish.rows import figures_of, kinds_of
from training.split import quarters

BUNDLE = "bundle"
"""The name of the bundle's folder: MLflow keeps it among the artifacts under the same one."""

_QUARTER_ROWS_MIN = 20
_SERVED_MODEL = Path(__file__).parent / "served_model.py"
_KNOCK_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306}
_FILE = "sqlite:///"
_PATIENCE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
}
_TYPES = {Kind.TEXT: DataType.string, Kind.DATE: DataType.datetime, Kind.MOMENT: DataType.datetime}


class TrackingAwayError(TrainingError):
    """The tracking server, or the file that stands for it, cannot be reached."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where a training was written down: its run, and the version its model was registered under."""

    run_id: str
    version: str


def publish(findings: Findings, bundle: Path, *, tracking_uri: str, aliases: Sequence[Role]) -> Published:
    """Log a training and register its bundle (a folder named `bundle`) under these aliases.

    Where it is not itself the challenger, nobody is: it has left behind whoever was. Raises TrainingError where the
    tracking server refuses.
    """
    name = registered_model_name(findings.firm)
    with _server(tracking_uri):
        experiment = _experiment(name, tracking_uri)
        with mlflow.start_run(experiment_id=experiment, run_name=f"{findings.at:%Y-%m-%d %H:%M}") as run:
            _log_training(findings)
            for scorer in findings.rounds[0].raw:
                with mlflow.start_run(experiment_id=experiment, run_name=scorer, nested=True):
                    _log_candidate(findings, scorer)
            version = _register(findings, bundle, name)
        for alias in aliases:
            MlflowClient().set_registered_model_alias(name, alias, version)
        if "challenger" not in aliases:
            MlflowClient().delete_registered_model_alias(name, "challenger")
    return Published(run.info.run_id, version)


def knock(firm: str, *, tracking_uri: str) -> None:
    """Ask the tracking server for the firm's experiment, before hours are spent on what it is to keep.

    Raises TrackingAwayError, and TrainingError where it refuses.
    """
    with _server(tracking_uri):
        mlflow.get_experiment_by_name(registered_model_name(firm))


def move_alias(firm: str, version: str, *, tracking_uri: str, alias: Role) -> None:
    """Point an alias of a firm's registered model at a version."""
    with _server(tracking_uri):
        MlflowClient().set_registered_model_alias(registered_model_name(firm), alias, version)


@contextmanager
def _server(tracking_uri: str) -> Iterator[None]:
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    before = mlflow.get_tracking_uri()
    _see_that_it_is_there(tracking_uri)
    mlflow.set_tracking_uri(tracking_uri)
    try:
        yield
    except MlflowException as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise TrainingError(f"The tracking server at {_without_password(tracking_uri)} refused: {reason}") from error
    finally:
        mlflow.set_tracking_uri(before)


def _see_that_it_is_there(tracking_uri: str) -> None:
    """Knock once: MLflow itself knocks for minutes."""
    parts = urlsplit(tracking_uri)
    if not parts.hostname:
        _see_that_it_can_be_written(tracking_uri)
        return
    try:
        socket.create_connection((parts.hostname, parts.port or _PORTS.get(parts.scheme, 443)), _KNOCK_SECONDS).close()
    except OSError as error:
        raise TrackingAwayError(
            f"The tracking server at {_without_password(tracking_uri)} cannot be reached ({error}). Start it, or set "
            "MLSCORE_TRACKING_URI."
        ) from None


def _see_that_it_can_be_written(tracking_uri: str) -> None:
    if not tracking_uri.startswith(_FILE):
        return
    folder = Path(tracking_uri.removeprefix(_FILE)).resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise TrackingAwayError(
            f"The tracking store {tracking_uri} cannot be written ({error.strerror}). Let this user write to {folder}, "
            "or set MLSCORE_TRACKING_URI."
        ) from None


def _without_password(tracking_uri: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//", tracking_uri)


def _experiment(name: str, tracking_uri: str) -> str:
    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    is_file = tracking_uri.startswith(_FILE)
    # MLflow's own default is a folder wherever the process happens to stand.
    artifacts = Path(tracking_uri.removeprefix(_FILE)).resolve().parent / "mlartifacts" / name
    return str(mlflow.create_experiment(name, artifact_location=artifacts.as_uri() if is_file else None))


def _log_training(findings: Findings) -> None:
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
            **{f"gate.{g.code}": f"{'passed' if g.passed else 'failed'}: {g.sentence}"[:4900] for g in findings.gates},
        }
    )
    mlflow.log_params({**findings.settings, "seed": str(findings.seed), "judged": len(findings.rows)})
    counts = {"deals": float(len(table)), "positives": float(table.y.sum()), "immature": float(findings.plan.immature)}
    left_out = {f"left_out.{why}": float(count) for why, count in table.left_out.items()}
    by_scorer = {
        f"{f.scorer}.{n}": v
        for f in findings.figures
        if f.scorer in {"rules", "service"}
        for n, v in f.numbers().items()
    }
    if findings.money is not None:
        counts |= {"expected_profit": findings.money[0], "realised_profit": findings.money[1]}
    mlflow.log_metrics(counts | left_out | by_scorer | by_quarter(findings, findings.rounds[0].service))
    mlflow.log_text(model_card(findings), "card.md")
    for name, figure in plots(findings):
        mlflow.log_figure(figure, f"plots/{name}")


def _log_candidate(findings: Findings, scorer: str) -> None:
    [figures] = [f for f in findings.figures if f.scorer == scorer]
    mlflow.set_tags({"candidate": scorer, "is_winner": str(scorer == findings.winner).lower()})
    mlflow.log_metrics(figures.numbers() | by_quarter(findings, findings.rounds[0].log_odds[scorer]))


def by_quarter(findings: Findings, log_odds: Floats) -> dict[str, float]:
    """Return log loss and AUC a calendar quarter, for quarters of 20 judged deals or more."""
    rows, found = findings.rows, dict[str, float]()
    if not findings.plan.by_time:
        return found
    names = np.array(quarters(findings.table.as_of[rows]))
    for quarter in np.unique(names).tolist():
        among = rows[names == quarter]
        if len(among) < _QUARTER_ROWS_MIN:
            continue
        y, p = findings.table.y[among], sigmoid(log_odds[among])
        found[f"log_loss/{quarter}"] = comparison.log_loss(y, p)
        found[f"auc/{quarter}"] = comparison.auc(y, p)
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _register(findings: Findings, bundle: Path, name: str) -> str:
    with warnings.catch_warnings():
        # An example would be a deal, and no client's data travels in a model; the signature is given.
        warnings.filterwarnings("ignore", message=".*input example", category=UserWarning)
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(_SERVED_MODEL),
            artifacts={BUNDLE: str(bundle)},
            signature=signature(findings.table.policy),
            pip_requirements=[f"mlscore=={__version__}"],
        )
    return _new_version(name, info)


def _new_version(name: str, info: ModelInfo) -> str:
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    version = client.create_model_version(name, source=info.model_uri, run_id=info.run_id, model_id=info.model_id)
    return str(version.version)


def signature(policy: Policy) -> ModelSignature:
    """Return what a row may have, all optional (yes 1, no 0, money in minor units), and what is answered."""
    kinds = kinds_of(policy) | dict.fromkeys(figures_of(policy), Kind.NUMBER)
    facts: list[ColSpec | TensorSpec] = [
        ColSpec(_TYPES.get(kind, DataType.double), name, required=False) for name, kind in kinds.items()
    ]
    answers: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.double, name) for name in ("probability", "low", "high", "expected_profit")
    ]
    return ModelSignature(inputs=Schema(facts), outputs=Schema(answers))
