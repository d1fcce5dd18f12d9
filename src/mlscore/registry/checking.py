"""Checks a bundle in a throw-away process: a damaged booster may end that one, never ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess  # nosec B404 # a bundle is tried in a process of its own
import sys
from pathlib import Path
from typing import Protocol

from mlscore.registry.bundle import load_and_try
from mlscore.registry.manifest import read_sealed
from mlscore.registry.signing import ANYBODY, Trust
from mlscore.registry.trial import DEAL_SECONDS
from mlscore.scoring.errors import ModelError
from mlscore.scoring.model import FittedModel

TIMEOUT_S = 60.0

_KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONTZPATH")
"""What the child is told of our environment; secrets stay here."""

_SET = {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}


class Check(Protocol):
    """Says why a bundle must not serve, None where it may."""

    def __call__(self, folder: Path, *, version: str) -> str | None:
        """Return the reason."""
        ...


def check_bundle(
    folder: Path, *, version: str, timeout_s: float = TIMEOUT_S, deal_seconds: float = DEAL_SECONDS
) -> str | None:
    """Return why this bundle must not serve, None where it may.

    It is loaded in a child process, its trees are counted, its golden rows answered again, and their time taken: a deal
    may cost `deal_seconds` of the processor.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET
    command = [sys.executable, "-P", "-m", "mlscore.registry.trial", str(folder.resolve()), version, str(deal_seconds)]
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # our own program; the folder and the version are its arguments
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return f"Model {version} could not be checked within {timeout_s:g} s. Publish it again, or free the machine."
    if done.returncode:
        return f"Model {version} could not be read: the check {_how_it_ended(done)}. Publish it again."
    return _reason(done.stdout, version)


def load_checked(folder: Path, *, version: str, check: Check = check_bundle, trust: Trust = ANYBODY) -> FittedModel:
    """Return a model that has been checked apart, and has answered its golden rows here: that warms it up.

    Raises ModelError with the reason where it must not serve: who signed it is asked before anything is tried.
    """
    read_sealed(folder, only=(), trust=trust)
    if (reason := check(folder, version=version)) is not None:
        raise ModelError(reason)
    return load_and_try(folder, version=version, trust=trust)


def _how_it_ended(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"was ended by {signal.Signals(-done.returncode).name}, as by a damaged booster"
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"failed with {last[0][:300]!r}" if last else f"failed with exit code {done.returncode}"


def _reason(answer: bytes, version: str) -> str | None:
    try:
        reason: str | None = json.loads(answer.splitlines()[-1])["reason"]
    except (ValueError, IndexError, KeyError, TypeError):
        return f"Model {version} could not be read: the check ended without an answer. Publish it again."
    return reason
