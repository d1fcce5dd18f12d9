"""The command line: everything a person does to mlscore without a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from mlscore import __version__
from mlscore.cli import (
    bitrix24,
    copies,
    doctor,
    files,
    history,
    keys,
    models,
    people,
    personal,
    policy,
    server,
    spool,
    webhooks,
)

app = typer.Typer(
    name="mlscore",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Scores B2B deals by a firm's own rules and by a model trained on its closed deals.\n\n"
    "Settings come from the environment (MLSCORE_DATABASE, MLSCORE_MODELS, MLSCORE_FIRM, ...); "
    "[bold]mlscore doctor[/bold] shows them and says in words what is missing.",
)
app.add_typer(history.app, name="history")
app.add_typer(policy.app, name="policy")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="model")
app.add_typer(spool.app, name="spool")
app.add_typer(people.app, name="users")
app.add_typer(bitrix24.app, name="bitrix24")
app.add_typer(webhooks.app, name="webhooks")
app.command("serve")(server.serve)
app.command("score")(files.score)
app.command("follow")(models.follow)
app.command("forget")(personal.forget)
app.command("retention")(personal.retention)
app.command("doctor")(doctor.doctor)
app.command("backup")(copies.backup)
app.command("restore")(copies.restore)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mlscore {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take the options that stand before any command."""


def main() -> None:
    """Run the command line."""
    app()
