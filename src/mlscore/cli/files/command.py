"""`mlscore score FILE`: a whole file of deals, rules and model side by side."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from mlscore.cli.console import err, progress, refusing


def score(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or Parquet file, one row a deal.")],
    mapping: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="What the columns mean; without it they are named as facts."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of printing: Parquet by its name, else CSV.")
    ] = None,
) -> None:
    """Score every deal of a file and write one row each; nothing is kept.

    Without --mapping the columns must be named as the facts are (deal_id, steam_tph, amount, ...), in their units.
    What --out names is there, whole, when the command has ended well, and untouched before.
    """
    from mlscore.bootstrap import build_service
    from mlscore.cli.files.lines import columns_of, opened
    from mlscore.cli.server import settled
    from mlscore.crm.csv_file import Rejects, facts_by_name, reject_file
    from mlscore.crm.csv_file.streaming import read_deals
    from mlscore.service.files import score_columns

    if out is not None and out.exists() and out.samefile(file):
        raise typer.BadParameter("It is the file that is read: name another.", param_hint="--out")
    scored = 0
    with refusing() as settings, build_service(settings) as application, ExitStack() as open_files:
        found = read_deals(
            file,
            mapping=mapping or facts_by_name(file),
            policy=application.policies.current(settings.firm).policy,
            now=application.clock(),
        )
        rejects = open_files.enter_context(Rejects(reject_file(file), found.header, found.delimiter))
        write = open_files.enter_context(opened(out))
        bars = open_files.enter_context(progress())
        open_files.enter_context(settled())
        scoring = bars.add_task("scoring", total=found.rows)
        for block in found.blocks:
            for reject in block.rejects:
                rejects.take(reject)
            write(columns_of(score_columns(application.scoring, settings.firm, block.deals)))
            bars.advance(scoring, block.read)
            scored += len(block.deals)
    if rejects.count:
        told = f"{rejects.count} rows were set aside with their reasons: {reject_file(file)}"
        err.print(f"[yellow]{told}[/yellow]")
    if rejects.count and not scored:
        raise typer.Exit(1)
