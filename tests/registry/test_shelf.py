"""Versions lie on the shelf unchanged; pointers move in one step, one mover at a time."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from mlscore.registry import Pointer, Shelf, load_bundle
from mlscore.scoring.errors import BundleDamagedError, ConflictError, FaultyInputError, ModelError, NotFoundError
from tests.registry.models import a_bundle, a_constant_model

START = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    days: Iterator[int] = count()
    return Shelf(tmp_path / "models", clock=lambda: START + timedelta(days=next(days)))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_bundle(tmp_path_factory.mktemp("bundle") / "b", a_constant_model(0.4), gates=["history"])


def shelved(shelf: Shelf, bundle: Path, *versions: str, firm: str = "main") -> Shelf:
    for version in versions:
        shelf.put(firm, version, bundle)
    return shelf


def test_a_version_is_put_and_read_back(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "7")
    assert load_bundle(shelf.folder("main", "7"), version="7").version == "7"
    assert shelf.facts("main", "7")["gates"] == ["history"]
    assert shelf.card("main", "7") == "# A card\n"


def test_versions_come_in_the_order_of_their_numbers_and_by_firm(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "10", "9", "2026-01", "v2")
    shelved(shelf, bundle, "1", firm="other")
    assert shelf.versions("main") == ("9", "10", "2026-01", "v2")
    assert shelf.versions("other") == ("1",)
    assert shelf.versions("nobody") == ()


def test_only_what_the_manifest_lists_is_put(shelf: Shelf, tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "b")
    (bundle / "clients.csv").write_text("secret", encoding="utf-8")
    shelved(shelf, bundle, "7")
    assert not (shelf.folder("main", "7") / "clients.csv").exists()


def test_putting_the_same_again_changes_nothing_and_another_is_refused(
    shelf: Shelf, bundle: Path, tmp_path: Path
) -> None:
    shelved(shelf, bundle, "7", "7")
    with pytest.raises(ConflictError, match="Publish under a new version"):
        shelf.put("main", "7", a_bundle(tmp_path / "other", a_constant_model(0.9)))
    assert load_bundle(shelf.folder("main", "7"), version="7").rates.base == load_bundle(bundle, version="7").rates.base


def test_a_damaged_bundle_never_reaches_the_shelf(shelf: Shelf, tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "b")
    (bundle / "golden.json").write_text("[]", encoding="utf-8")
    with pytest.raises(BundleDamagedError):
        shelf.put("main", "7", bundle)
    assert shelf.versions("main") == ()


def test_a_firm_has_no_champion_before_one_is_named(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1")
    assert shelf.champion("main") is shelf.challenger("main") is None
    assert shelf.previous("main") == ()


def test_a_pointer_remembers_who_was_there_before(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2", "3")
    for version in ("1", "2", "2", "3", "1"):
        shelf.point("main", version)
    assert shelf.pointer("main") == Pointer("1", ("3", "2"), START + timedelta(days=3))


def test_champion_and_challenger_are_two_pointers(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2")
    shelf.point("main", "1")
    shelf.point("main", "2", "challenger")
    assert (shelf.champion("main"), shelf.challenger("main")) == ("1", "2")


def test_a_role_may_be_left_to_nobody(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2")
    shelf.point("main", "1")
    shelf.point("main", "2", "challenger")
    for _ in range(2):
        shelf.vacate("main", "challenger")
        assert (shelf.champion("main"), shelf.challenger("main")) == ("1", None)
    assert shelf.versions("main") == ("1", "2")


def test_rolling_back_walks_to_the_champions_before(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2", "3")
    for version in ("1", "2", "3"):
        shelf.point("main", version)
    assert [shelf.roll_back("main"), shelf.champion("main")] == ["2", "2"]
    assert shelf.roll_back("main") == "1"
    with pytest.raises(NotFoundError, match="No model of main served before"):
        shelf.roll_back("main")
    assert shelf.champion("main") == "1"


def test_rolling_back_passes_over_a_version_that_was_removed(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2", "3")
    for version in ("1", "2", "3"):
        shelf.point("main", version)
    shelf.folder("main", "2").rename(shelf.models_dir / "gone")
    assert shelf.roll_back("main") == "1"


def test_a_version_that_is_not_there_cannot_be_named_or_read(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1")
    for ask in (shelf.point, shelf.card, shelf.facts):
        with pytest.raises(NotFoundError, match="No model 2 of main"):
            ask("main", "2")
    assert shelf.champion("main") is None


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../up", "a/b", "/etc", "a\\b", "a\0", "фирма", "a b", "x\n", "y" * 65]
)
def test_names_that_could_lead_elsewhere_are_refused(name: str, shelf: Shelf, bundle: Path) -> None:
    for ask in (
        lambda: shelf.put(name, "1", bundle),
        lambda: shelf.put("main", name, bundle),
        lambda: shelf.point("main", name),
        lambda: shelf.pointer(name),
        lambda: shelf.versions(name),
        lambda: shelf.roll_back(name),
    ):
        with pytest.raises(FaultyInputError, match="Use letters, digits"):
            ask()
    assert not shelf.models_dir.exists()


@pytest.mark.parametrize("version", ["champion", "challenger", ".lock"])
def test_a_version_cannot_take_the_place_of_a_pointer(version: str, shelf: Shelf, bundle: Path) -> None:
    with pytest.raises(FaultyInputError):
        shelf.put("main", version, bundle)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": "1"}', '{"version": "1", "previous": [], "at": "soon"}']
)
def test_a_damaged_pointer_says_so_and_is_written_anew_by_a_promotion(content: str, shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1")
    (shelf.models_dir / "main" / "champion").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="Promote a version again"):
        shelf.champion("main")
    shelf.point("main", "1")
    assert shelf.champion("main") == "1"


def test_promotions_at_once_happen_one_after_another(shelf: Shelf, bundle: Path) -> None:
    versions = [str(n) for n in range(1, 9)]
    shelved(shelf, bundle, *versions)
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda version: shelf.point("main", version), versions))
    pointer = shelf.pointer("main")
    assert pointer is not None
    assert sorted([pointer.version, *pointer.previous]) == versions


def test_the_same_version_put_by_many_at_once_lies_there_once(shelf: Shelf, bundle: Path) -> None:
    with ThreadPoolExecutor(6) as many:
        list(many.map(lambda _: shelf.put("main", "7", bundle), range(6)))
    assert [path.name for path in (shelf.models_dir / "main").iterdir() if path.name != ".lock"] == ["7"]


def test_a_reader_never_sees_half_a_pointer(shelf: Shelf, bundle: Path) -> None:
    shelved(shelf, bundle, "1", "2")
    shelf.point("main", "1")
    done, seen = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            seen.add(shelf.champion("main"))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(60):
        shelf.point("main", "21"[turn % 2])
    done.set()
    reader.join()
    assert seen <= {"1", "2"}
    folder = shelf.models_dir / "main"
    assert {path.name for path in folder.iterdir()} == {"1", "2", "champion", ".lock"}
    assert json.loads((folder / "champion").read_text(encoding="utf-8"))["version"] == shelf.champion("main")
