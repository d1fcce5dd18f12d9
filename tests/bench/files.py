"""The bare booster, on a ready matrix and behind MLflow, and the command that scores a file."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.ground import ROOT, Ground, Progress

if TYPE_CHECKING:
    from tests.bench.serving import Row

READY_ROWS, FILE_RATIO = 100_000, 0.5


@dataclass(frozen=True, slots=True)
class Bare:
    """One booster of the champion on rows that are ready."""

    booster: Any
    rows: np.ndarray[Any, np.dtype[np.float64]]

    def rows_a_second(self) -> float:
        """Return how many ready rows it scores a second, on one thread."""
        many = np.repeat(self.rows, -(-READY_ROWS // len(self.rows)), axis=0)[:READY_ROWS]
        begun = time.perf_counter()
        self.booster.predict(many, raw_score=True, num_threads=1)
        return READY_ROWS / (time.perf_counter() - begun)


def bare_booster(ground: Ground) -> Bare:
    """Return the champion's largest booster with rows drawn at random: what it costs does not hang on them."""
    import lightgbm  # noqa: PLC0415 - slow to load, and needed here alone

    file = max(ground.folder.glob("models/main/*/booster-*.lgb"), key=lambda found: found.stat().st_size)
    booster = lightgbm.Booster(model_file=str(file))
    rng = np.random.default_rng(0)
    return Bare(booster, rng.normal(size=(1000, booster.num_feature())))


def save_for_mlflow(ground: Ground) -> tuple[Path, Path]:
    """Save the booster as MLflow has it, and the requests `mlflow models serve` takes; return both."""
    import mlflow.lightgbm  # noqa: PLC0415 - slow to load, and needed here alone

    folder, bodies = ground.folder / "bare-model", ground.folder / "rows.jsonl"
    bare = bare_booster(ground)
    if not folder.exists():
        mlflow.lightgbm.save_model(bare.booster, str(folder), pip_requirements=["lightgbm"])
    columns = bare.booster.feature_name()
    lines = (json.dumps({"dataframe_split": {"columns": columns, "data": [row]}}) for row in bare.rows[:200].tolist())
    bodies.write_text("\n".join(lines), encoding="utf-8")
    return folder, bodies


def measure_files(ground: Ground, sizes: Sequence[int], bare: Bare, progress: Progress) -> Iterator[Row]:
    """Score Parquet files of these sizes with `mlscore score`, and tell rate and memory."""
    from tests.bench.serving import Row  # noqa: PLC0415 - the two make one table

    ready = bare.rows_a_second()
    yield Row("the bare booster on a ready matrix, one thread", f"{ready:,.0f} rows a second")
    for size in sizes:
        progress(f"scoring a file of {size:,} deals")
        seconds, megabytes = _score_file(ground, _a_file(ground, size))
        yield Row(f"mlscore score, {size:,} deals, file to file", f"{size / seconds:,.0f} rows a second")
        yield Row(f"mlscore score, {size:,} deals, peak memory", f"{megabytes:,.0f} MB")
        ratio = size / seconds / ready
        yield Row(
            f"mlscore score, {size:,} deals / the bare booster", f"{ratio:.3f} x", ">= 0.5 x", ratio >= FILE_RATIO
        )


def _a_file(ground: Ground, size: int) -> Path:
    import pyarrow as pa  # noqa: PLC0415 - slow to load, and needed here alone
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    file = ground.folder / f"deals-{size}.parquet"
    if not file.exists():
        deals = ground.deals()
        with pq.ParquetWriter(file, pa.Table.from_pylist(deals).schema) as writer:
            for begin in range(0, size, len(deals)):
                some = deals[: size - begin]
                named = [{**deal, "deal_id": f"F-{begin + at}"} for at, deal in enumerate(some)]
                writer.write_table(pa.Table.from_pylist(named, schema=writer.schema))
    return file


def _score_file(ground: Ground, file: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "mlscore.cli", "score", str(file), "--out", str(ground.folder / "scores.csv")]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **ground.environment}, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("mlscore score did not end well.")
    return time.perf_counter() - begun, _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024
