"""`mlscore model` and `mlscore follow`: which model answers, and keeping it in step with MLflow."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer
from rich.table import Table

from mlscore.cli.console import err, out, refusing
from mlscore.registry import FollowReport

app = typer.Typer(no_args_is_help=True, help="Show the models on the shelf.")


@app.command()
def show(
    version: Annotated[str | None, typer.Argument(help="A version; the champion, when left out.")] = None,
) -> None:
    """Print which version answers, which are on the shelf, and the model card."""
    from mlscore.registry import Shelf

    with refusing() as settings:
        shelf = Shelf(settings.models)
        champion = shelf.champion(settings.firm)
        table = Table("version", "role", title=f"Firm {settings.firm}, shelf {settings.models}")
        challenger = shelf.challenger(settings.firm)
        for one in shelf.versions(settings.firm):
            roles = [name for name, who in (("champion", champion), ("challenger", challenger)) if who == one]
            table.add_row(one, ", ".join(roles))
        out.print(table)
        chosen = version or champion
        if chosen is None:
            out.print("No model yet: the policy's prior answers, and abstains. Train one: python -m training retrain")
            return
        from rich.markdown import Markdown

        out.print(Markdown(shelf.card(settings.firm, chosen)))


def follow(
    seconds: Annotated[float, typer.Option(min=1, help="Seconds between looks at the tracking server.")] = 15.0,
    once: Annotated[
        bool, typer.Option("--once", help="Look once and stop; status 1 when the server was away.")
    ] = False,
) -> None:
    """Keep the shelf in step with MLflow: fetch a new champion, check it in a child process, move the pointer.

    A process of its own; the service reads the shelf and never waits for the tracking server.
    """
    from mlscore.registry import Shelf, Trust, follow_once, registered_model_name
    from mlscore.registry import follow as keep_following

    with refusing() as settings:
        shelf = Shelf(settings.models, trust=Trust.of(settings.trusted_keys))
        name = registered_model_name(settings.firm)
        if once:
            report = follow_once(shelf, firm=settings.firm, tracking_uri=settings.tracking_uri, model_name=name)
            err.print(_said(report), soft_wrap=True)
            raise typer.Exit(1 if report.reason else 0)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        keep_following(
            shelf,
            firm=settings.firm,
            tracking_uri=settings.tracking_uri,
            model_name=name,
            poll_seconds=seconds,
            stop=stop,
            report=lambda report: err.print(_said(report), soft_wrap=True),
        )


def _said(report: FollowReport) -> str:
    sentences = {
        "moved": f"Version {report.version} is on the shelf and serves firm {report.firm}.",
        "unchanged": f"Version {report.version} serves firm {report.firm} already.",
        "refused": f"Version {report.version} is refused: {report.reason}",
        "unreachable": f"Nothing was taken: {report.reason}",
    }
    return sentences[report.outcome]
