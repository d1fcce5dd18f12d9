"""Whichever operation of the disk fails, what lies there is the old or the new, whole, and nothing is left over."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlscore.registry import Shelf
from mlscore.registry.durable import replace_file, write_folder
from mlscore.registry.manifest import read_sealed
from mlscore.scoring.errors import BundleDamagedError
from tests.registry.models import a_bundle

OPERATIONS = ((os, "fsync"), (os, "open"), (Path, "rename"), (Path, "replace"), (Path, "mkdir"), (Path, "open"))
EACH_OPERATION = pytest.mark.parametrize(("module", "name"), OPERATIONS, ids=[name for _, name in OPERATIONS])


def failing_at(
    number: int, module: object, name: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> bool:
    """Let the Nth call of an operation fail while something is done; return whether it was met."""
    real, calls = getattr(module, name), iter(range(1, 10_000))
    was_met = False

    def failing(*given: object, **named: object) -> object:
        nonlocal was_met
        if next(calls) == number:
            was_met = True
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, failing)
        try:
            act()
        except (OSError, BundleDamagedError):
            assert was_met
    return was_met


@EACH_OPERATION
def test_a_replaced_file_is_the_old_or_the_new(module, name, tmp_path, monkeypatch):
    path, number = tmp_path / "champion", 1
    path.write_bytes(b"old")
    while failing_at(number, module, name, monkeypatch, lambda: replace_file(path, b"new")):
        assert path.read_bytes() in {b"old", b"new"}
        assert list(tmp_path.iterdir()) == [path]
        path.write_bytes(b"old")
        number += 1
    assert path.read_bytes() == b"new"


@EACH_OPERATION
def test_a_folder_is_there_whole_or_not_at_all(module, name, tmp_path, monkeypatch):
    files, number = {"a": b"1", "b": b"22"}, 1
    folder = tmp_path / f"version-{number}"
    while failing_at(number, module, name, monkeypatch, lambda folder=folder: write_folder(folder, files)):
        found = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else files
        assert found == files
        assert {path.name[0] for path in tmp_path.iterdir()} <= {"v"}, "something staged was left over"
        number += 1
        folder = tmp_path / f"version-{number}"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


@EACH_OPERATION
def test_a_champions_pointer_never_names_a_model_that_is_not_there_whole(module, name, tmp_path, monkeypatch):
    shelf, made, number = Shelf(tmp_path / "models"), a_bundle(tmp_path / "made"), 1
    shelf.put("main", "0", made)
    shelf.point("main", "0")

    def publish() -> None:
        shelf.put("main", str(number), made)
        shelf.point("main", str(number))

    while failing_at(number, module, name, monkeypatch, publish):
        champion = shelf.champion("main")
        assert champion is not None
        assert read_sealed(shelf.folder("main", champion))
        number += 1
    assert shelf.champion("main") == str(number)
