"""`mlscore keys`: the keys CRMs call with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from mlscore.cli.console import out, refusing, tell_none
from mlscore.ports import EVERY_SCOPE, EVERYDAY, Key, KeyScope
from mlscore.scoring.errors import FaultyInputError

app = typer.Typer(no_args_is_help=True, help="Create, list, rotate and revoke the keys CRMs call with.")

_DAYS = re.compile(r"(\d{1,5})d")
_RATE = re.compile(r"(\d{1,9})/min(?:ute)?")
_ONE_SCOPE = "What it may do, once for each: score, outcome, read, admin. All but admin, when left out."


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, such as bitrix24.")],
    scopes: Annotated[list[str] | None, typer.Option("--scope", help=_ONE_SCOPE)] = None,
    expires: Annotated[str | None, typer.Option(help="When it ends: 90d, or a date such as 2027-03-31.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="The same as --expires with so many days.")] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="To try things out: nothing learns from what is sent with it.")
    ] = False,
    rate: Annotated[str | None, typer.Option(help="Its own rate, such as 600/minute; 0/minute is no limit.")] = None,
) -> None:
    """Make a key and print it, this once: the store keeps only its hash."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings:
        ends, per_minute = _end(expires if days is None else f"{days}d"), _rate(rate)
        may = _scopes(scopes)
        with open_parts(settings) as parts:
            now = parts.clock()
            expires_at = now + ends if isinstance(ends, timedelta) else ends
            key, secret = parts.store.keys.create(
                settings.firm,
                name,
                at=now,
                expires_at=expires_at,
                scopes=may,
                sandbox=sandbox,
                rate_per_minute=per_minute,
            )
        _show(key, secret)


@app.command("list")
def list_keys() -> None:
    """List the firm's keys; the secrets themselves are kept nowhere."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        kept = parts.store.keys.every(settings.firm)
        for key in kept:
            for line in _told(key):
                out.print(line, soft_wrap=True, highlight=False, markup=False)
        if not kept:
            tell_none(f"Firm {settings.firm} has no key yet: make one with `mlscore keys create NAME`.")


@app.command()
def rotate(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `mlscore keys list` shows it.")],
    grace: Annotated[int, typer.Option(min=0, help="Days the old secret stays good beside the new one.")] = 7,
) -> None:
    """Make a key like this one under a new secret; the old one expires after a grace. `last used` shows who is late."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        new, secret = parts.store.keys.rotate(settings.firm, key_id, at=parts.clock(), grace=timedelta(days=grace))
        _show(new, secret)
        typer.echo(f"The old one opens until {grace} day(s) from now; withdraw it with `keys revoke`.", err=True)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The key's id, as `mlscore keys list` shows it.")]) -> None:
    """Withdraw a key; the service refuses it within seconds."""
    from mlscore.bootstrap import open_parts

    with refusing() as settings, open_parts(settings) as parts:
        key = parts.store.keys.revoke(settings.firm, key_id, at=parts.clock())
        out.print(f"The key {key.name} ({key.prefix}...) opens nothing any more.")


def _told(key: Key) -> Iterator[str]:
    """Yield the lines that tell of a key: three short ones, for a table of it all is wider than screens are."""
    moments = {
        "created": key.created_at,
        "last used": key.last_used_at,
        "expires": key.expires_at,
        "revoked": key.revoked_at,
    }
    rate = [] if key.rate_per_minute is None else [f"{key.rate_per_minute}/minute"]
    yield f"{key.key_id}  {key.name}  {key.prefix}..."
    yield "  may " + ", ".join([*sorted(key.scopes), *(["sandbox"] if key.sandbox else []), *rate])
    yield "  " + ", ".join(f"{what} {moment:%Y-%m-%d %H:%M}" for what, moment in moments.items() if moment)


def _show(key: Key, secret: str) -> None:
    typer.echo(f"API key: {secret}")
    side = "the sandbox of firm" if key.sandbox else "firm"
    typer.echo(f"It opens {side} {key.firm}; its id is {key.key_id}. It is not shown again.", err=True)
    typer.echo(f"It may: {', '.join(sorted(key.scopes))}.", err=True)


def _scopes(given: list[str] | None) -> frozenset[KeyScope]:
    """Read what a key may do. Raises FaultyInputError."""
    found = frozenset(scope for scope in EVERY_SCOPE if scope in (given or EVERYDAY))
    if strange := sorted({*(given or ())} - found):
        raise FaultyInputError(f"--scope takes {', '.join(EVERY_SCOPE)}, not {', '.join(strange)}.")
    return found


def _end(given: str | None) -> timedelta | datetime | None:
    """Read how long a key lives, or until when. Raises FaultyInputError."""
    if given is None:
        return None
    if days := _DAYS.fullmatch(given):
        return timedelta(days=int(days[1]))
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise FaultyInputError(f"--expires takes 90d or a date such as 2027-03-31, not {given!r}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rate(given: str | None) -> int | None:
    """Read a rate. Raises FaultyInputError."""
    if given is None:
        return None
    if (rate := _RATE.fullmatch(given)) is None:
        raise FaultyInputError(f"--rate takes a number a minute, such as 600/minute, not {given!r}.")
    return int(rate[1])
