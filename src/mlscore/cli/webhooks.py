"""`mlscore webhooks`: who is told of scores, and who tells us of deals."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated

import typer

from mlscore.cli.console import out, refusing, tell_none
from mlscore.ports import Webhook

app = typer.Typer(no_args_is_help=True, help="Tell other programs of scores, and let them tell of deals.")

_ID = "The webhook's id, as `mlscore webhooks list` shows it."


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as salesforce.")],
    url: Annotated[
        str | None, typer.Option(help="Where scores are sent, https://...; without it, it is a door for events.")
    ] = None,
    own_secret: Annotated[
        bool, typer.Option("--own-secret", help="Ask for a secret the other side has made: whsec_...")
    ] = False,
) -> None:
    """Make a webhook and print its secret, this once: it signs what is sent."""
    from mlscore.bootstrap import open_parts
    from mlscore.outgoing import Allowed, check_address
    from mlscore.service.telling import check_secret, new_secret

    with refusing() as settings:
        if url is not None:
            check_address(url, allowed=Allowed.of(settings.outgoing_allowed))
        secret = check_secret(typer.prompt("Secret", hide_input=True)) if own_secret else new_secret()
        with open_parts(settings) as parts:
            webhook = parts.store.webhooks.create(settings.firm, name, url=url, secret=secret, at=parts.clock())
        _show(webhook)


@app.command("list")
def list_webhooks() -> None:
    """List the firm's webhooks: where they lead, what waits for them, and how many dead letters they have."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        waiting = parts.store.deliveries.waiting(settings.firm)
        dead = [letter.webhook_id for letter in parts.store.deliveries.dead(settings.firm)]
        kept = parts.store.webhooks.every(settings.firm)
        for webhook in kept:
            for line in _told(webhook, waiting, dead.count(webhook.webhook_id)):
                out.print(line, soft_wrap=True, highlight=False, markup=False)
        if not kept:
            tell_none(f"Firm {settings.firm} has no webhook yet: make one with `mlscore webhooks create NAME`.")


@app.command()
def rotate(
    webhook_id: Annotated[str, typer.Argument(help=_ID)],
    grace: Annotated[int, typer.Option(min=0, help="Hours the old secret signs beside the new one.")] = 24,
) -> None:
    """Give a webhook a new secret; until the grace is over both sign, and both are taken."""
    from mlscore.bootstrap import open_parts
    from mlscore.service.telling import new_secret

    with refusing() as settings, open_parts(settings) as parts:
        webhook = parts.store.webhooks.rotate(
            settings.firm, webhook_id, secret=new_secret(), at=parts.clock(), grace=timedelta(hours=grace)
        )
        _show(webhook)
        typer.echo(f"The old secret signs for {grace} hour(s) more.", err=True)


@app.command()
def end(webhook_id: Annotated[str, typer.Argument(help=_ID)]) -> None:
    """End a webhook: it is told nothing more, and nothing more is taken from it."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        webhook = parts.store.webhooks.end(settings.firm, webhook_id, at=parts.clock())
        out.print(f"The webhook {webhook.name} has ended.", highlight=False)


@app.command()
def dead() -> None:
    """List the dead letters: scores that were tried for three days, and why the last try failed."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        letters = parts.store.deliveries.dead(settings.firm)
        for one in letters:
            said = f"{one.webhook_id}  {one.receipt_id}  {one.tries} tries, {one.fault}"
            out.print(said, soft_wrap=True, highlight=False, markup=False)
        if not letters:
            out.print("There are no dead letters.")


@app.command()
def retry(
    webhook_id: Annotated[str | None, typer.Argument(help=f"{_ID} All of the firm's, when left out.")] = None,
) -> None:
    """Have dead letters tried anew, for three more days."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        count = parts.store.deliveries.retry(settings.firm, webhook_id, at=parts.clock())
        out.print(f"{count} dead letter(s) will be tried anew.", highlight=False)


@app.command()
def run(
    once: Annotated[bool, typer.Option("--once", help="Tell what is due now, and stop.")] = False,
) -> None:
    """Tell the firm's webhooks of scores as they come, until Ctrl-C or SIGTERM; several may run."""
    from mlscore.bootstrap.telling import build_telling
    from mlscore.logs import configure_logs

    with refusing() as settings:
        configure_logs(settings)
        with build_telling(settings) as telling:
            if once:
                told = 0
                while some := telling.go_round(settings.firm):
                    told += some
                out.print(f"{told} score(s) told.", highlight=False)
                return
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: telling.stop.set())
            telling.run(settings.firm)


def _told(webhook: Webhook, waiting: Mapping[str, int], dead_letters: int) -> Iterator[str]:
    """Yield the lines that tell of a webhook; of its address the host alone, for the rest may be a secret."""
    yield f"{webhook.webhook_id}  {webhook.name}"
    if webhook.url is None:
        yield f"  takes events at /v1/events/{webhook.webhook_id}"
    else:
        host = webhook.url.split("/")[2]
        yield f"  tells {host}, {waiting.get(webhook.webhook_id, 0)} waiting, {dead_letters} dead letter(s)"
    moments = {"created": webhook.created_at, "old secret until": webhook.former_until, "ended": webhook.ended_at}
    yield "  " + ", ".join(f"{what} {moment:%Y-%m-%d %H:%M}" for what, moment in moments.items() if moment)


def _show(webhook: Webhook) -> None:
    typer.echo(f"Webhook secret: {webhook.secret}")
    does = f"takes events at /v1/events/{webhook.webhook_id}" if webhook.url is None else "is told of every new score"
    typer.echo(f"The webhook {webhook.name} {does}; its id is {webhook.webhook_id}.", err=True)
    typer.echo("The secret is not shown again.", err=True)
