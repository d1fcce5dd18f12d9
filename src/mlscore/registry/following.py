"""Keeps the shelf in step with an MLflow tracking server; files only: nothing of MLflow's own is ever loaded.

Also grants what people ask of the pages: a version becomes the champion in the server and on the shelf.
"""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from mlscore.ports import Clock, Wish, Wishes
from mlscore.registry.checking import check_bundle
from mlscore.registry.manifest import MANIFEST, read_sealed
from mlscore.registry.shelf import Role, Shelf
from mlscore.registry.signing import Trust
from mlscore.scoring.errors import BundleUnfitError, MlscoreError, ModelError, NotFoundError, UnreachableError

if TYPE_CHECKING:
    from mlflow import MlflowClient

MAIN_FIRM = "main"
REGISTERED_MODEL = "mlscore"
BUNDLE = "bundle"
"""The folder, within a logged model's artifacts, that holds our own files."""

_PATIENCE = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": "60",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
"""MLflow's own waits of minutes, cut to seconds; whoever set one before us is obeyed."""


_LOGGED = "models:/"
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class FollowReport:
    """What one look at the server came to; `reason` says why nothing was taken."""

    firm: str
    outcome: Literal["moved", "unchanged", "refused", "unreachable"]
    version: str | None = None
    reason: str | None = None


def registered_model_name(firm: str) -> str:
    """Return the name a firm's model has in the tracking server."""
    return REGISTERED_MODEL if firm == MAIN_FIRM else f"{REGISTERED_MODEL}-{firm}"


def follow_once(
    shelf: Shelf,
    *,
    firm: str,
    tracking_uri: str,
    model_name: str,
    alias: Role = "champion",
    already_refused: FollowReport | None = None,
) -> FollowReport:
    """Look at the alias once; download, check and shelve a version that is new, then move the pointer.

    A version that `already_refused` names is not downloaded again. Never raises for what the server does.
    """
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    try:
        version = _version_of(tracking_uri, model_name, alias)
        shelf.note_followed(firm)
        if _pointed(shelf, firm, alias) == version:
            return FollowReport(firm, "unchanged", version)
        if already_refused is not None and already_refused.version == version:
            return already_refused
        if version not in shelf.versions(firm):
            _fetch(shelf, firm, tracking_uri, model_name, version)
        else:
            _check(shelf.folder(firm, version), version, shelf.trust)
        shelf.point(firm, version, alias)
    except MlscoreError as error:
        return FollowReport(firm, "refused", version, str(error))
    except Exception as error:  # noqa: BLE001 - the edge: many libraries' errors pass through MLflow; none may end us
        reason = f"{tracking_uri} gives no {model_name}@{alias} ({_first_line(error)}). Trying again later."
        return FollowReport(firm, "unreachable", None, _CREDENTIALS.sub("//", reason))
    return FollowReport(firm, "moved", version)


def follow(
    shelf: Shelf,
    *,
    firm: str,
    tracking_uri: str,
    model_name: str,
    alias: Role = "champion",
    poll_seconds: float = 30.0,
    stop: threading.Event,
    report: Callable[[FollowReport], None],
) -> None:
    """Look again and again until `stop` is set, up to a tenth later than every `poll_seconds`; tell each `report`."""
    refused: FollowReport | None = None
    while not stop.is_set():
        came_to = follow_once(
            shelf, firm=firm, tracking_uri=tracking_uri, model_name=model_name, alias=alias, already_refused=refused
        )
        refused = came_to if came_to.outcome == "refused" else None
        report(came_to)
        # Services that started together must not ask together.
        stop.wait(poll_seconds * random.uniform(1.0, 1.1))  # noqa: S311 # nosec B311 # spreads load, guards nothing


def _pointed(shelf: Shelf, firm: str, alias: Role) -> str | None:
    try:
        pointer = shelf.pointer(firm, alias)
    except ModelError:  # damaged: moving it writes it anew
        return None
    return pointer.version if pointer else None


def _client(tracking_uri: str) -> MlflowClient:
    from mlflow import MlflowClient  # noqa: PLC0415 - seconds to import, and absent from the lean server

    return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


