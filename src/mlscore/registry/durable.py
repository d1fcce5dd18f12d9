"""Writes files and folders so that a crash leaves the old or the new, never a half."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from mlscore.scoring.errors import ConflictError


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder of files in one step. Raises ConflictError where something already lies there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = _beside(folder)
    staged.mkdir()
    try:
        for name, content in files.items():
            _write_synced(staged / name, content)
        _sync_folder(staged)
        staged.rename(folder)
    except OSError as error:
        if folder.exists():
            raise ConflictError(f"{folder} already exists. Choose another folder, or remove this one.") from error
        raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    _sync_folder(folder.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in the place of the one that is there; a reader sees all of the old or all of the new."""
    staged = _beside(path)
    try:
        _write_synced(staged, content)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
    _sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there; a crash does not bring it back."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex}")


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
