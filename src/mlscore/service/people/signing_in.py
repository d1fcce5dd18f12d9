"""Signing in: who shows the right password gets a session, who guesses is slowed down and then locked out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from mlscore.ports import Audit, Clock, Session, Sessions, User, Users
from mlscore.service.people import passwords

FAILURES_AT_MOST = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE_AT_MOST = timedelta(hours=12)
LIVES_AT_MOST = timedelta(days=7)
NOTED_EVERY = timedelta(minutes=1)
AGENT_LENGTH = 120
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, and by which session."""

    user: User
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """Begins, finds and ends sessions; what a browser shows is kept nowhere, only its digest."""

    users: Users
    sessions: Sessions
    audit: Audit
    clock: Clock
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(TOKEN_BYTES)

    def sign_in(self, firm: str, name: str, password: str, *, agent: str = "") -> tuple[Signed, str] | None:
        """Return a new session and what to show for it.

        None for an unknown name, a wrong password, a disabled or a locked user: all alike, and after the same work.
        """
        user, now = self.users.named(firm, name), self.clock()
        is_right = passwords.is_right(password, None if user is None else user.password_hash)
        if user is None or user.disabled_at is not None:
            return None
        if user.locked_until is not None and user.locked_until > now:
            return None
        if not is_right:
            self._failed(user)
            return None
        kept = passwords.hashed(password) if passwords.is_outdated(user.password_hash) else user.password_hash
        entered = replace(user, failures=0, locked_until=None, signed_in_at=now, password_hash=kept)
        if not self.users.entered(entered, shown=user.password_hash):
            return None  # changed while this one was looked at
        return self._begin(entered, agent)

    def signed_in(self, token: str) -> Signed | None:
        """Return whose session this is, None where it has ended, expired, lain idle, or its user is disabled."""
        digest, now = digest_of(token), self.clock()
        found = self.sessions.find(digest)
        if found is None:
            return None
        session, user = found
        is_over = session.ended_at is not None or session.expires_at <= now
        if is_over or user.disabled_at is not None or now - session.last_used_at > IDLE_AT_MOST:
            return None
        if now - session.last_used_at >= NOTED_EVERY:
            self.sessions.used(digest, at=now)
        return Signed(user, session)

    def sign_out(self, signed: Signed) -> None:
        """End a session."""
        user = signed.user
        only = signed.session.session_id
        self.sessions.end(user.firm, user.user_id, by=user.name, at=self.clock(), only=only)

    def _begin(self, user: User, agent: str) -> tuple[Signed, str]:
        token, now = self.new_token(), self.clock()
        session = Session(
            session_id=uuid4().hex,
            user_id=user.user_id,
            digest=digest_of(token),
            created_at=now,
            last_used_at=now,
            expires_at=now + LIVES_AT_MOST,
            agent=agent[:AGENT_LENGTH],
        )
        self.sessions.begin(user.firm, session)
        self.audit.note(user.firm, at=now, who=user.name, what="session.begun", subject=user.name)
        return Signed(user, session), token

    def _failed(self, user: User) -> None:
        """Count a wrong password; lock at the last one allowed."""
        now = self.clock()
        until = now + LOCKED_FOR
        if self.users.failed(user, at_most=FAILURES_AT_MOST, until=until):
            told = {"failures": FAILURES_AT_MOST, "until": until.isoformat()}
            self.audit.note(user.firm, at=now, who=user.name, what="user.locked", subject=user.name, after=told)


def digest_of(token: str) -> str:
    """Return what is kept of what a browser shows."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
