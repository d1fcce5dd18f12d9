"""A bundle is data, never code: whatever lies in its folder, nothing of it is imported, unpickled or run."""

import os
import pickle
import sys
from pathlib import Path

import pytest

from mlscore.registry import LocalChampions, Shelf, check_bundle, load_bundle
from mlscore.registry.checking import load_checked
from mlscore.registry.manifest import MANIFEST, read_sealed, sealed
from mlscore.scoring.errors import FaultyInputError, ModelError
from tests.registry.models import a_bundle, a_constant_model

PLANTED = (
    "model.pkl",
    "python_model.pkl",
    "model.skops",
    "MLmodel",
    "loader.py",
    "__init__.py",
    "sitecustomize.py",
    "conftest.py",
    "json.py",
    "lightgbm.py",
    "numpy.py",
    "mlscore.py",
    "model.lgb",
    "requirements.txt",
)


class Opens:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def code_that_leaves(mark: Path) -> bytes:
    return f"import os\nos.mkdir({str(mark)!r})\n".encode()


def content_of(name: str, mark: Path) -> bytes:
    if name.endswith((".pkl", ".skops", ".lgb")):
        return pickle.dumps(Opens(mark))
    if name == "MLmodel":
        return (
            b"flavors:\n  python_function:\n    loader_module: loader\n    data: .\n    code: .\n"
            b"    python_model: python_model.pkl\n    model_code_path: loader.py\nmodel_uuid: 0\n"
        )
    return code_that_leaves(mark)


def with_everything_planted(folder: Path, mark: Path, *, listed: bool) -> Path:
    """Return a good bundle with files in it that run where loaded carelessly, `listed` in its manifest or not."""
    a_bundle(folder, a_constant_model(0.5))
    planted = {name: content_of(name, mark) for name in PLANTED}
    for name, content in planted.items():
        (folder / name).write_bytes(content)
    if listed:
        plain = {name.lower().strip("_"): content for name, content in planted.items()}
        for name, content in plain.items():
            (folder / name).write_bytes(content)
        (folder / MANIFEST).write_bytes(sealed(read_sealed(folder) | plain, created_at="2026-03-02T12:00:00Z"))
    return folder


def test_what_is_planted_would_leave_its_mark_where_it_is_run(tmp_path: Path) -> None:
    pickle.loads(content_of("model.pkl", tmp_path / "by-pickle"))  # noqa: S301 - our own, to see that it is live
    exec(content_of("loader.py", tmp_path / "by-import"))  # noqa: S102 - as above
    assert {path.name for path in tmp_path.iterdir()} == {"by-pickle", "by-import"}


@pytest.mark.parametrize("listed", [False, True], ids=["beside the manifest", "in the manifest"])
def test_nothing_planted_in_a_bundle_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    mark, folder = tmp_path / "mark", tmp_path / "bundle"
    with_everything_planted(folder, mark, listed=listed)
    monkeypatch.chdir(folder)  # the worst place to start from: Python looks there first where it is let
    modules = set(sys.modules)
    assert check_bundle(folder, version="1") is None
    assert load_bundle(folder, version="1").version == "1"
    assert load_checked(folder, version="1").version == "1"
    shelf = Shelf(tmp_path / "models")
    shelf.put("main", "1", folder)
    shelf.point("main", "1")
    champions = LocalChampions(shelf, fallback=lambda _: a_constant_model(0.1))
    champions.refresh("main")
    assert champions.serving("main").model is not None
    assert shelf.card("main", "1")
    assert shelf.facts("main", "1")
    assert not mark.exists()
    assert not {name for name in set(sys.modules) - modules if name in {"loader", "sitecustomize", "conftest"}}


@pytest.mark.parametrize("name", ["model.json", "policy.json", "golden.json", "facts.json", "card.md"])
def test_a_pickle_in_the_place_of_a_file_of_ours_is_not_opened(tmp_path: Path, name: str) -> None:
    mark, folder = tmp_path / "mark", a_bundle(tmp_path / "bundle", a_constant_model(0.5))
    files = read_sealed(folder) | {name: pickle.dumps(Opens(mark))}
    (folder / name).write_bytes(files[name])
    (folder / MANIFEST).write_bytes(sealed(files, created_at="2026-03-02T12:00:00Z"))
    reason = check_bundle(folder, version="1")
    assert (reason is None) == (name in {"facts.json", "card.md"})  # these tell of a model and are no part of it
    assert not mark.exists()


def test_a_manifest_that_is_a_pickle_is_damaged(tmp_path: Path) -> None:
    mark, folder = tmp_path / "mark", a_bundle(tmp_path / "bundle", a_constant_model(0.5))
    (folder / MANIFEST).write_bytes(pickle.dumps(Opens(mark)))
    with pytest.raises(ModelError, match="damaged"):
        load_bundle(folder, version="1")
    assert not mark.exists()


@pytest.mark.parametrize(
    "name",
    ["..", "../other", "/etc", "a/b", "a\\b", "%2e%2e", "..%2f", "1\x00", "", ".", ".lock", "champion", "a" * 65, "１"],
)
def test_no_version_and_no_firm_leads_out_of_the_shelf(tmp_path: Path, name: str) -> None:
    shelf = Shelf(tmp_path / "models")
    with pytest.raises(FaultyInputError):
        shelf.folder("main", name)
    if name != "champion":
        with pytest.raises(FaultyInputError):
            shelf.folder(name, "1")


def test_a_link_on_the_shelf_is_not_followed_out_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"created_at": "x"}', encoding="utf-8")
    folder = a_bundle(tmp_path / "bundle", a_constant_model(0.5))
    (folder / "facts.json").unlink()
    (folder / "facts.json").symlink_to(secret)
    with pytest.raises(ModelError, match="cannot be read"):
        read_sealed(folder)
