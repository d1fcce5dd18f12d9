"""`mlscore score FILE`: a whole file of deals, rules and model side by side."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from mlscore.cli.console import err, progress, refusing
from mlscore.scoring.deal import Deal

if TYPE_CHECKING:
    from rich.progress import Progress

    from mlscore.crm.csv_file import CsvHistory, Reject
    from mlscore.service.application import Application

CHUNK = 1_000
PARQUET = (".parquet", ".pq")


def score(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or Parquet file, one row a deal.")],
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What the columns mean; without it they are named as facts."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write CSV here instead of printing it.")] = None,
) -> None:
    """Score every deal of a file and write one CSV row each; nothing is kept.

    Without --mapping the columns must be named as the facts are (deal_id, steam_tph, amount, ...), in their units.
    """
    from mlscore.bootstrap import build_service

    with refusing() as settings, build_service(settings) as application, progress() as bars, _opened(out) as stream:
        if _is_ready_for_columns(file, mapping):
            found = _score_columns(application, file, stream, bars)
        else:
            found = _score_rows(application, file, mapping, stream, bars)
    from mlscore.crm.csv_file import reject_file, write_rejects

    rejects = write_rejects(found, reject_file(file))
    if rejects:
        err.print(f"[yellow]{found.rejected} rows were set aside with their reasons: {rejects}[/yellow]")


def _is_ready_for_columns(file: Path, mapping: Path | None) -> bool:
    """Tell whether a file is read by columns, in as much memory however long it is."""
    from mlscore.crm.csv_file import facts_by_name

    return mapping is None and file.suffix.casefold() in PARQUET and facts_by_name(file).id.column is not None


def _score_columns(application: Application, file: Path, stream: TextIO, bars: Progress) -> CsvHistory:
    from mlscore.cli.files.lines import ScoredRow, scored_rows
    from mlscore.crm.csv_file import facts_by_name, read_batches
    from mlscore.service.files import score_columns

    policy = application.policies.current(application.firm).policy
    opened = read_batches(file, terms=facts_by_name(file), policy=policy, now=application.clock())
    scoring = bars.add_task("scoring", total=opened.rows)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(ScoredRow.__dataclass_fields__)
    rejects: list[Reject] = []
    for batch in opened.batches:
        rejects += batch.rejects
        if len(batch.deals):
            writer.writerows(scored_rows(score_columns(application.scoring, application.firm, batch.deals)))
        bars.advance(scoring, batch.read)
    return opened.rejected(rejects)


def _score_rows(
    application: Application, file: Path, mapping: Path | None, stream: TextIO, bars: Progress
) -> CsvHistory:
    from mlscore.cli.files.lines import ScoredRow, row_of
    from mlscore.crm.csv_file import facts_by_name, read_history

    reading = bars.add_task("reading", total=None)
    found = read_history(
        file,
        mapping=mapping or facts_by_name(file),
        policy=application.policies.current(application.firm).policy,
        now=application.clock(),
        progress=lambda rows: bars.update(reading, completed=rows),
    )
    deals = [past.deal for past in found.deals]
    scoring = bars.add_task("scoring", total=len(deals))
    writer = csv.DictWriter(stream, fieldnames=list(ScoredRow.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    for chunk in _chunks(deals):
        receipts = application.scoring.score(application.firm, chunk, include=(), dry_run=True)
        writer.writerows(asdict(row_of(receipt)) for receipt in receipts)
        bars.advance(scoring, len(chunk))
    return found


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Give where the answer is written; a file is there whole, or as it was before."""
    if out is None:
        yield sys.stdout
        return
    begun = out.with_name(f".{out.name}.begun")
    try:
        with begun.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        begun.replace(out)
    finally:
        begun.unlink(missing_ok=True)


def _chunks(deals: Sequence[Deal]) -> Iterator[Sequence[Deal]]:
    for start in range(0, len(deals), CHUNK):
        yield deals[start : start + CHUNK]
