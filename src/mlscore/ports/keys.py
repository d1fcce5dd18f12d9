"""API keys: whose firm they open, what they may be used for, and where what is sent with them is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args

KeyScope = Literal["score", "outcome", "read", "admin"]
"""What a key may do: ask for scores, report outcomes, read what is kept, look after the service."""

EVERY_SCOPE: tuple[KeyScope, ...] = get_args(KeyScope)
EVERYDAY: frozenset[KeyScope] = frozenset({"score", "outcome", "read"})
"""What a CRM needs, and what every key made before there were scopes may do."""


_SANDBOX = ".sandbox"
"""No firm is named so: names of firms hold no dot."""


def kept_in(firm: str, sandbox: bool) -> str:
    """Return the firm under which receipts, outcomes and idempotency keys are kept: a sandbox is a firm of its own."""
    return firm + _SANDBOX if sandbox else firm


def sides_of(firm: str) -> tuple[str, str]:
    """Return both firms under which a firm's own things are kept: in earnest, and in the sandbox."""
    return kept_in(firm, sandbox=False), kept_in(firm, sandbox=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key as known to the service; the secret itself is never kept.

    What is kept under a `sandbox` key lies apart, and nothing ever learns from it. `rate_per_minute` is None where the
    service's own limit holds; `last_used_at` is exact to a minute.
    """

    key_id: str
    firm: str
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[KeyScope] = EVERYDAY
    sandbox: bool = False
    rate_per_minute: int | None = None
    last_used_at: datetime | None = None


class Keys(Protocol):
    """Keeps API keys, hashed."""

    def create(
        self,
        firm: str,
        name: str,
        *,
        at: datetime,
        expires_at: datetime | None = None,
        scopes: Collection[KeyScope] = EVERYDAY,
        sandbox: bool = False,
        rate_per_minute: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key; return it with its secret, which is shown this once."""
        ...

    def find(self, secret: str) -> Key | None:
        """Return the key of this secret, revoked and expired ones included."""
        ...

    def every(self, firm: str) -> Sequence[Key]:
        """Return the firm's keys, newest first."""
        ...

    def rotate(self, firm: str, key_id: str, *, at: datetime, grace: timedelta) -> tuple[Key, str]:
        """Make a key like this one, which itself expires after `grace`; return the new one with its secret.

        Raises NotFoundError, and ConflictError for a key that opens nothing any more.
        """
        ...

    def revoke(self, firm: str, key_id: str, *, at: datetime) -> Key:
        """Withdraw a key. Raises NotFoundError."""
        ...

    def used(self, key_id: str, *, at: datetime) -> None:
        """Note that a key was used; a use within a minute of the one noted last adds nothing."""
        ...
