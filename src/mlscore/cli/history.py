"""`mlscore history`: takes in the deals a firm has closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mlscore.cli.console import err, out, progress, refusing
from mlscore.crm.csv_file import CsvHistory, Reject, read_history, reject_file, write_rejects
from mlscore.service.importing import ImportReport, import_history

app = typer.Typer(no_args_is_help=True, help="Take in closed deals from a file.")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or Parquet file, one row a deal.")],
    mapping: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="A TOML file that says what the columns mean.")
    ],
) -> None:
    """Import past deals: each is scored by the rules of the current policy and kept beside its outcome.

    A row that cannot be used is written to FILE.rejected.csv with its line, column and reason; the rest is imported.
    Importing again changes nothing. docs/import.md explains the mapping; docs/examples/ has five.
    """
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts, progress() as bars:
        version = parts.policies.current(settings.firm)
        reading = bars.add_task("reading", total=None)
        past = read_history(
            file,
            mapping=mapping,
            policy=version.policy,
            now=parts.clock(),
            progress=lambda rows: bars.update(reading, completed=rows),
        )
        tasks = {step: bars.add_task(step, total=None) for step in ("outcomes", "receipts")}
        report = import_history(
            firm=settings.firm,
            history=past,
            policy=version.policy,
            receipts=parts.store.receipts,
            outcomes=parts.store.outcomes,
            clock=parts.clock,
            progress=lambda step, done, of: bars.update(tasks[step], completed=done, total=of),
        )
    tell_import(file.name, settings.firm, report)
    with refusing():
        _tell_set_aside(file, past)
    if past.read and not past.deals:
        raise typer.Exit(1)


def tell_import(source: str, firm: str, report: ImportReport) -> None:
    """Print what an import did."""
    table = Table("", "deals", title=f"{source} -> firm {firm}")
    for name in ("read", "rejected", "duplicates", "imported", "already_there", "won", "lost", "open"):
        table.add_row(name.replace("_", " "), str(getattr(report, name)))
    table.add_row("won, no profit recorded", str(report.without_profit))
    table.add_row("undated", str(report.undated))
    table.add_row("new outcome versions", str(report.new_outcomes))
    out.print(table)
    if report.first_as_of and report.last_as_of:
        out.print(f"from {report.first_as_of:%Y-%m-%d} to {report.last_as_of:%Y-%m-%d}")


def _tell_set_aside(file: Path, past: CsvHistory) -> None:
    for prefix, rows in past.unmatched.items():
        if rows:
            err.print(f"[yellow]{rows} rows have a key that the side file {prefix!r} does not have.[/yellow]")
    if past.rejected:
        err.print(f"[yellow]{past.rejected} rows were set aside:[/yellow]")
    for (column, reason), rows in _most_frequent(past.rejects):
        err.print(f"  {rows} x {column or 'the row'}: {reason}", highlight=False, soft_wrap=True, markup=False)
    rejects = write_rejects(past, reject_file(file))  # last: the reasons are told also where it cannot be written
    if rejects is not None:
        err.print(f"[yellow]Mend them in {rejects} and import that file.[/yellow]")


def _most_frequent(rejects: Sequence[Reject]) -> list[tuple[tuple[str, str], int]]:
    return Counter((wrong.column, wrong.message) for reject in rejects for wrong in reject.wrong).most_common(5)
