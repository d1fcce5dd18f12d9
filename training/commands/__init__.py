"""The trainer's command line: `python -m training --help`."""

from __future__ import annotations

import typer

from training.commands import demo, learning, public_sets, roles, simulating, speed, watching

app = typer.Typer(
    name="training",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Learns from a firm's closed deals and puts what it learned before the gates.\n\n"
    "A new firm: [bold]mlscore history import[/bold] its deals, [bold]retrain[/bold], and the service answers with the "
    "champion within seconds. [bold]evaluate[/bold] measures without publishing anything; [bold]promote[/bold] and "
    "[bold]rollback[/bold] choose who answers. Which firm, store, models and tracking server: MLSCORE_FIRM, "
    "MLSCORE_DATABASE, MLSCORE_MODELS, MLSCORE_TRACKING_URI.\n\n"
    "Exit codes: 0 done, 1 refused or failed (a sentence says why), 2 wrong usage, 3 nothing to train on, "
    "5 the watch ended with an alarm.",
)
app.command("retrain")(learning.retrain_command)
app.command("evaluate")(learning.evaluate_command)
app.command("export")(learning.export_command)
app.command("promote")(roles.promote_command)
app.command("rollback")(roles.rollback_command)
app.command("watch")(watching.watch_command)
app.command("simulate")(simulating.simulate_command)
app.command("datasets")(public_sets.datasets_command)
app.command("speed")(speed.speed_command)
app.command("demo")(demo.demo_command)


def main() -> None:
    """Run the command line."""
    app()
