"""`mlscore doctor`: says in words what is missing or misconfigured, and changes nothing."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence

import typer

from mlscore.cli.checks import around, in_step, keeping, telling
from mlscore.cli.checks.finding import Finding
from mlscore.cli.checks.listening import in_the_way, what_to_do
from mlscore.cli.console import out, refusing
from mlscore.ports import Key, PolicyVersion, User
from mlscore.scoring.errors import MlscoreError
from mlscore.scoring.policy import default_policy, fingerprint
from mlscore.settings import Settings

_COLOURS = {"good": "green", "note": "yellow", "wrong": "red"}
_CREDENTIALS = re.compile(r"//[^/@\s]+@")


def doctor() -> None:
    """Look at settings, store, policy, keys and model, and say what is missing. Status 1 when something is wrong.

    It changes nothing: no table is made or altered, and no policy applied.
    """
    with refusing() as settings:
        findings = list(examine(settings))
    for finding in findings:
        colour = _COLOURS[finding.state]
        out.print(f"[{colour}]{finding.state:5}[/{colour}] {finding.what}: ", end="")
        out.print(finding.said, soft_wrap=True, highlight=False, markup=False)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything a service needs, in the order it needs it; nothing is made or changed."""
    try:
        yield from _kept(settings)
    except MlscoreError as error:
        yield Finding("store", "wrong", str(error))
    for name, look in (
        ("model", _model),
        ("signature", _signature),
        ("address", _address),
        ("tracking", _tracking),
        ("cores", _cores),
    ):
        try:
            yield look(settings)
        except (MlscoreError, OSError) as error:
            yield Finding(name, "wrong", str(error))
    yield from _around(settings)


def _around(settings: Settings) -> Iterator[Finding]:
    from mlscore.bootstrap import now

    yield from around.look_at_environment(settings)
    yield from around.look_at_network(settings)
    yield from around.look_at_models(settings, now())
    yield from keeping.look_at_disks(settings)
    yield from keeping.look_at_spool(settings)
    yield from keeping.look_at_copies(settings, now())
    yield from in_step.look_at_connection(settings)


def _kept(settings: Settings) -> Iterator[Finding]:
    from mlscore.bootstrap import BITRIX24, now
    from mlscore.store import open_store

    file = keeping.sqlite_file(settings.database)
    if file is not None and not file.exists():
        said = (
            f"there is none yet at {file.absolute()}: it is made when the service first starts or history is imported"
        )
        yield Finding("store", "note", said)
        yield Finding("keys", "wrong", _NO_KEYS)
        return
    store = open_store(settings.database)
    try:
        store.ping()
        shown = store.database.engine.url.render_as_string(hide_password=True)
        yield Finding("store", "good", f"answers, and its tables are of this version: {shown}; firm {settings.firm}")
        yield _policy(settings, store.policies.current(settings.firm))
        live = [key for key in store.keys.every(settings.firm) if _is_in_force(key)]
        yield _keys(live, settings)
        yield _people(store.users.every(settings.firm))
        yield from keeping.look_at_keys(live, now())
        yield from keeping.look_at_store(store, now())
        yield from telling.look_at_webhooks(settings.firm, store.webhooks, store.deliveries)
        yield from in_step.look_at_tasks(settings.firm, BITRIX24, store.tasks, now())
    finally:
        store.close()


def _policy(settings: Settings, version: PolicyVersion | None) -> Finding:
    from mlscore.bootstrap import now, read_pinned_policy

    if settings.policy is not None:
        pinned = read_pinned_policy(settings.policy, at=now())
        return Finding("policy", "good", f"the file {settings.policy} ({pinned.fingerprint}), for every firm")
    if version is None or version.fingerprint == fingerprint(default_policy()):
        said = "the shipped example: put in your own figures with `mlscore policy show FILE`, then apply it"
        return Finding("policy", "note", said)
    said = f"version {version.version} of the store ({version.fingerprint}), applied by {version.applied_by}"
    return Finding("policy", "good", said)


