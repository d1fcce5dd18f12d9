"""`mlscore model` and `mlscore follow`: which models there are, which answers, and keeping in step with MLflow."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table

from mlscore.cli.console import err, out, refusing
from mlscore.ports import Wishes
from mlscore.registry import FollowReport
from mlscore.scoring.errors import MlscoreError
from mlscore.settings import Settings

if TYPE_CHECKING:
    from mlscore.registry import Shelf

app = typer.Typer(no_args_is_help=True, help="List and show the models on the shelf.")


@app.command("list")
def list_models() -> None:
    """List the versions on the shelf: which answers, when each was trained, how many gates it passed."""
    from mlscore.registry import Shelf

    with refusing() as settings:
        _tell_shelf(Shelf(settings.models), settings)


@app.command()
def show(
    version: Annotated[str | None, typer.Argument(help="A version; the champion, when left out.")] = None,
) -> None:
    """Print which version answers, which are on the shelf, and the model card."""
    from mlscore.registry import Shelf

    with refusing() as settings:
        shelf = Shelf(settings.models)
        _tell_shelf(shelf, settings)
        chosen = version or shelf.champion(settings.firm)
        if chosen is None:
            return
        from rich.markdown import Markdown

        out.print(Markdown(shelf.card(settings.firm, chosen)))


def _tell_shelf(shelf: Shelf, settings: Settings) -> None:
    firm, versions = settings.firm, shelf.versions(settings.firm)
    out.print(f"Firm {firm}, shelf {settings.models}", highlight=False, soft_wrap=True)
    if shelf.champion(firm) is None:
        told = "No model yet: the policy's prior answers, and abstains. Train one: python -m training retrain"
        out.print(told, highlight=False, soft_wrap=True)
    if not versions:
        return
    table = Table("version", "role", "trained", "gates passed")
    roles = {shelf.challenger(firm): "challenger", shelf.champion(firm): "champion"}
    for one in versions:
        table.add_row(one, roles.get(one, ""), *_learned(shelf, firm, one))
    out.print(table)


def _learned(shelf: Shelf, firm: str, version: str) -> tuple[str, str]:
    """Return when a version was trained and how many gates it passed; a damaged one tells nothing."""
    try:
        facts = shelf.facts(firm, version)
    except MlscoreError:
        return "—", "damaged"
    gates = cast("Sequence[Mapping[str, object]]", facts.get("gates", []))
    passed = f"{sum(bool(gate['passed']) for gate in gates)} of {len(gates)}" if gates else "—"
    return str(facts.get("created_at", "—"))[: len("2026-01-01")], passed


def follow(
    seconds: Annotated[float, typer.Option(min=1, help="Seconds between looks at the tracking server.")] = 15.0,
    once: Annotated[
        bool, typer.Option("--once", help="Look once and stop; status 1 when the server was away.")
    ] = False,
) -> None:
    """Keep the shelf in step with MLflow: fetch a new champion, check it in a child process, move the pointer.

    A process of its own; the service reads the shelf and never waits for the tracking server. What managers ask for on
    the page Models is done here too, where the database (MLSCORE_DATABASE) can be reached.
    """
    from mlscore.registry import Shelf, Trust, follow_once, registered_model_name
    from mlscore.registry import follow as keep_following

    with refusing() as settings, _wishes(settings) as wishes:
        shelf = Shelf(settings.models, trust=Trust.of(settings.trusted_keys))
        name = registered_model_name(settings.firm)

        def grant_wishes() -> None:
            if wishes is not None:
                _grant(shelf, wishes, settings)

        def told(report: FollowReport) -> None:
            err.print(_said(report), soft_wrap=True)
            grant_wishes()

        if once:
            grant_wishes()
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
            report=told,
        )


@contextmanager
def _wishes(settings: Settings) -> Iterator[Wishes | None]:
    """Give what managers ask for; None where the database is away: models are followed all the same."""
    from mlscore.bootstrap import open_parts

    with ExitStack() as opened:
        try:
            wishes: Wishes | None = opened.enter_context(open_parts(settings)).store.wishes
        except MlscoreError as error:
            err.print(f"What managers ask for on the page Models is not done: {error}", soft_wrap=True)
            wishes = None
        yield wishes


def _grant(shelf: Shelf, wishes: Wishes, settings: Settings) -> None:
    from mlscore.bootstrap import now
    from mlscore.registry import grant, registered_model_name

    name = registered_model_name(settings.firm)
    try:
        wish = grant(shelf, wishes, firm=settings.firm, tracking_uri=settings.tracking_uri, model_name=name, clock=now)
    except MlscoreError as error:
        err.print(f"What is asked for on the page Models waits: {error}", soft_wrap=True)
        return
    if wish is not None:
        err.print(f"Version {wish.version} was asked for by {wish.by}: see the page Models.", soft_wrap=True)


def _said(report: FollowReport) -> str:
    sentences = {
        "moved": f"Version {report.version} is on the shelf and serves firm {report.firm}.",
        "unchanged": f"Version {report.version} serves firm {report.firm} already.",
        "refused": f"Version {report.version} is refused: {report.reason}",
        "unreachable": f"Nothing was taken: {report.reason}",
    }
    return sentences[report.outcome]
