"""MLflow: one experiment a firm, a run a training with one nested run a candidate, a registered model, aliases."""

from __future__ import annotations

import logging
import os
import re
import socket
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit
from uuid import uuid4

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.models.model import ModelInfo
from mlflow.types import ColSpec, DataType, Schema, TensorSpec

from mlscore import __version__
from mlscore.registry import Role, registered_model_name
from mlscore.scoring.deal import Kind
from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import Policy
from training.publish.findings import Findings
from training.publish.plots import Plot
from training.publish.rows import figures_of, kinds_of, units_of
from training.publish.run import log_candidate, log_training

BUNDLE = "bundle"
"""The name of the bundle's folder: MLflow keeps it among the artifacts under the same one."""

SERVED_MODEL = Path(__file__).parent / "served_model.py"
_KNOCK_SECONDS = 5.0
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306}
_FILE = "sqlite:///"
_PATIENCE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
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


def publish(
    findings: Findings,
    bundle: Path,
    *,
    plots: Sequence[Plot] = (),
    tracking_uri: str,
    aliases: Sequence[Role],
    taken: Collection[str] = (),
) -> Published:
    """Log a training with its plots, and register its bundle (a folder named `bundle`) under these aliases.

    `taken` are versions it cannot have: a tracking server begun anew counts from 1, and the shelf has that one.
    Where it is not itself the challenger, nobody is: it has left behind whoever was. Raises TrainingError where the
    tracking server refuses.
    """
    name = registered_model_name(findings.firm)
    with _server(tracking_uri):
        experiment = _experiment(name, tracking_uri)
        with mlflow.start_run(experiment_id=experiment, run_name=f"{findings.at:%Y-%m-%d %H:%M}") as run:
            log_training(findings, bundle, plots)
            for scorer in findings.rounds[0].raw:
                with mlflow.start_run(experiment_id=experiment, run_name=scorer, nested=True):
                    log_candidate(findings, scorer)
            version = _register(findings, bundle, name, taken)
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
    except Exception as error:
        if not type(error).__module__.startswith(("sqlalchemy", "alembic")):  # which MLflow lets through
            raise
        reason = str(error).strip().splitlines()[0][:300]
        raise TrackingAwayError(
            f"The tracking store {_without_password(tracking_uri)} cannot be used ({reason}). See that it runs and has "
            "room; where it is damaged move it away: the next training begins a new one."
        ) from error
    finally:
        mlflow.set_tracking_uri(before)


def _see_that_it_is_there(tracking_uri: str) -> None:
    """Knock once: MLflow itself knocks for minutes."""
    parts = urlsplit(tracking_uri)
    if not parts.hostname:
        _see_that_it_can_be_written(tracking_uri)
        _begin(tracking_uri)
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


def _begin(tracking_uri: str) -> None:
    """Make a new file's tables, all or none: where it was cut short among them, MLflow can never go on."""
    store = Path(tracking_uri.removeprefix(_FILE))
    if not tracking_uri.startswith(_FILE) or not store.name or "?" in store.name or store.exists():
        return
    staged = store.with_name(f".{store.name}.{uuid4().hex}")
    try:
        MlflowClient(f"{_FILE}{staged}", f"{_FILE}{staged}").search_experiments(max_results=1)
        if not store.exists():
            staged.rename(store)
    finally:
        staged.unlink(missing_ok=True)


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


def _register(findings: Findings, bundle: Path, name: str, taken: Collection[str]) -> str:
    with warnings.catch_warnings():
        # An example would be a deal, and no client's data travels in a model; the signature is given.
        warnings.filterwarnings("ignore", message=".*input example", category=UserWarning)
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SERVED_MODEL),
            artifacts={BUNDLE: str(bundle)},
            signature=signature(findings.table.policy),
            metadata={"units": units_of(findings.table.policy)},
            pip_requirements=[f"mlscore=={__version__}"],
        )
    return _new_version(name, info, taken)


def _new_version(name: str, info: ModelInfo, taken: Collection[str]) -> str:
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    passed_over: list[str] = []
    while True:
        version = client.create_model_version(name, source=info.model_uri, run_id=info.run_id, model_id=info.model_id)
        if str(version.version) not in taken:
            break
        passed_over.append(str(version.version))
    for number in passed_over:
        client.delete_model_version(name, number)
    return str(version.version)


def signature(policy: Policy) -> ModelSignature:
    """Return what a row may have, all optional (numbers with a point, as `units_of` says), and what is answered."""
    kinds = kinds_of(policy) | dict.fromkeys(figures_of(policy), Kind.NUMBER)
    facts: list[ColSpec | TensorSpec] = [
        ColSpec(_TYPES.get(kind, DataType.double), name, required=False) for name, kind in kinds.items()
    ]
    answers: list[ColSpec | TensorSpec] = [
        *(ColSpec(DataType.double, name) for name in ("probability", "low", "high", "expected_profit")),
        ColSpec(DataType.boolean, "abstained"),
    ]
    return ModelSignature(inputs=Schema(facts), outputs=Schema(answers))
