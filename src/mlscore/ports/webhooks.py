"""Who tells us of deals, who is told of scores, and the feed both are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from mlscore.ports.crm import Item
from mlscore.scoring.receipt import Receipt


class ReadsEvents(Protocol):
    """Reads what a CRM sends when something changed there."""

    def items(self, body: bytes) -> Sequence[Item]:
        """Return the items an event is about; none where it is about something else.

        Raises NotFoundError where no CRM is connected, NotAllowedError where it does not show that it is the CRM's own,
        and FaultyInputError where it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A live score at its place in the firm's feed."""

    number: int
    receipt: Receipt


class Feed(Protocol):
    """A firm's live scores in the order in which they became readable; none ever comes before one already read."""

    def since(self, firm: str, number: int, *, at_most: int) -> Sequence[Numbered]:
        """Return the scores after this number, the first of them first. Raises StoreUnavailableError."""
        ...

    def newest(self, firm: str) -> int:
        """Return the number of the newest score, 0 where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who is told of scores, at its `url`; or, without one, who tells us of deals. The secrets sign what is sent.

    The `former_secret` signs beside the new one until `former_until`. Neither is part of how it prints.
    """

    firm: str
    webhook_id: str
    name: str
    url: str | None
    created_at: datetime
    secret: str
    former_secret: str | None = None
    former_until: datetime | None = None
    ended_at: datetime | None = None

    def secrets_at(self, moment: datetime) -> tuple[str, ...]:
        """Return the secrets that sign at a moment, the newest first."""
        is_former_good = self.former_until is not None and moment < self.former_until
        return (self.secret, self.former_secret) if self.former_secret and is_former_good else (self.secret,)

    def __repr__(self) -> str:
        return f"Webhook(firm={self.firm!r}, webhook_id={self.webhook_id!r}, name={self.name!r})"


class Webhooks(Protocol):
    """Keeps webhooks; their secrets have to be kept readable, for they sign."""

    def create(self, firm: str, name: str, *, url: str | None, secret: str, at: datetime) -> Webhook:
        """Keep a new one; it is told of scores that come after."""
        ...

    def find(self, webhook_id: str) -> Webhook | None:
        """Return one of whatever firm, ended ones included."""
        ...

    def every(self, firm: str) -> Sequence[Webhook]:
        """Return the firm's, newest first, ended ones included."""
        ...

    def rotate(self, firm: str, webhook_id: str, *, secret: str, at: datetime, grace: timedelta) -> Webhook:
        """Give it a new secret; the old one goes on beside it for `grace`. Raises NotFoundError, ConflictError."""
        ...

    def end(self, firm: str, webhook_id: str, *, at: datetime) -> Webhook:
        """End it, and drop what it was still to be told. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A score that a webhook is still to be told of; `tries` counts the times it went wrong."""

    webhook_id: str
    number: int
    receipt: Receipt
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A score that a webhook was not told of although it was tried for days; it waits for a person."""

    webhook_id: str
    receipt_id: str
    tries: int
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingFigures:
    """How it stands with a webhook that is told of scores.

    `delivered` and `failed` count tries since it was made; `waiting` are scores still to be told, dead letters apart,
    the oldest of them made at `oldest_at`.
    """

    webhook_id: str
    delivered: int
    failed: int
    waiting: int
    dead: int
    oldest_at: datetime | None


class Deliveries(Protocol):
    """Keeps what webhooks are still to be told of, until it is told."""

    def note(self, firm: str, webhook_id: str, *, at: datetime, at_most: int) -> int:
        """Make deliveries of the scores the feed has gained for a webhook; return how many."""
        ...

    def claim(self, firm: str, webhook_id: str, *, at: datetime, until: datetime, at_most: int) -> Sequence[Delivery]:
        """Take due deliveries, the first of the feed first; until that moment nobody else gets them."""
        ...

    def told(self, firm: str, delivery: Delivery) -> None:
        """Strike one off."""
        ...

    def put_off(self, firm: str, delivery: Delivery, *, due_at: datetime | None, fault: str | None = None) -> None:
        """Give one back, to be claimed from `due_at` on; None makes it a dead letter. With a `fault` it was a try."""
        ...

    def waiting(self, firm: str) -> dict[str, int]:
        """Return how many deliveries each webhook waits for, dead letters apart."""
        ...

    def figures(self, firm: str) -> Sequence[TellingFigures]:
        """Return how it stands with each webhook that is told of scores. Raises StoreUnavailableError."""
        ...

    def dead(self, firm: str) -> Sequence[DeadLetter]:
        """Return the dead letters."""
        ...

    def retry(self, firm: str, webhook_id: str | None, *, at: datetime) -> int:
        """Have the dead letters of a webhook, or of all, tried anew; return how many."""
        ...
