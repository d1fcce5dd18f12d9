"""`mlscore users`: who may sign in to the pages, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from mlscore.cli.console import out, refusing, tell_none

if TYPE_CHECKING:
    from mlscore.bootstrap import Parts
    from mlscore.service.people import PeopleService

app = typer.Typer(no_args_is_help=True, help="Create, list and change who may sign in to the pages.")

BY = "mlscore users"
_A_ROLE = "seller (sees own deals), viewer, manager or admin; each may what those before it may."
_A_SELLER = "A seller id, as deals name it; once for each. Needed for the role seller."
Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
RoleOption = Annotated[str, typer.Option("--role", help=_A_ROLE)]
SellersOption = Annotated[list[str] | None, typer.Option("--seller", help=_A_SELLER)]
AskOption = Annotated[bool, typer.Option("--ask", help="Ask for the password, instead of making one up.")]


@app.command()
def create(name: Name, role: RoleOption = "viewer", sellers: SellersOption = None, ask: AskOption = False) -> None:
    """Add a person; a password made up is printed this once."""
    with _office() as office:
        password = _password(ask)
        user = office.people.add(office.firm, name, role=role, sellers=sellers or [], password=password, by=BY)
        out.print(f"{user.name} may sign in as {user.role}.", highlight=False, markup=False)
        _show(password, ask)


@app.command("list")
def list_users() -> None:
    """List everybody, with role, state, and when last signed in."""
    with _office() as office:
        now = office.parts.clock()
        people = office.parts.store.users.every(office.firm)
        if not people:
            tell_none(f"Nobody may sign in yet: `mlscore users create NAME --role admin` for firm {office.firm}.")
        for user in people:
            locked = "locked" if user.locked_until is not None and user.locked_until > now else "open"
            state = "disabled" if user.disabled_at is not None else locked
            seen = "never" if user.signed_in_at is None else f"{user.signed_in_at:%Y-%m-%d %H:%M}"
            of = f" of {', '.join(sorted(user.sellers))}" if user.sellers else ""
            told = f"{user.name}: {user.role}{of}, {state}, last signed in {seen}"
            out.print(told, soft_wrap=True, highlight=False, markup=False)


@app.command()
def password(name: Name, ask: AskOption = False) -> None:
    """Give a person another password, and end every session; a lock after wrong ones ends too."""
    with _office() as office:
        new = _password(ask)
        user = office.people.set_password(office.people.called(office.firm, name), new, by=BY)
        out.print(f"{user.name} has another password, and is signed out everywhere.", highlight=False, markup=False)
        _show(new, ask)


@app.command()
def role(name: Name, role: Annotated[str, typer.Argument(help=_A_ROLE)], sellers: SellersOption = None) -> None:
    """Give a person another role; it holds from the next page on."""
    with _office() as office:
        user = office.people.called(office.firm, name)
        user = office.people.place(user, role=role, sellers=sellers or [], by=BY)
        out.print(f"{user.name} is {user.role} now.", highlight=False, markup=False)


@app.command()
def disable(name: Name, undo: Annotated[bool, typer.Option("--undo", help="Let the person in again.")] = False) -> None:
    """Keep a person out, and end every session at once."""
    with _office() as office:
        user = office.people.called(office.firm, name)
        (office.people.enable if undo else office.people.disable)(user, by=BY)
        out.print(f"{user.name} {'may sign in again' if undo else 'is kept out'}.", highlight=False, markup=False)


@app.command()
def sessions(name: Name, end: Annotated[bool, typer.Option("--end", help="End all of them.")] = False) -> None:
    """List where a person is signed in, or end it all."""
    with _office() as office:
        user, store = office.people.called(office.firm, name), office.parts.store
        if end:
            ended = store.sessions.end(office.firm, user.user_id, by=BY, at=office.parts.clock())
            out.print(f"{ended} session(s) ended.", highlight=False)
            return
        for one in store.sessions.of_user(office.firm, user.user_id):
            told = f"since {one.created_at:%Y-%m-%d %H:%M}, used {one.last_used_at:%Y-%m-%d %H:%M}  {one.agent}"
            out.print(told, soft_wrap=True, highlight=False, markup=False)


@dataclass(frozen=True, slots=True)
class _Office:
    firm: str
    people: PeopleService
    parts: Parts


@contextmanager
def _office() -> Iterator[_Office]:
    from mlscore.bootstrap import open_parts
    from mlscore.service.people import PeopleService

    with refusing() as settings, open_parts(settings) as parts:
        store = parts.store
        people = PeopleService(users=store.users, sessions=store.sessions, clock=parts.clock)
        yield _Office(settings.firm, people, parts)


def _password(ask: bool) -> str:
    from mlscore.service.people import passwords

    if not ask:
        return passwords.generated()
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _show(password: str, asked: bool) -> None:
    if not asked:
        typer.echo(f"Password: {password}")
        typer.echo("It is not shown again; change it on the page of the account.", err=True)
