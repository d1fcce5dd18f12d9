"""The command line: everything a person does to mlscore without a browser."""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from mlscore import __version__

_LIE_IN = {
    "serve": "server:serve",
    "score": "files:score",
    "follow": "models:follow",
    "forget": "personal:forget",
    "retention": "personal:retention",
    "doctor": "doctor:doctor",
    "backup": "copies:backup",
    "restore": "copies:restore",
    "history": "history:app",
    "policy": "policy:app",
    "keys": "keys:app",
    "model": "models:app",
    "spool": "spool:app",
    "users": "people:app",
    "bitrix24": "bitrix24:app",
    "webhooks": "webhooks:app",
}
"""Which module of this folder a command is in, and its name there: a function, or an `app` with commands of its own."""


class _WhenCalled(UserDict[str, Any]):
    """Commands, each loaded when it is called or told of: a service starts without what it never uses."""

    def __getitem__(self, name: str) -> object:
        """Return a command."""
        module, _, called = self.data[name].partition(":")
        command = getattr(import_module(f"{__name__}.{module}"), called)
        alone = typer.Typer(rich_markup_mode="markdown")
        if isinstance(command, typer.Typer):
            alone.add_typer(command, name=name)
        else:
            alone.command(name)(command)
        return get_group(alone).commands[name]


class _Commands(TyperGroup):
    """The commands of mlscore."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - whatever typer gives
        super().__init__(**given)
        self.commands = _WhenCalled(_LIE_IN)


app = typer.Typer(
    name="mlscore",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Scores B2B deals by a firm's own rules and by a model trained on its closed deals.\n\n"
    "Settings come from the environment (MLSCORE_DATABASE, MLSCORE_MODELS, MLSCORE_FIRM, ...); "
    "**mlscore doctor** shows them and says in words what is missing.",
)


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
