"""`mlscore doctor`: says in words what is missing or misconfigured."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import typer

from mlscore.cli.console import out, refusing
from mlscore.scoring.errors import MlscoreError
from mlscore.settings import Settings

State = Literal["good", "note", "wrong"]
_COLOURS = {"good": "green", "note": "yellow", "wrong": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what to do where it is not good."""

    what: str
    state: State
    said: str


def doctor() -> None:
    """Look at settings, store, policy, keys and model, and say what is missing. Status 1 when something is wrong."""
    with refusing() as settings:
        findings = list(examine(settings))
    for finding in findings:
        colour = _COLOURS[finding.state]
        out.print(
            f"[{colour}]{finding.state:5}[/{colour}] {finding.what}: {finding.said}", soft_wrap=True, highlight=False
        )
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything a service needs, in the order it needs it."""
    for look in (_store, _policy, _keys, _model, _address, _cores):
        try:
            yield look(settings)
        except MlscoreError as error:
            yield Finding(_name(look), "wrong", str(error))


def _name(look: Callable[[Settings], Finding]) -> str:
    return look.__name__.removeprefix("_")


def _store(settings: Settings) -> Finding:
    from mlscore.bootstrap import open_parts

    with open_parts(settings) as parts:
        parts.store.ping()
        address = parts.store.database.engine.url.render_as_string(hide_password=True)
        return Finding("store", "good", f"answers, and its tables are of this version: {address}")


def _policy(settings: Settings) -> Finding:
    from mlscore.bootstrap import open_parts

    with open_parts(settings) as parts:
        version = parts.policies.current(settings.firm)
    where = f"the file {settings.policy}" if settings.policy else f"version {version.version} of the store"
    if version.version <= 1 and not settings.policy:
        said = f"{where} is the shipped example: put in your own figures with `mlscore policy show FILE`, then apply it"
        return Finding("policy", "note", said)
    return Finding("policy", "good", f"{where} ({version.fingerprint}), applied by {version.applied_by}")


def _keys(settings: Settings) -> Finding:
    from mlscore.bootstrap import open_parts

    with open_parts(settings) as parts:
        now = parts.clock()
        live = [
            key
            for key in parts.store.keys.every(settings.firm)
            if key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
        ]
    if not live:
        return Finding("keys", "wrong", "nobody can call the API: make a key with `mlscore keys create NAME`")
    return Finding("keys", "good", f"{len(live)} in force: {', '.join(key.name for key in live)}")


def _model(settings: Settings) -> Finding:
    from mlscore.registry import Shelf, check_bundle

    shelf = Shelf(settings.models)
    version = shelf.champion(settings.firm)
    if version is None:
        said = "none trained: the policy's prior answers and abstains. Train one: python -m training retrain"
        return Finding("model", "note", said)
    reason = check_bundle(shelf.folder(settings.firm, version), version=version)
    if reason is not None:
        return Finding("model", "wrong", f"version {version} is refused: {reason} Go back: python -m training rollback")
    return Finding("model", "good", f"version {version} is whole and answers its golden rows")


def _address(settings: Settings) -> Finding:
    if settings.host in {"127.0.0.1", "localhost", "::1"}:
        return Finding("address", "good", f"{settings.host}:{settings.port}, this machine only")
    return Finding("address", "note", f"{settings.host}:{settings.port} is open to others: put TLS in front of it")


def _cores(_settings: Settings) -> Finding:
    if os.environ.get("OMP_WAIT_POLICY", "").lower() == "passive":
        return Finding("cores", "good", "OMP_WAIT_POLICY=passive: sharing cores with a retraining is safe")
    said = "set OMP_WAIT_POLICY=passive where a retraining shares this machine: spinning threads slow scoring down"
    return Finding("cores", "note", said)