def _is_in_force(key: Key) -> bool:
    from mlscore.bootstrap import now

    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now())


_NO_KEYS = "nobody can call the API: make a key with `mlscore keys create NAME`"


def _keys(live: Sequence[Key], settings: Settings) -> Finding:
    from mlscore.crm.bitrix24.connection import SECRETS

    if not live:
        # A portal's own events need none.
        is_connected = (settings.bitrix24 / SECRETS).exists()
        return Finding("keys", "note" if is_connected else "wrong", _NO_KEYS)
    return Finding("keys", "good", f"{len(live)} in force: {', '.join(key.name for key in live)}")


def _people(everybody: Sequence[User]) -> Finding:
    if not any(one.disabled_at is None for one in everybody):
        said = "nobody may sign in to the pages: let somebody in with `mlscore users create NAME --role admin`"
        return Finding("people", "note", said)
    return Finding("people", "good", f"{sum(one.disabled_at is None for one in everybody)} may sign in to the pages")


def _model(settings: Settings) -> Finding:
    from mlscore.registry import Shelf, check_bundle, load_bundle
    from mlscore.texts import say

    shelf = Shelf(settings.models)
    version = shelf.champion(settings.firm)
    if version is None:
        said = "none trained: the policy's prior answers and abstains. Train one: python -m training retrain"
        return Finding("model", "note", said)
    folder = shelf.folder(settings.firm, version)
    reason = check_bundle(folder, version=version)
    if reason is not None:
        return Finding("model", "wrong", f"version {version} is refused: {reason} Go back: python -m training rollback")
    model = load_bundle(folder, version=version)
    if model.why_unapproved is not None:
        return Finding("model", "note", f"version {version} is whole. {say(model.why_unapproved, 'en')}")
    return Finding("model", "good", f"version {version} is whole and answers its golden rows; shelf {settings.models}")


def _signature(settings: Settings) -> Finding:
    from mlscore.registry import Shelf, Trust
    from mlscore.registry.manifest import read_sealed

    trust, shelf = Trust.of(settings.trusted_keys), Shelf(settings.models)
    version = shelf.champion(settings.firm)
    if not trust.keys:
        said = "models are taken from anybody who can write to the shelf: `python -m training keygen`, then give its"
        return Finding("signature", "note", f"{said} public key to MLSCORE_TRUSTED_KEYS")
    if version is not None:
        read_sealed(shelf.folder(settings.firm, version), only=(), trust=trust)
    if settings.signing_key is not None:
        said = f"the signing key {settings.signing_key} is on this machine: where it only serves, take it away"
        return Finding("signature", "note", said)
    return Finding("signature", "good", f"only models signed by one of {len(trust.keys)} key(s) may serve")


def _address(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    error = in_the_way(settings.host, settings.port)
    if error is not None:
        if error.errno == errno.EADDRINUSE and around.answers_as_ours(settings.host, settings.port):
            return Finding("address", "good", f"{where}: an mlscore serves there")
        return Finding("address", "wrong", what_to_do(settings.host, settings.port, error))
    if settings.host in around.LOOPBACK:
        return Finding("address", "good", f"{where}, this machine only")
    return Finding("address", "note", f"{where} is open to others: put TLS in front of it")


def _tracking(settings: Settings) -> Finding:
    shown = _CREDENTIALS.sub("//", settings.tracking_uri)
    file = keeping.sqlite_file(settings.tracking_uri)
    if file is not None and not file.exists():
        return Finding("tracking", "note", f"{shown} is not there yet: the first training makes it")
    return Finding("tracking", "good", f"{shown}, for training and `mlscore follow`")


def _cores(_settings: Settings) -> Finding:
    if os.environ.get("OMP_WAIT_POLICY", "").lower() == "passive":
        return Finding("cores", "good", "OMP_WAIT_POLICY=passive: sharing cores with a retraining is safe")
    said = "set OMP_WAIT_POLICY=passive where a retraining shares this machine: spinning threads slow scoring down"
    return Finding("cores", "note", said)
