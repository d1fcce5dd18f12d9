"""Who may use the pages and as what: told once for the command line and for the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import uuid4

from mlscore.ports import ROLES, THEMES, Clock, Role, Sessions, User, Users
from mlscore.scoring.errors import FaultyInputError, NotFoundError
from mlscore.service.people import passwords
from mlscore.texts import LANGUAGES

NAME_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleService:
    """Adds and changes people; each change is written down with who made it."""

    users: Users
    sessions: Sessions
    clock: Clock

    def add(self, firm: str, name: str, *, role: str, sellers: Collection[str], password: str, by: str) -> User:
        """Add a person.

        Raises FaultyInputError for an unusable name, role or password, ConflictError for a name that is taken.
        """
        name = name.strip()
        if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
            raise FaultyInputError(
                f"A name takes 1 to {NAME_LENGTH} printable characters.", code="people.name", most=NAME_LENGTH
            )
        passwords.check(password)
        user = User(
            user_id=uuid4().hex,
            firm=firm,
            name=name,
            role=_role(role),
            sellers=_sellers(role, sellers),
            password_hash=passwords.hashed(password),
            created_at=self.clock(),
        )
        return self.users.add(user, by=by)

    def called(self, firm: str, name: str) -> User:
        """Return a person by name. Raises NotFoundError."""
        found = self.users.named(firm, name)
        if found is None:
            raise NotFoundError(f"The firm {firm!r} has no user {name!r}: `mlscore users list` shows them.")
        return found

    def place(self, user: User, *, role: str, sellers: Collection[str], by: str) -> User:
        """Give a person another role or other sellers. Raises FaultyInputError, ConflictError for the last admin."""
        changed = replace(user, role=_role(role), sellers=_sellers(role, sellers))
        return self.users.change(user, changed, by=by, at=self.clock(), what="user.role")

    def disable(self, user: User, *, by: str) -> User:
        """Keep a person out, and end every session. Raises ConflictError for the last admin."""
        changed = self.users.change(
            user, replace(user, disabled_at=self.clock()), by=by, at=self.clock(), what="user.disabled"
        )
        self.sessions.end(user.firm, user.user_id, by=by, at=self.clock())
        return changed

    def enable(self, user: User, *, by: str) -> User:
        """Let a person in again; a lock after wrong passwords ends too."""
        changed = replace(user, disabled_at=None, failures=0, locked_until=None)
        return self.users.change(user, changed, by=by, at=self.clock(), what="user.enabled")

    def set_password(self, user: User, password: str, *, by: str, but: str | None = None) -> User:
        """Give a person another password and end the sessions begun with the old one, except `but` one.

        Raises FaultyInputError for a password that cannot be used.
        """
        passwords.check(password)
        changed = replace(user, password_hash=passwords.hashed(password), failures=0, locked_until=None)
        self.users.change(user, changed, by=by, at=self.clock(), what="user.password")
        self.sessions.end(user.firm, user.user_id, by=by, at=self.clock(), but=but)
        return changed

    def set_looks(self, user: User, *, language: str | None, theme: str) -> User:
        """Keep how a person wants to read the pages. Raises FaultyInputError for what is not offered."""
        if theme not in THEMES or (language is not None and language not in LANGUAGES):
            raise FaultyInputError("Choose a language and a theme that are offered.")
        changed = replace(user, language=language, theme=theme)
        if changed == user:
            return user
        return self.users.change(user, changed, by=user.name, at=self.clock(), what="user.looks")


def _role(given: str) -> Role:
    if given not in ROLES:
        raise FaultyInputError(f"A role is one of {', '.join(ROLES)}, not {given!r}.", code="people.role")
    return given


def _sellers(role: str, given: Collection[str]) -> frozenset[str]:
    found = frozenset(seller.strip() for seller in given) - {""}
    if role == "seller" and not found:
        raise FaultyInputError("A seller needs the ids that deals name him by.", code="people.no_sellers")
    return found if role == "seller" else frozenset()
