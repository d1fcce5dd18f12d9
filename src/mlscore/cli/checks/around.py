"""Whether what stands around the service is as it should be: the environment, the network, the models."""

from __future__ import annotations

import http.client
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

from mlscore.cli.checks.finding import Finding
from mlscore.http.vitals.counting import SHARED_FOLDER
from mlscore.scoring.errors import MlscoreError
from mlscore.settings import Settings

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MLFLOW_DEFAULTS = {"password", "password1234"}
CHAMPION_AT_MOST = timedelta(days=180)
FOLLOWED_AT_MOST = timedelta(hours=1)
LISTENS_EVERYWHERE = {str(IPv4Address(0)): "127.0.0.1", str(IPv6Address(0)): "::1"}
"""An open address, and where this machine is to be asked for who listens at it."""
ANSWERS_WITHIN_SECONDS = 2.0
SAID_AT_MOST = 10_000
OTHERS = {"MLSCORE_DATASETS"}
"""Read by training alone."""

_PASSWORD = re.compile(r"//[^/@:\s]+:[^/@\s]+@")


def look_at_environment(settings: Settings) -> Iterator[Finding]:
    """Look at variables and packages."""
    known = {f"MLSCORE_{name.upper()}" for name in type(settings).model_fields} | OTHERS
    strange = sorted(name for name in os.environ if name.startswith("MLSCORE_") and name not in known)
    if strange:
        yield Finding("settings", "wrong", f"no such setting: {', '.join(strange)}. Check the spelling")
    try:
        is_there = find_spec("lightgbm") is not None
    except ValueError:
        is_there = False
    if not is_there:
        yield Finding(
            "lightgbm", "wrong", "not installed: a model of large trees cannot answer. Install requirements-serve.lock"
        )
    folder = os.environ.get(SHARED_FOLDER)
    if folder and not Path(folder).is_dir():
        yield Finding("metrics", "wrong", f"{SHARED_FOLDER}={folder} is no folder: workers cannot count there")


def answers_as_ours(host: str, port: int) -> bool:
    """Tell whether what listens at an address is an mlscore; of an open address this machine is asked."""
    asked = http.client.HTTPConnection(LISTENS_EVERYWHERE.get(host, host), port, timeout=ANSWERS_WITHIN_SECONDS)
    try:
        asked.request("GET", "/v2")
        told = json.loads(asked.getresponse().read(SAID_AT_MOST))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        asked.close()
    return isinstance(told, dict) and told.get("name") == "mlscore"


def look_at_network(settings: Settings) -> Iterator[Finding]:
    """Look at what others can reach, and at secrets in addresses."""
    if settings.host not in LOOPBACK:
        is_open = {"/docs": settings.docs, "/metrics": settings.metrics_for == "anyone"}
        pages = [page for page, open_ in is_open.items() if open_]
        if pages:
            said = f"{', '.join(pages)} can be read by whoever reaches {settings.host}: keep them off the public side"
            yield Finding("pages", "note", said)
    for name, address in (("MLSCORE_DATABASE", settings.database), ("MLSCORE_TRACKING_URI", settings.tracking_uri)):
        if _PASSWORD.search(address):
            yield Finding(
                "secrets", "note", f"{name} holds a password: use PGPASSWORD, pgpass or MLFLOW_TRACKING_PASSWORD"
            )
    yield from _tracking(settings)


def _tracking(settings: Settings) -> Iterator[Finding]:
    address = urlsplit(settings.tracking_uri)
    if address.scheme not in {"http", "https"}:
        return
    is_far = address.hostname not in LOOPBACK
    password = address.password or os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if password in MLFLOW_DEFAULTS:
        yield Finding("tracking", "wrong", "MLflow still has the password it was shipped with: change it")
    elif is_far and password is None and "MLFLOW_TRACKING_TOKEN" not in os.environ:
        said = (
            f"{address.hostname} asks for no password: who can write there chooses the model. Use MLflow's basic-auth"
        )
        yield Finding("tracking", "note", said)
    if is_far and address.scheme == "http":
        yield Finding(
            "tracking", "note", f"{address.hostname} is reached without TLS: models and passwords can be changed"
        )


def look_at_models(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look at the champion's age, and whether the tracking server is still followed."""
    from mlscore.registry import Shelf

    shelf = Shelf(settings.models)
    try:
        pointer = shelf.pointer(settings.firm)
    except (MlscoreError, OSError):
        pointer = None  # told of elsewhere
    if pointer is not None and now - pointer.at > CHAMPION_AT_MOST:
        yield Finding(
            "model", "note", f"version {pointer.version} has served for {(now - pointer.at).days} days: retrain"
        )
    followed_at = shelf.followed_at(settings.firm)
    if followed_at is not None and now - followed_at > FOLLOWED_AT_MOST:
        hours = (now - followed_at) / timedelta(hours=1)
        yield Finding(
            "follow", "note", f"the tracking server was last reached {hours:.0f} hours ago: does `follow` run?"
        )
