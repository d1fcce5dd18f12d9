"""What goes wrong with a portal, as a test or a person wants it to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from mlscore.crm.bitrix24.fake.refusals import SYSTEM, system
from mlscore.scoring.errors import FaultyInputError

Break = Literal["none", "before", "after", "page"]
"""A connection dropped before anything was done, or after all was done; or a proxy's page in place of an answer."""

ACCESS = ("ok", "NO_AUTH_FOUND", "expired_token", "INVALID_CREDENTIALS", "ACCESS_DENIED", "user_access_error")


@dataclass(slots=True, kw_only=True)
class Faults:
    """Every fault that can be switched on; shares are between 0 and 1, and drawn with the seed.

    `is_down` drops every connection, or with `is_down_with_page` answers 502 with a page as proxies do. `access` is
    what every call is refused with, `may_read` and `may_write` what its owner may do.
    """

    is_down: bool = False
    is_down_with_page: bool = False
    slow_seconds: float = 0.0
    slow_share: float = 1.0
    drop_before_share: float = 0.0
    drop_after_share: float = 0.0
    internal_share: float = 0.0
    access: str = "ok"
    scopes: frozenset[str] = frozenset({"crm", "catalog"})
    may_read: bool = True
    may_write: bool = True
    asks_https: bool = False
    is_overloaded: bool = False
    is_deleted: bool = False
    next_codes: deque[str] = field(default_factory=deque)

    def set(self, name: str, value: object) -> None:
        """Switch one fault. Raises FaultyInputError where there is none of this name or it takes no such value."""
        if name not in self.__dataclass_fields__ or name == "next_codes":
            raise FaultyInputError(f"There is no fault {name!r}.")
        if name == "access" and value not in ACCESS:
            raise FaultyInputError(f"access is one of {', '.join(ACCESS)}.")
        if name == "scopes":
            value = frozenset(str(one) for one in value) if isinstance(value, list | frozenset | set) else frozenset()
        setattr(self, name, value)

    def refuse_next(self, code: str, times: int = 1) -> None:
        """Refuse the next so many calls with a code. Raises FaultyInputError where the portal has no such code."""
        if code not in SYSTEM:
            raise FaultyInputError(f"The portal has no code {code!r}.")
        self.next_codes.extend([code] * times)

    def check(self) -> None:
        """Raise PortalRefusedError where every call is refused."""
        if self.asks_https:
            raise system("INVALID_REQUEST")
        if self.is_deleted:
            raise system("PORTAL_DELETED")
        if self.is_overloaded:
            raise system("OVERLOAD_LIMIT")
        if self.access != "ok":
            raise system(self.access)
        if self.next_codes:
            raise system(self.next_codes.popleft())

    def break_of(self, chance: Random) -> Break:
        """Draw what happens to one request's connection."""
        if self.is_down:
            return "before"
        if self.is_down_with_page:
            return "page"
        if self.drop_before_share and chance.random() < self.drop_before_share:
            return "before"
        return "after" if self.drop_after_share and chance.random() < self.drop_after_share else "none"

    def wait_of(self, chance: Random) -> float:
        """Draw how long one answer takes on top."""
        return self.slow_seconds if self.slow_seconds and chance.random() < self.slow_share else 0.0

    def is_broken(self, chance: Random) -> bool:
        """Draw whether one call breaks inside the portal."""
        return self.internal_share > 0 and chance.random() < self.internal_share
