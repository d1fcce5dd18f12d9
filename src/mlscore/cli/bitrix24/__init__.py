"""`mlscore bitrix24`: a Bitrix24 portal kept in step."""

from __future__ import annotations

import typer

from mlscore.cli.bitrix24.connecting import connect
from mlscore.cli.bitrix24.faking import fake
from mlscore.cli.bitrix24.importing import import_closed
from mlscore.cli.bitrix24.running import retry, run, status

app = typer.Typer(no_args_is_help=True, help="Keep a Bitrix24 portal in step: its leads and deals show their scores.")
app.command("connect")(connect)
app.command("fake")(fake)
app.command("import")(import_closed)
app.command("run")(run)
app.command("status")(status)
app.command("retry")(retry)


@app.callback()
def _options() -> None:
    """Keep a Bitrix24 portal in step."""
