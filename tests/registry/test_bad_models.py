"""A bad model never serves: whatever was done to its bundle, it is refused in words, or answers just the same."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from mlscore.registry import check_bundle, load_bundle
from mlscore.registry.bundle import load_and_try
from mlscore.registry.manifest import MANIFEST, sealed
from mlscore.registry.trial import too_slow
from mlscore.scoring.errors import BundleDamagedError, BundleUnfitError, MlscoreError
from mlscore.scoring.model import Sigmoid
from tests.registry.models import FILES, a_bundle, a_model, some_rates, with_file

SEED = 20_260_302


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_a_bit_flipped_at_a_thousand_places_is_refused_by_the_digest(folder: Path) -> None:
    chance = random.Random(SEED)
    whole = {name: (folder / name).read_bytes() for name in FILES}
    for _ in range(1_000):
        name = chance.choice(FILES)
        (folder / name).write_bytes(flipped(whole[name], chance))
        with pytest.raises(BundleDamagedError):
            load_bundle(folder, version="7")
        (folder / name).write_bytes(whole[name])
    assert load_bundle(folder, version="7").version == "7"


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_at_every_hundredth_is_refused_by_the_digest(name: str, folder: Path) -> None:
    whole = (folder / name).read_bytes()
    for hundredth in range(100):
        (folder / name).write_bytes(whole[: len(whole) * hundredth // 100])
        with pytest.raises(BundleDamagedError):
            load_bundle(folder, version="7")


@pytest.mark.parametrize("name", ["model.json", "golden.json", "policy.json"])
def test_a_flipped_bit_under_a_recomputed_digest_changes_no_answer_unnoticed(name: str, tmp_path: Path) -> None:
    """Without trees a bundle is read by Python alone, so this needs no child: what is not refused answers the same."""
    folder, chance = a_bundle(tmp_path / "b"), random.Random(SEED)
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}
    refused = 0
    for _ in range(100):
        (folder / name).write_bytes(changed := flipped(files[name], chance))
        (folder / MANIFEST).write_bytes(sealed(files | {name: changed}, created_at="2026-01-15"))
        try:
            load_and_try(folder, version="7")
        except (MlscoreError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            refused += 1  # in the child, whatever else is raised is a refusal too: see test_checking
    assert refused >= 30


@pytest.mark.parametrize("hundredth", [1, 33, 66, 99])
def test_a_booster_cut_short_under_a_recomputed_digest_is_refused_by_the_child(hundredth: int, folder: Path) -> None:
    def cut(text: str) -> str:
        return text[: len(text) * hundredth // 100]

    assert check_bundle(with_file(folder, "booster-1.lgb", cut), version="7") is not None


@pytest.mark.parametrize(
    "changes",
    [{"spread_below": np.array([math.nan] * 3)}, {"calibration": Sigmoid(slope=math.nan, intercept=0.0)}],
    ids=["an interval", "a probability"],
)
def test_a_model_that_answers_no_number_is_refused_although_its_golden_rows_agree(
    changes: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(BundleUnfitError, match="which is none"):
        load_and_try(a_bundle(tmp_path / "b", a_model(**changes)), version="7")


@dataclass(frozen=True)
class Slow:
    """A member that takes its time."""

    seconds: float

    def log_odds(self, inputs):
        until = time.process_time() + self.seconds
        while time.process_time() < until:
            pass
        return some_rates().log_odds(inputs)

    def contributions(self, inputs):
        return some_rates().contributions(inputs)


def test_a_model_ten_times_slower_than_usual_is_refused_whatever_it_answers() -> None:
    assert too_slow(a_model()) is None
    slow = replace(a_model(), members=((1.0, Slow(0.03)),))
    assert "ms of the processor for one deal, and may take 10" in str(too_slow(slow))


def test_the_child_takes_the_time_too(folder: Path) -> None:
    assert "takes" in str(check_bundle(folder, version="7", deal_seconds=1e-9))


@pytest.mark.parametrize(
    "put",
    [
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 1_000),
    ],
    ids=["a link to something endless", "a folder", "an archive"],
)
def test_what_is_no_plain_file_of_its_size_is_not_read(put: Callable[[Path], None], folder: Path) -> None:
    (folder / "model.json").unlink()
    put(folder / "model.json")
    with pytest.raises(BundleDamagedError):
        load_bundle(folder, version="7")
