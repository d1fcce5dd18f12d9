"""`python -m tests.bench`: the benchmarks of serving and of pages on the command line."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer
from rich.console import Console

from tests.bench.capacity import capacity_table
from tests.bench.ground import make_ready
from tests.bench.pages import page_rows
from tests.bench.parts import parts_table
from tests.bench.serving import Plan, Row, measure
from training.bench import with_tables

Folder = Annotated[Path, typer.Option(help="Where the firm, its champion and the lean environment are kept.")]
Write = Annotated[Path | None, typer.Option(metavar="PAGE", help="Put the table between a page's marks.")]
KEPT_IN = Path(".bench")

app = typer.Typer(no_args_is_help=True, help="Measures the service over HTTP, and where its time goes.")


@app.command()
def serving(
    folder: Folder = KEPT_IN,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds in turn; the median counts.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="How long each is loaded in a round.")] = 3.0,
    mlflow: Annotated[bool, typer.Option(help="Whether `mlflow models serve` is measured beside it.")] = True,
    files: Annotated[str, typer.Option(help="Sizes of files for `mlscore score`, parted by commas.")] = "",
    write: Write = None,
) -> None:
    """Measure the service over HTTP beside a do-nothing endpoint, fixed bytes and MLflow, and print one table."""
    err, begun = Console(stderr=True), time.monotonic()

    def progress(words: str) -> None:
        err.print(f"{time.monotonic() - begun:6.1f} s  {words}", highlight=False)

    ground = make_ready(folder.resolve(), progress)
    sizes = [int(size.replace("_", "")) for size in files.split(",") if size]
    plan = Plan(rounds=rounds, seconds=seconds, with_mlflow=mlflow, file_rows=sizes)
    table = _markdown(measure(ground, plan, progress))
    _tell(table, write, mark="bench-serving")


@app.command()
def capacity(
    folder: Folder = KEPT_IN,
    write: Write = None,
) -> None:
    """Print how many deals a second one worker scores, by how many ask it at once."""
    err = Console(stderr=True)

    def progress(words: str) -> None:
        err.print(words, highlight=False)

    ground = make_ready(folder.resolve(), progress)
    _tell(f"{capacity_table(ground, progress)}\n\n{_measured()}", write, mark="bench-capacity")


@app.command()
def parts(
    folder: Folder = KEPT_IN,
    write: Write = None,
) -> None:
    """Print what every step of an answer costs a deal, alone and with others, by the processor's time."""
    ground = make_ready(folder.resolve(), lambda words: Console(stderr=True).print(words))
    _tell(parts_table(ground), write, mark="bench-parts")


@app.command()
def pages(
    folder: Annotated[Path, typer.Option(help="Where the firm with its receipts is kept.")] = Path(".bench/pages"),
    write: Write = None,
) -> None:
    """Print how fast every page answers on 100 000 receipts."""
    err = Console(stderr=True)
    _tell(
        _markdown(page_rows(folder.resolve(), lambda words: err.print(words, highlight=False))),
        write,
        mark="bench-pages",
    )


def _tell(table: str, write: Path | None, *, mark: str) -> None:
    typer.echo(table)
    if write is not None:
        write.write_text(with_tables(write.read_text(encoding="utf-8"), table, mark=mark), encoding="utf-8")


def _markdown(rows: list[Row]) -> str:
    lines = ["| what | measured | target | |", "|---|---:|---:|---|"]
    for row in rows:
        verdict = "" if row.reached is None else "reached" if row.reached else "**not reached**"
        lines.append(f"| {row.what} | {row.measured} | {row.target} | {verdict} |")
    lines.append("")
    lines.append(_measured())
    return "\n".join(lines)


def _measured() -> str:
    python, cores, load = platform.python_version(), os.cpu_count(), os.getloadavg()[1]
    return f"Measured {datetime.now(UTC):%Y-%m-%d}, Python {python}, {cores} cores, load average {load:.1f}."


if __name__ == "__main__":
    app()
