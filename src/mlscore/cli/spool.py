"""`mlscore spool`: receipts that wait for the database."""

from __future__ import annotations

import typer
from rich.table import Table

from mlscore.cli.console import out, refusing

app = typer.Typer(no_args_is_help=True, help="Look at receipts that wait for the database, and bring them in.")


@app.command()
def look() -> None:
    """List the journals that wait, of services that run too; needs no database and changes nothing."""
    from mlscore.store.spool import Spool
    from mlscore.store.spool.journal import read_records

    with refusing() as settings:
        spool = Spool(settings.spool)
        files = spool.files()
        table = Table("journal", "receipts")
        for path in files:
            table.add_row(path.name, str(sum(1 for _ in read_records(path))))
        out.print(table if files else f"Nothing waits in {settings.spool}.")
        for path in spool.set_aside():
            out.print(f"{path} could not be read to its end. What could be is stored; a person has to see to the rest.")


@app.command("drain")
def bring_in() -> None:
    """Store what services that have ended left behind; those that run store their own."""
    from mlscore.bootstrap import open_parts
    from mlscore.store.spool import drain
    from mlscore.store.spool.journal import read_records

    with refusing() as settings, open_parts(settings) as parts:
        stored = drain(parts.spool, parts.store.receipts)
        left = sum(1 for path in parts.spool.files() for _ in read_records(path))
        out.print(f"{stored} receipts stored; {left} are left to services that run.")
