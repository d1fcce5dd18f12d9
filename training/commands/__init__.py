"""The trainer's command line: `python -m training --help`."""

from __future__ import annotations

import typer

from training.commands import benching, demo, leaking, learning, paging, roles, signing, simulating, speed, watching
from training.commands.console import EXIT_CODES

_EXIT_CODES = "Exit codes, each with a sentence:\n\n" + "\n\n".join(f"{n} {means}" for n, means in EXIT_CODES.items())

app = typer.Typer(
    name="training",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Learns from a firm's closed deals and puts what it learned before the gates.\n\n"
    "A new firm: **mlscore history import** its deals, **retrain**, and the service answers with the "
    "champion within seconds. **evaluate** measures without publishing anything; **promote** and "
    "**rollback** choose who answers. Which firm, store, models and tracking server: MLSCORE_FIRM, "
    "MLSCORE_DATABASE, MLSCORE_MODELS, MLSCORE_TRACKING_URI.\n\n" + _EXIT_CODES,
)
app.command("retrain", epilog=_EXIT_CODES)(learning.retrain_command)
app.command("evaluate")(learning.evaluate_command)
app.command("export")(learning.export_command)
app.command("leaks")(leaking.leaks_command)
app.command("promote")(roles.promote_command)
app.command("rollback")(roles.rollback_command)
app.command("keygen")(signing.keygen_command)
app.command("sign")(signing.sign_command)
app.command("watch")(watching.watch_command)
app.command("simulate")(simulating.simulate_command)
app.command("bench")(benching.bench_command)
app.command("pages")(paging.pages_command)
app.command("speed")(speed.speed_command)
app.command("demo")(demo.demo_command)


def main() -> None:
    """Run the command line."""
    app()
