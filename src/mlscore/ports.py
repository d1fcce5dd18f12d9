"""What the service needs of the world, and nothing of who provides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Receipt, Verdict
from mlscore.scoring.track_record import TrackRecord


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


class Receipts(Protocol):
    """Keeps what was known and said; a receipt is never changed."""

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> None:
        """Store all of them or none; one already kept under its id is left as it is."""
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

    def history(self, firm: str, deals: Sequence[Deal], *, policy: Policy) -> Sequence[HistoryFacts]:
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

    def record(self, firm: str, outcomes: Sequence[Outcome], *, at: datetime) -> Sequence[OutcomeVersion]:
        """Add a version for each outcome that says something new; one that repeats the newest adds none.

        Return, for each outcome, the version that now says it; an added one was recorded `at`. An outcome without
        `known_at` became known `at`.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredOutcome:
    """A deal's first receipt at stage deal, its newest outcome, and the backtest when there is one.

    `first_known_at` is when the firm could first learn from the deal: a correction makes `outcome.known_at` later, and
    a won deal whose profit was told later counts from then.
    """

    receipt: Receipt
    outcome: Outcome
    backtest: Backtest | None = None
    first_known_at: datetime | None = None

    @property
    def receipt_id(self) -> str:
        """The id of the receipt."""
        return self.receipt.receipt_id

    @property
    def deal(self) -> Deal:
        """The facts of the receipt."""
        return self.receipt.deal

    @property
    def as_of(self) -> datetime | None:
        """When they were known."""
        return self.receipt.as_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDeal:
    """The same in brief, to read many of them: what was known and how it ended, never what was answered."""

    receipt_id: str
    deal: Deal
    as_of: datetime | None
    outcome: Outcome
    first_known_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A rolling out-of-time prediction, made at training for a deal scored before there was a model."""

    receipt_id: str
    probability: float
    expected_profit: float | None
    model_version: str


class Backtests(Protocol):
    """Keeps backtests."""

    def keep(self, firm: str, backtests: Sequence[Backtest]) -> None:
        """Store all of them or none; a later backtest of the same receipt takes the earlier one's place."""
        ...


class Closed(Protocol):
    """Reads closed deals: receipts that met their outcomes."""

    def closed_deals(
        self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first"
    ) -> Sequence[ScoredOutcome]:
        """Return one row per closed deal, in the order of `as_of` (undated ones last, by deal_id).

        The receipt is the deal's first at stage deal, or its last before closing (`last_before_close`); the
        outcome is the newest version known at `known_by` (default: the newest of all).
        """
        ...

    def in_brief(self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first") -> Sequence[ClosedDeal]:
        """Return the same deals in the same order, without what was said of them."""
        ...

    def without_outcome(self, firm: str) -> Mapping[Verdict, int]:
        """Count the deals that have no outcome, by the verdict of their latest receipt."""
        ...


class TrackRecords(Protocol):
    """Knows what each firm's closed deals have come to."""

    def of(self, firm: str, policy: Policy) -> TrackRecord | None:
        """Return the track record of every outcome recorded by now, over the deals a training under `policy` has.

        One recorded by another process counts within seconds. While the store is away the last one known goes on;
        None where there is none yet. Raises nothing.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDeal:
    """A receipt in brief, to read many of them: the facts and who answered what, never the whole answer.

    `model_version` and `probability` are None where no model answered; `outcome` is the deal's newest and
    `first_known_at` when the firm first knew of one, both None while it is open.
    """

    receipt_id: str
    deal: Deal
    scored_at: datetime
    policy_version: str
    verdict: Verdict
    model_version: str | None = None
    probability: float | None = None
    outcome: Outcome | None = None
    first_known_at: datetime | None = None
    backtest: Backtest | None = None


class Asked(Protocol):
    """Reads in brief what the service was asked, in the order of `as_of` (undated ones last, by deal_id)."""

    def deals(self, firm: str, *, snapshot: str = "first") -> Sequence[AskedDeal]:
        """Return one row per deal that reached stage deal, open or closed.

        The receipt is the deal's first at that stage, or its last before closing (`last_before_close`).
        """
        ...

    def open_deals(self, firm: str) -> Sequence[AskedDeal]:
        """Return the newest receipt of each deal without an outcome, leads too."""
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
class Key:
    """An API key as known to the service; the secret itself is never kept."""

    key_id: str
    firm: str
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Keys(Protocol):
    """Keeps API keys, hashed."""

    def create(self, firm: str, name: str, *, at: datetime, expires_at: datetime | None = None) -> tuple[Key, str]:
        """Make a key; return it with its secret, which is shown this once."""
        ...

    def find(self, secret: str) -> Key | None:
        """Return the key of this secret, revoked and expired ones included."""
        ...

    def every(self, firm: str) -> Sequence[Key]:
        """Return the firm's keys, newest first."""
        ...

    def revoke(self, firm: str, key_id: str, *, at: datetime) -> Key:
        """Withdraw a key. Raises NotFoundError."""
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


class Champions(Protocol):
    """Holds the model that answers for each firm."""

    def serving(self, firm: str) -> Serving:
        """Return the champion in memory now, and the challenger beside it."""
        ...

    def card(self, firm: str) -> Mapping[str, object]:
        """Return the champion's gates, metrics and provenance, as its bundle states them; empty where none."""
        ...
