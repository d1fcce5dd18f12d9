"""People who use the pages: who they are, their sessions, and what was changed by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

Role = Literal["seller", "viewer", "manager", "admin"]
"""What a person may see and do; each may all that those before it may."""

ROLES: tuple[Role, ...] = get_args(Role)
Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who may sign in; of the password only its hash. Names of one firm differ in more than their case.

    `sellers` are the seller ids a seller is; of the other roles it says nothing. `language` is None where the browser
    says it. `failures` are the passwords tried in vain since the last right one.
    """

    user_id: str
    firm: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    sellers: frozenset[str] = frozenset()
    language: str | None = None
    theme: Theme = "system"
    disabled_at: datetime | None = None
    signed_in_at: datetime | None = None
    failures: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser signed in; what it shows is kept as a digest. `last_used_at` is exact to a minute."""

    session_id: str
    user_id: str
    digest: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One line of the audit log: who did what to what, and how it was before and after; None where it was not."""

    number: int
    at: datetime
    who: str
    what: str
    subject: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedsAsked:
    """Which lines of the audit log: those whose person or subject holds `search`, of one kind where `what` is given."""

    search: str = ""
    what: str = ""
    is_oldest_first: bool = False


class Users(Protocol):
    """Keeps who may sign in; every change is written down with who made it."""

    def add(self, user: User, *, by: str) -> User:
        """Add a person. Raises ConflictError for a name the firm has already."""
        ...

    def change(self, was: User, user: User, *, by: str, at: datetime, what: str) -> User:
        """Keep what differs between `was` and `user`, whatever else was changed meanwhile, and write it down.

        Of a password only that. Return the person as kept. Raises NotFoundError, ConflictError for the last admin.
        """
        ...

    def failed(self, user: User, *, at_most: int, until: datetime) -> bool:
        """Count a password tried in vain; at the last of `at_most` lock `until` then, and tell so."""
        ...

    def entered(self, user: User, *, shown: str) -> bool:
        """Keep that the password with the hash `shown` was right; tell whether it still was the person's."""
        ...

    def named(self, firm: str, name: str) -> User | None:
        """Return a person by name, in whatever case it is written."""
        ...

    def find(self, firm: str, user_id: str) -> User | None:
        """Return a person."""
        ...

    def every(self, firm: str) -> Sequence[User]:
        """Return everybody of a firm, by name."""
        ...


class Sessions(Protocol):
    """Keeps who is signed in where."""

    def begin(self, firm: str, session: Session) -> None:
        """Keep a session."""
        ...

    def find(self, digest: str) -> tuple[Session, User] | None:
        """Return a session and whose it is; ended and expired ones included."""
        ...

    def used(self, digest: str, *, at: datetime) -> None:
        """Note that a session was used."""
        ...

    def of_user(self, firm: str, user_id: str) -> Sequence[Session]:
        """Return a person's sessions that have not ended, the one used last first."""
        ...

    def end(
        self, firm: str, user_id: str, *, by: str, at: datetime, only: str | None = None, but: str | None = None
    ) -> int:
        """End a person's sessions: `only` one, all `but` one, or all; return how many, and write it down."""
        ...


class Numbers(Protocol):
    """Numbers the deals of a firm that have none from a CRM."""

    def give(self, firm: str, draft: str, *, by: str, at: datetime) -> str:
        """Return a deal_id nobody has, `DESK-<year>-<six digits>`, and write it down.

        A person's draft has one for good.
        """
        ...


class Audit(Protocol):
    """Keeps what was changed; nothing here is ever changed or taken away."""

    def note(
        self,
        firm: str,
        *,
        at: datetime,
        who: str,
        what: str,
        subject: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Write a line of the log."""
        ...

    def count(self, firm: str, asked: DeedsAsked) -> int:
        """Return how many lines there are."""
        ...

    def read(self, firm: str, asked: DeedsAsked, *, first: int, at_most: int) -> Sequence[Deed]:
        """Return lines from the position `first` on, newest first unless asked otherwise."""
        ...
