"""Who may sign in, and as what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus

from starlette.responses import Response

from mlscore.ports import ROLES, User
from mlscore.scoring.errors import ConflictError, FaultyInputError, MlscoreError, NotFoundError
from mlscore.service.people import passwords
from mlscore.texts.formats import UNKNOWN
from mlscore.web.tables import Cell, Choice, Column, Filter, InMemory, Table, answer_with
from mlscore.web.visit import Visit
from mlscore.web.words import Words


def show(visit: Visit) -> Response:
    """Show everybody, and the form of one where one is chosen."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Add a person under a password made up, shown this once."""
    given, password = visit.given, passwords.generated()

    def work() -> User:
        return visit.office.people.add(
            visit.firm,
            given.get("name", ""),
            role=given.get("role", ""),
            sellers=_sellers(visit),
            password=password,
            by=visit.user.name,
        )

    return _done(visit, "web.users.added", work, password=password)


def place(visit: Visit) -> Response:
    """Give a person another role or other seller ids."""
    people, user = visit.office.people, _chosen(visit)
    role = visit.given.get("role", "")
    return _done(
        visit, "web.users.placed", lambda: people.place(user, role=role, sellers=_sellers(visit), by=visit.user.name)
    )


def reset(visit: Visit) -> Response:
    """Give a person a password made up, shown this once; every session ends."""
    people, user, password = visit.office.people, _chosen(visit), passwords.generated()
    return _done(
        visit,
        "web.users.password_made",
        lambda: people.set_password(user, password, by=visit.user.name),
        password=password,
    )


def sign_out(visit: Visit) -> Response:
    """End a person's sessions."""
    user = _chosen(visit)

    def work() -> User:
        visit.office.people.sessions.end(user.firm, user.user_id, by=visit.user.name, at=visit.application.clock())
        return user

    return _done(visit, "web.users.signed_out", work)


def disable(visit: Visit) -> Response:
    """Keep a person out."""
    user = _chosen(visit)
    return _done(visit, "web.users.disabled", lambda: visit.office.people.disable(user, by=visit.user.name))


def enable(visit: Visit) -> Response:
    """Let a person in again."""
    user = _chosen(visit)
    return _done(visit, "web.users.enabled", lambda: visit.office.people.enable(user, by=visit.user.name))


def _chosen(visit: Visit) -> User:
    found = visit.office.people.users.find(visit.firm, visit.request.path_params["user_id"])
    if found is None:
        raise NotFoundError("There is no such user.")
    return found


def _sellers(visit: Visit) -> list[str]:
    return visit.given.get("sellers", "").split(",")


def _done(visit: Visit, code: str, work: Callable[[], User], password: str | None = None) -> Response:
    """Do something, and show the list with what came of it: a password is in no address, and in no history."""
    try:
        user = work()
    except (FaultyInputError, ConflictError) as error:
        return _page(visit, fault=_fault(visit, error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(visit, done=visit.words.say(code, name=user.name), password=password, chosen=user)


def _fault(visit: Visit, error: MlscoreError) -> str:
    is_taken = isinstance(error, ConflictError) and error.code == ConflictError.code
    return visit.words.say("web.users.name_taken") if is_taken else visit.sentence_of(error)


def _page(
    visit: Visit,
    *,
    fault: str | None = None,
    done: str | None = None,
    password: str | None = None,
    chosen: User | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    everybody = visit.office.people.users.every(visit.firm)
    asked = visit.asked.get("user", "" if chosen is None else chosen.user_id)
    table = _table(visit)
    return answer_with(
        visit,
        "users.html",
        table,
        InMemory(table, everybody),
        status=status,
        fault=fault,
        done=done,
        password=password,
        chosen=next((user for user in everybody if user.user_id == asked), None),
        roles=ROLES,
    )


STATES = ("active", "locked", "disabled")


def _table(visit: Visit) -> Table[User]:
    words = visit.words
    return Table(
        caption="web.users.title",
        sort="name",
        descending=False,
        search="web.users.search",
        filters=(
            Filter("role", "web.users.role", [Choice(role, words.say(f"web.role.{role}")) for role in ROLES]),
            Filter("state", "web.users.state", [Choice(one, words.say(f"web.users.state.{one}")) for one in STATES]),
        ),
        columns=_columns(visit.application.clock()),
    )


def _columns(now: datetime) -> Sequence[Column[User]]:
    return (
        Column(
            name="name",
            heading="web.users.name",
            show=lambda user, _: Cell(user.name, href=f"/users?user={user.user_id}#one"),
            value=lambda user: user.name,
        ),
        Column(
            name="role",
            heading="web.users.role",
            show=lambda user, words: words.say(f"web.role.{user.role}"),
            value=lambda user: user.role,
        ),
        Column(
            name="sellers",
            heading="web.users.sellers",
            show=lambda user, _: ", ".join(sorted(user.sellers)) or UNKNOWN,
            value=lambda user: ", ".join(sorted(user.sellers)),
        ),
        Column(
            name="state",
            heading="web.users.state",
            show=lambda user, words: _state_cell(_state(user, now), words),
            value=lambda user: _state(user, now),
        ),
        Column(
            name="signed_in_at",
            heading="web.users.signed_in_at",
            show=lambda user, words: words.moment(user.signed_in_at),
            value=lambda user: user.signed_in_at,
            is_moment=True,
        ),
    )


def _state(user: User, now: datetime) -> str:
    is_locked = user.locked_until is not None and user.locked_until > now
    return "disabled" if user.disabled_at is not None else "locked" if is_locked else "active"


def _state_cell(state: str, words: Words) -> Cell:
    return Cell(words.say(f"web.users.state.{state}"), tone="good" if state == "active" else "bad", is_badge=True)
