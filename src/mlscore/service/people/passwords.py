"""Passwords: hashed with argon2, refused where they are too short, made up where nobody wants to choose one."""

from __future__ import annotations

import secrets
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from mlscore.scoring.errors import FaultyInputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LENGTH_AT_LEAST, LENGTH_AT_MOST = 10, 200
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _LETTERS_A_GROUP = 4, 5

_ONE_AT_A_TIME = Lock()
"""A hash takes 19 MiB and a core for some 20 ms: a crowd at the door must not take the machine from scoring."""


def generated() -> str:
    """Return a password nobody guesses, easy to read to somebody: 100 bits in four groups of five."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def check(password: str) -> None:
    """Raise FaultyInputError for a password too short, too long, or of one character."""
    if not LENGTH_AT_LEAST <= len(password) <= LENGTH_AT_MOST:
        raise FaultyInputError(
            f"A password takes {LENGTH_AT_LEAST} to {LENGTH_AT_MOST} characters.",
            code="people.password_length",
            least=LENGTH_AT_LEAST,
            most=LENGTH_AT_MOST,
        )
    if len(set(password)) < LENGTH_AT_LEAST // 2:
        raise FaultyInputError("The password repeats too few characters.", code="people.password_monotone")


def hashed(password: str) -> str:
    """Return the hash of a password."""
    with _ONE_AT_A_TIME:
        return _hasher().hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether a password has this hash; where there is none, work as long and say no."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - loaded when a page is

    with _ONE_AT_A_TIME:
        try:
            return _hasher().verify(kept or _nobodys(), password[: LENGTH_AT_MOST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other costs than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415 - loaded when a page or a command needs it, not at start
    except ImportError:
        raise FaultyInputError("Passwords need the extra: pip install 'mlscore[serve]'.") from None
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP, Password Storage Cheat Sheet


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe())
