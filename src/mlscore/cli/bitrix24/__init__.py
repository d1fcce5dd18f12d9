"""`mlscore bitrix24`: a Bitrix24 portal kept in step."""

from __future__ import annotations

import typer

from mlscore.cli.bitrix24.faking import fake

app = typer.Typer(no_args_is_help=True, help="Keep a Bitrix24 portal in step: its leads and deals show their scores.")
app.command("fake")(fake)


@app.callback()
def _options() -> None:
    """Keep a Bitrix24 portal in step."""
