"""What answering needs: a clock, receipts, outcomes, policies, a ledger, champions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mlscore.scoring.deal import Outcome
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Logged, Receipt


class Clock(Protocol):
    """Tells the time, with its offset."""

    def __call__(self) -> datetime:
        """Return the present moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """What a company's other deals say at a moment; None is unknown. Money in minor units."""

    won_deals_24m: int | None = None
    median_profit_24m: int | None = None
    small_exceptions_6m: int | None = None
    trial_exceptions: int | None = None


class Asking(Protocol):
    """A deal whose company's history is asked for: as much of it as that takes."""

    @property
    def deal_id(self) -> str:
        """Which deal asks, and is not counted itself."""
        ...

    @property
    def company_id(self) -> str | None:
        """Whose history it is."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """The moment it is asked at."""
        ...


class Receipts(Protocol):
    """Keeps what was known and said; a receipt is never changed."""

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        """Keep all of them or none, and say how; one already kept under its id is left as it is."""
        ...

    def find(self, firm: str, receipt_id: str) -> Receipt | None:
        """Return one receipt."""
        ...

    def already_kept(self, firm: str, receipt_ids: Sequence[str]) -> set[str]:
        """Return which of these are kept already."""
        ...

    def scored(self, firm: str, deal_ids: Sequence[str]) -> set[str]:
        """Return which of these deals have a receipt."""
        ...

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Receipt]:
        """Return every receipt of a deal, newest `scored_at` first."""
        ...

    def history(self, firm: str, deals: Sequence[Asking], *, policy: Policy) -> Sequence[HistoryFacts]:
        """Return, for each deal, what the store knew of its company's *other* deals at the deal's `as_of`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeVersion:
    """An outcome as recorded; a later report of the same deal is a further version."""

    outcome: Outcome
    version: int
    recorded_at: datetime


class Outcomes(Protocol):
    """Keeps how deals ended; versioned, never overwritten."""

    def record(
        self, firm: str, outcomes: Sequence[Outcome], *, at: datetime, by: str | None = None
    ) -> Sequence[OutcomeVersion]:
        """Add a version for each outcome that says something new; one that repeats the newest adds none.

        Told `by` a person, what is new stands in the audit log.

        Return, for each outcome, the version that now says it; an added one was recorded `at`. An outcome without
        `known_at` became known `at`.
        """
        ...

    def newest(self, firm: str, deal_ids: Sequence[str]) -> Mapping[str, OutcomeVersion]:
        """Return the newest version of each of these deals that has any."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """A policy as the store keeps it."""

    policy: Policy
    document: str
    version: int
    fingerprint: str
    applied_at: datetime
    applied_by: str
    why: str


class Policies(Protocol):
    """Keeps the versions of each firm's policy."""

    def current(self, firm: str) -> PolicyVersion | None:
        """Return the newest version."""
        ...

    def versions(self, firm: str) -> Sequence[PolicyVersion]:
        """Return every version, newest first."""
        ...

    def apply(self, firm: str, document: str, *, at: datetime, by: str, why: str) -> PolicyVersion:
        """Keep a TOML document as the newest version. The same content again adds none.

        Raises PolicyError with every fault of the document.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The first answer given under an idempotency key."""

    status: int
    body: bytes
    content_type: str


class Ledger(Protocol):
    """Remembers the answers given under idempotency keys."""

    def begin(self, firm: str, key: str, *, request_digest: str, at: datetime) -> KeptAnswer | None:
        """Claim a key; None means go on, an answer means replay it.

        Raises KeyReusedError (another body) and StillRunningError (the first request has not ended).
        """
        ...

    def end(self, firm: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer."""
        ...

    def abandon(self, firm: str, key: str) -> None:
        """Give the key back: the request failed and may be sent again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What is loaded for a firm: the model, or why there is none; and what was refused last.

    `challenger` answers beside it and never decides; None where there is none, or it could not be loaded.
    """

    model: FittedModel | None
    why_none: str | None = None
    refused: str | None = None
    challenger: FittedModel | None = None
    challenger_refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a firm stands with its models: what serves, how often one was refused, when its registries last answered.

    `followed_at` is None where no `mlscore follow` has ever reached a tracking server.
    """

    firm: str
    serving: Serving
    failures: int = 0
    challenger_failures: int = 0
    shelf_read_at: datetime | None = None
    followed_at: datetime | None = None


class Champions(Protocol):
    """Holds the model that answers for each firm."""

    def serving(self, firm: str) -> Serving:
        """Return the champion in memory now, and the challenger beside it."""
        ...

    def card(self, firm: str) -> Mapping[str, object]:
        """Return the champion's gates, metrics and provenance, as its bundle states them; empty where none."""
        ...

    def standings(self) -> Sequence[Standing]:
        """Return how every firm stands that was asked for, from memory."""
        ...
