"""`bench` on any file with its mapping, in words that mend what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from training.bench import SETS, Protocol, measure
from training.commands import app
from training.contest import Setting
from training.evaluate import SERVICE
from training.playground import MAPPING
from training.simulate import simulate

DATASETS = os.environ.get("MLSCORE_DATASETS")


def bench(*words: str, **env: str):
    return CliRunner().invoke(app, ["bench", *words], env=env)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bench") / "deals.csv"
    simulate(deals=300, seed=5).write_csv(file)
    return file


def test_any_history_is_benched_by_its_mapping(export, tmp_path) -> None:
    out = tmp_path / "found.json"
    done = bench(str(export), "--mapping", str(MAPPING), "--sizes", "0,all", "--label-lag", "30", "--json", str(out))
    assert done.exit_code == 0, done.output
    assert "| service |" in done.output
    assert "n = all: log loss <= 1.01 x the best classic" in done.output
    assert {one["scorer"] for one in json.loads(out.read_text())["deals.csv"]} > {SERVICE, "forest", "logistic"}


@pytest.mark.parametrize(
    "words", [("iris",), ("--mapping", str(MAPPING)), ("a.csv", "b.csv", "--mapping", str(MAPPING))]
)
def test_wrong_words_are_wrong_usage(words) -> None:
    assert bench(*words).exit_code == 2


def test_a_file_that_is_not_there_is_refused_with_a_sentence() -> None:
    done = bench("nowhere.csv", "--mapping", str(MAPPING))
    assert done.exit_code == 1
    assert "There is no nowhere.csv" in done.output


def test_public_sets_need_a_folder() -> None:
    done = bench("salvirt", MLSCORE_DATASETS="")
    assert done.exit_code == 1
    assert "MLSCORE_DATASETS" in done.output


@pytest.mark.skipif(not DATASETS, reason="MLSCORE_DATASETS names no folder of public data sets")
def test_salvirt_is_imported_learned_from_and_beats_every_classic() -> None:
    [history] = SETS["salvirt"].histories()
    assert len(history.table) == 365
    measured = measure(history, Protocol(grouped=(5, 1)), (None,), Setting(seed=1, threads=1))
    by_scorer = {one.scorer: one for one in measured}
    assert by_scorer[SERVICE].log_loss < min(o.log_loss for s, o in by_scorer.items() if s != SERVICE)
    assert by_scorer[SERVICE].auc > 0.83