def move_alias(tracking_uri: str, model_name: str, version: str, alias: Role = "champion") -> None:
    """Point an alias of the registered model at a version.

    Raises NotFoundError where the server has no such version, UnreachableError for whatever else it does.
    """
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    try:
        _client(tracking_uri).set_registered_model_alias(model_name, alias, version)
    except Exception as error:  # noqa: BLE001 - the edge: many libraries' errors pass through MLflow
        if getattr(error, "error_code", "") == "RESOURCE_DOES_NOT_EXIST":
            raise NotFoundError(f"The tracking server has no version {version} of {model_name}.") from None
        host = _CREDENTIALS.sub("//", tracking_uri)
        reason = _CREDENTIALS.sub("//", _first_line(error))
        raise UnreachableError(f"{host} did not move {model_name}@{alias} ({reason}).", host=host) from None


def _version_of(tracking_uri: str, model_name: str, alias: str) -> str:
    return str(_client(tracking_uri).get_model_version_by_alias(model_name, alias).version)


def _location_of(tracking_uri: str, model_name: str, version: str) -> str:
    """Return where a version's files lie: asked for by name, MLflow would look in its own server and not in ours."""
    client = _client(tracking_uri)
    source = str(client.get_model_version_download_uri(model_name, version))
    model_id = source.removeprefix(_LOGGED)
    return source if model_id == source else str(client.get_logged_model(model_id).artifact_location)


def _fetch(shelf: Shelf, firm: str, tracking_uri: str, model_name: str, version: str) -> None:
    """Download one version, check it, and put it on the shelf; raises MlscoreError where it is refused."""
    from mlflow.artifacts import download_artifacts  # noqa: PLC0415 - as above

    with TemporaryDirectory(prefix="mlscore-follow-") as scratch:
        found = download_artifacts(
            artifact_uri=_location_of(tracking_uri, model_name, version), dst_path=scratch, tracking_uri=tracking_uri
        )
        bundle = Path(found) / "artifacts" / BUNDLE
        if not (bundle / MANIFEST).is_file():
            raise BundleUnfitError(
                f"Version {version} of {model_name} holds no artifacts/{BUNDLE}/{MANIFEST}: it was not published by "
                "mlscore. Point the alias at one that was."
            )
        _check(bundle, version, shelf.trust)
        shelf.put(firm, version, bundle)


def _check(bundle: Path, version: str, trust: Trust) -> None:
    """Raise ModelError where a bundle must not serve; who signed it is asked before anything is tried."""
    read_sealed(bundle, only=(), trust=trust)
    if (reason := check_bundle(bundle, version=version)) is not None:
        raise BundleUnfitError(reason)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"[:300]


def grant(shelf: Shelf, wishes: Wishes, *, firm: str, tracking_uri: str, model_name: str, clock: Clock) -> Wish | None:
    """Grant the firm's wish, or note why it is refused; return it, None where there is none.

    A wish stays where the tracking server is away: raises UnreachableError then, StoreUnavailableError.
    """
    wish = wishes.pending(firm)
    if wish is None:
        return None
    try:
        _promote(shelf, wish, firm=firm, tracking_uri=tracking_uri, model_name=model_name)
    except UnreachableError:
        raise
    except MlscoreError as error:
        wishes.done(firm, wish.number, at=clock(), fault=str(error))
    else:
        wishes.done(firm, wish.number, at=clock())
    return wish


def _promote(shelf: Shelf, wish: Wish, *, firm: str, tracking_uri: str, model_name: str) -> None:
    """Raise NotFoundError, ModelError; the alias moves first, so that where the server is away nothing has changed."""
    if wish.version not in shelf.versions(firm):
        raise NotFoundError(f"No model {wish.version} lies on the shelf.")
    _check(shelf.folder(firm, wish.version), wish.version, shelf.trust)
    move_alias(tracking_uri, model_name, wish.version)
    if wish.kind == "roll_back" and shelf.would_roll_back_to(firm) == wish.version:
        shelf.roll_back(firm)
    else:
        shelf.point(firm, wish.version)
