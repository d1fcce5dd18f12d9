"""A bundle is tried in a process of its own, which may die of it."""

import os
import re
from pathlib import Path

import pytest

from mlscore.registry import check_bundle, load_bundle
from mlscore.registry.trial import MEMORY_BYTES_AT_MOST
from tests.registry.models import EVERY_KIND, a_bundle, a_weighted_model, with_file

BOOSTER = "booster-1.lgb"
SPY = """
import atexit, os, pathlib, resource
pathlib.Path({seen!r}).write_text("\\n".join(sorted(os.environ)))
atexit.register(lambda: pathlib.Path({limit!r}).write_text(str(resource.getrlimit(resource.RLIMIT_AS)[0])))
"""


def test_a_good_bundle_is_fit_and_the_child_is_told_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, limit, spies = tmp_path / "seen", tmp_path / "limit", tmp_path / "spies"
    spies.mkdir()
    (spies / "sitecustomize.py").write_text(SPY.format(seen=str(seen), limit=str(limit)), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(spies), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.setenv("MLSCORE_DATABASE_URL", "postgresql://u:secret@host/db")
    assert check_bundle(a_bundle(tmp_path / "b", a_weighted_model()), version="7") is None
    assert set(seen.read_text(encoding="utf-8").split()) <= {
        *("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONTZPATH", "PYTHONUTF8", "LC_CTYPE"),
        *("OMP_WAIT_POLICY", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    }
    assert int(limit.read_text(encoding="utf-8")) == MEMORY_BYTES_AT_MOST


def test_a_booster_with_a_changed_leaf_is_refused_by_its_golden_rows(tmp_path: Path) -> None:
    def worse(text: str) -> str:
        return re.sub(r"(leaf_value=-?0\.\d)(\d)", lambda m: f"{m[1]}{9 - int(m[2])}", text, count=1)

    folder = with_file(a_bundle(tmp_path / "b", EVERY_KIND["booster"]()), BOOSTER, worse)
    load_bundle(folder, version="7")
    reason = check_bundle(folder, version="7")
    assert reason is not None
    assert "does not answer as it did when it was written: golden-" in reason


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("split_feature=", "split_feature=9999 ", 1),
        lambda text: text.replace("left_child=", "left_child=-77 ", 1),
        lambda text: text[: text.index("Tree=4") + 60],
    ],
    ids=["a feature beyond the matrix", "a child beyond the tree", "a cut in the last tree"],
)
def test_a_damaged_booster_ends_the_child_at_most(damage: object, tmp_path: Path) -> None:
    folder = with_file(a_bundle(tmp_path / "b", EVERY_KIND["booster"]()), BOOSTER, damage)
    reason = check_bundle(folder, version="7")
    assert reason is not None
    assert reason.startswith("Model 7 ")


def test_a_check_that_takes_too_long_is_a_refusal(tmp_path: Path) -> None:
    reason = check_bundle(a_bundle(tmp_path / "b"), version="7", timeout_s=0.01)
    assert reason == "Model 7 could not be checked within 0.01 s. Publish it again, or free the machine."


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("raise SystemExit(3)", "the check failed with exit code 3"),
        ("raise SystemExit(0)", "the check ended without an answer"),
        ("raise ValueError('x' * 999)", "the check failed with 'ValueError: xxx"),
        ("import os; os.kill(os.getpid(), 9)", "the check was ended by SIGKILL"),
    ],
)
def test_a_child_that_ends_otherwise_than_with_an_answer_is_a_refusal(
    end: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text(end, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reason = check_bundle(a_bundle(tmp_path / "b"), version="7")
    assert reason is not None
    assert reason.startswith(f"Model 7 could not be read: {said}")
    assert len(reason) < 500
