"""A bundle whose files are not what its manifest says is refused before anything in it is parsed."""

import os
from pathlib import Path

import pytest

from mlscore.registry import load_bundle
from mlscore.registry.manifest import MANIFEST, read_sealed, sealed
from mlscore.scoring.errors import BundleDamagedError, BundleUnfitError
from tests.registry.models import FILES

PLACES = (0.0, 0.1, 0.37, 0.5, 0.73, 0.9, 1.0)


def refusal(folder: Path) -> str:
    with pytest.raises(BundleDamagedError) as refused:
        load_bundle(folder, version="7")
    assert str(folder) in str(refused.value)
    assert "Publish the model again" in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_is_noticed(name: str, folder: Path) -> None:
    path = folder / name
    whole = path.read_bytes()
    for place in PLACES:
        position = round(place * (len(whole) - 1))
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert name in refusal(folder), position


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_grown_is_noticed(name: str, folder: Path) -> None:
    path = folder / name
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole[:-1], whole + b" ", whole * 2):
        path.write_bytes(content)
        assert name in refusal(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(name: str, folder: Path) -> None:
    (folder / name).unlink()
    assert f"{name} cannot be read (No such file" in refusal(folder)


def test_a_folder_that_is_not_there_is_no_bundle(tmp_path: Path) -> None:
    assert "manifest.json cannot be read" in refusal(tmp_path / "nowhere")


def test_a_link_is_not_followed_even_to_the_right_content(folder: Path) -> None:
    moved = folder.parent / "elsewhere.json"
    (folder / "model.json").rename(moved)
    (folder / "model.json").symlink_to(moved)
    assert "model.json cannot be read" in refusal(folder)


def test_a_pipe_does_not_keep_a_reader_waiting(folder: Path) -> None:
    (folder / "card.md").unlink()
    os.mkfifo(folder / "card.md")
    assert "card.md is not a file" in refusal(folder)


@pytest.mark.parametrize("name", ["../secret.json", "/etc/hostname", "a/b.json", "..", "Model.json", "x\n"])
def test_a_name_that_leaves_the_folder_is_refused(name: str, folder: Path) -> None:
    (folder.parent / "secret.json").write_bytes(b"{}")
    (folder / MANIFEST).write_bytes(sealed({name: b"{}"}, created_at="2026-01-15"))
    assert "no plain file name" in refusal(folder)


def test_a_file_larger_than_a_model_may_be_is_not_read(folder: Path) -> None:
    listed = sealed({"card.md": b"1"}, created_at="2026-01-15")
    (folder / MANIFEST).write_bytes(listed)
    with (folder / "card.md").open("wb") as file:
        file.truncate(1 << 40)
    assert "card.md is not a file of at most 1 bytes" in refusal(folder)


def test_a_layout_of_another_time_is_unfit_not_damaged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlscore.registry.manifest.FORMAT", 2)
    later = sealed({}, created_at="2030-01-01")
    monkeypatch.undo()
    (folder / MANIFEST).write_bytes(later)
    with pytest.raises(BundleUnfitError, match="has layout 2; this version of mlscore reads layout 1"):
        load_bundle(folder, version="7")


def test_files_that_the_manifest_does_not_list_are_left_alone(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"\0")
    assert sorted(read_sealed(folder)) == sorted(set(FILES) - {MANIFEST})


def test_one_file_may_be_read_without_the_others(folder: Path) -> None:
    (folder / "model.json").write_bytes(b"")
    assert read_sealed(folder, only={"card.md"}) == {"card.md": b"# A card\n"}
    with pytest.raises(BundleDamagedError, match=r"holds no plots\.svg"):
        read_sealed(folder, only={"plots.svg"})
