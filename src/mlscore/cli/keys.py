"""`mlscore keys`: the keys CRMs call with."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Column, Table

from mlscore.cli.console import out, refusing

app = typer.Typer(no_args_is_help=True, help="Create, list and revoke the keys CRMs call with.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as bitrix24.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; never, when left out.")] = None,
) -> None:
    """Make a key and print it, this once: the store keeps only its hash."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        now = parts.clock()
        expires_at = now + timedelta(days=days) if days else None
        key, secret = parts.store.keys.create(settings.firm, name, at=now, expires_at=expires_at)
        typer.echo(f"API key: {secret}")
        typer.echo(f"It opens firm {key.firm}; its id is {key.key_id}. It is not shown again.", err=True)


@app.command("list")
def list_keys() -> None:
    """List the firm's keys; the secrets themselves are kept nowhere."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        table = Table(Column("id", no_wrap=True), "name", "begins with", "created", "expires", "revoked")
        for key in parts.store.keys.every(settings.firm):
            moments = (key.created_at, key.expires_at, key.revoked_at)
            table.add_row(key.key_id, key.name, key.prefix, *(f"{m:%Y-%m-%d %H:%M}" if m else "" for m in moments))
        out.print(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id, as `mlscore keys list` shows it.")]) -> None:
    """Withdraw a key; the service refuses it within seconds."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        key = parts.store.keys.revoke(settings.firm, key_id, at=parts.clock())
        out.print(f"The key {key.name} ({key.prefix}...) opens nothing any more.")
