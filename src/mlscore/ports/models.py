"""Which models a firm has, and which of them people ask to have promoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

WishKind: TypeAlias = Literal["promote", "roll_back"]


class ModelShelf(Protocol):
    """Shows what lies on the shelf; each method but `versions` raises NotFoundError or ModelError."""

    def versions(self, firm: str) -> tuple[str, ...]:
        """Return the versions on the shelf, in the order of their numbers."""
        ...

    def champion(self, firm: str) -> str | None:
        """Return the version that serves a firm."""
        ...

    def challenger(self, firm: str) -> str | None:
        """Return the version that may serve next."""
        ...

    def would_roll_back_to(self, firm: str) -> str:
        """Return the version that served before this one."""
        ...

    def followed_at(self, firm: str) -> datetime | None:
        """Return when `mlscore follow` last reached the tracking server, None where it never did."""
        ...

    def card(self, firm: str, version: str) -> str:
        """Return a version's card in Markdown."""
        ...

    def facts(self, firm: str, version: str) -> Mapping[str, object]:
        """Return a version's gates, metrics and provenance."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A person's wish that a version answer from now on; `mlscore follow` grants it, or says why not in `fault`."""

    kind: WishKind
    version: str
    why: str
    by: str
    at: datetime
    number: int = 0
    done_at: datetime | None = None
    fault: str | None = None


class Wishes(Protocol):
    """Keeps wishes; a firm has one that is not done at most."""

    def ask(self, firm: str, wish: Wish) -> Wish:
        """Keep a wish, and write it down. Raises ConflictError while another is not done."""
        ...

    def pending(self, firm: str) -> Wish | None:
        """Return the wish that is not done."""
        ...

    def done(self, firm: str, number: int, *, at: datetime, fault: str | None = None) -> None:
        """Note that a wish was granted, or refused for a `fault`, and write it down."""
        ...

    def every(self, firm: str) -> Sequence[Wish]:
        """Return every wish, newest first."""
        ...
