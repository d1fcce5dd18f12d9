"""`mlscore backup` and `mlscore restore`: everything worth keeping, in one folder and back."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlscore import __version__
from mlscore.cli.console import err, refusing
from mlscore.scoring.errors import ConflictError, FaultyInputError
from mlscore.settings import Settings

if TYPE_CHECKING:
    from mlscore.store.spool import Spool

MANIFEST = "backup.json"


def backup(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder that is not there yet; else a new one in MLSCORE_BACKUPS.")
    ] = None,
) -> None:
    """Copy the spool, the database and the models, while the service runs. MLflow's own store is not among them."""
    from mlscore.bootstrap import now

    with refusing() as settings:
        target = folder or _named_by_the_moment(settings, now())
        if target.exists():
            raise ConflictError(f"{target} is there already: name a folder that is not.")
        staged = target.with_name(f".{target.name}.staged")
        staged.mkdir(parents=True)
        try:
            _copy(settings, staged)
            files = {str(path.relative_to(staged)): _digest(path) for path in sorted(_files(staged))}
            document = {"at": now().isoformat(), "mlscore": __version__, "files": files}
            (staged / MANIFEST).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        typer.echo(f"{target}: {len(files)} files")


def restore(folder: Annotated[Path, typer.Argument(help="What `mlscore backup` wrote.")]) -> None:
    """Put a copy back: into a database, a folder of models and a spool that are not there yet."""
    from mlscore.store import open_store
    from mlscore.store.upkeep.copying import restore_database

    with refusing() as settings:
        _check(folder)
        targets = {"models": settings.models, "spool": settings.spool}
        for target in targets.values():
            if target.exists() and any(target.iterdir()):
                raise ConflictError(f"{target} is not empty: move it away, or name another.")
        store = open_store(settings.database)
        try:
            restore_database(store.database, folder)
        finally:
            store.close()
        for name, target in targets.items():
            if (folder / name).is_dir():
                shutil.copytree(folder / name, target, dirs_exist_ok=True)
        err.print(f"Restored {folder}. `mlscore doctor` looks it over; then start the service.", soft_wrap=True)


def _named_by_the_moment(settings: Settings, at: datetime) -> Path:
    if settings.backups is None:
        raise FaultyInputError("Name a folder, or set MLSCORE_BACKUPS.")
    return settings.backups / f"{at:%Y-%m-%dT%H%M%S}"


def _copy(settings: Settings, staged: Path) -> None:
    from mlscore.store import open_store
    from mlscore.store.spool import Spool
    from mlscore.store.upkeep.copying import copy_database

    # The spool first: a receipt on its way from there to the database is then in both, never in neither.
    _copy_spool(Spool(settings.spool), staged / "spool")
    if settings.models.is_dir():
        shutil.copytree(settings.models, staged / "models", ignore=shutil.ignore_patterns(".*"))
    store = open_store(settings.database)
    try:
        copy_database(store.database, staged)
    finally:
        store.close()


def _copy_spool(spool: Spool, target: Path) -> None:
    for path in [*spool.files(), *spool.set_aside()]:
        # Gone since it was listed: the database has its receipts, and is copied after.
        with suppress(FileNotFoundError):
            target.mkdir(exist_ok=True)
            shutil.copyfile(path, target / path.name)


def _check(folder: Path) -> None:
    if not (folder / MANIFEST).is_file():
        raise FaultyInputError(f"There is no copy in {folder}: name a folder that `mlscore backup` wrote.")
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        damaged = [name for name, digest in files.items() if _digest(folder / name) != digest]
    except (OSError, ValueError, KeyError) as error:
        raise FaultyInputError(f"{folder} is no whole copy ({error}): take another.") from error
    if damaged:
        raise FaultyInputError(f"{folder} is damaged: {', '.join(damaged)}. Take another copy.")


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
