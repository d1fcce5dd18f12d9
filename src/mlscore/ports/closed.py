"""What is read of past deals: how they ended, what a model would have said of them, what a firm's record is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Receipt, Verdict
from mlscore.scoring.track_record import TrackRecord


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
    """An out-of-time prediction of what became a champion; `expected_profit` None where unknown or abstaining."""

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
        """Count the deals that have not ended, by the verdict of their latest receipt."""
        ...

    def version(self, firm: str) -> str:
        """Return what changes with every deal that closes or is told of again, and with every backtest kept."""
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
    `first_known_at` is when the firm could first learn from the deal: a correction makes `outcome.known_at` later, and
    a won deal whose profit was told later counts from then. Both are None while it is open.
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
        """Return the newest receipt of each deal that has not ended, leads too."""
        ...
