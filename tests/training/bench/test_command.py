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
    title = """### deals.csv, the newest fifth, labels 30 days late, by the policy "The article's firm"\n"""
    assert title in done.output
    told = f"bench {export} --mapping {MAPPING} --label-lag 30 --sizes 0,all`"
    assert f"Printed by `python -m training {told}" in done.output
    assert "| service |" in done.output
    assert "n = all: log loss <= 1.01 x the best classic" in done.output
    assert {one["scorer"] for one in json.loads(out.read_text())["deals.csv"]} > {SERVICE, "forest", "logistic"}


@pytest.mark.parametrize(
    "words", [("iris",), ("--mapping", str(MAPPING)), ("a.csv", "b.csv", "--mapping", str(MAPPING))]
)
def test_wrong_words_are_wrong_usage(words) -> None:
    assert bench(*words).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--policy", "p.toml"),
        ("--test-from", "2025-01-01"),
        ("--refit", "month"),
        ("--folds", "5"),
        ("--label-lag", "3"),
    ],
)
def test_what_a_named_set_would_not_heed_is_wrong_usage(words) -> None:
    done = bench("salvirt", *words, MLSCORE_DATASETS="", COLUMNS="200")
    assert (done.exit_code, f"{words[0]} goes with a file" in done.output) == (2, True)


def test_a_file_that_is_not_there_is_refused_with_a_sentence() -> None:
    done = bench("nowhere.csv", "--mapping", str(MAPPING))
    assert done.exit_code == 1
    assert "There is no nowhere.csv" in done.output


def test_what_a_history_without_dates_cannot_answer_is_refused(export, tmp_path) -> None:
    undated = tmp_path / "undated.toml"
    undated.write_text(MAPPING.read_text(encoding="utf-8").replace('as_of = "Дата"\n', ""), encoding="utf-8")
    for words, said in (
        (("--test-from", "2025-01-01"), "is not dated"),
        (("--label-lag", "30"), "no label can be late"),
    ):
        done = bench(str(export), "--mapping", str(undated), "--sizes", "all", *words)
        assert (done.exit_code, said in done.output) == (1, True), done.output


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
