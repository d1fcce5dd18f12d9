"""What people decide of single deals; it never takes the place of what rules and model answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

With: TypeAlias = Literal["rules", "model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The side a person took where rules and model part, and why; a later one comes beside it, never over it."""

    deal_id: str
    side: With
    why: str
    by: str
    at: datetime
    version: int = 1


class Sides(Protocol):
    """Keeps the sides people take."""

    def take(self, firm: str, side: Side, *, known: int) -> Side:
        """Keep a side as the next version, and write it down.

        `known` is the version its taker saw, 0 for none. Raises ConflictError where there is a later one.
        """
        ...

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Side]:
        """Return every side taken of a deal, newest first."""
        ...

    def newest(self, firm: str, deal_ids: Collection[str] | None = None) -> Mapping[str, Side]:
        """Return the newest side of each deal, of all deals unless some are named."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a person decided of a deal that may be accepted below the floor; a later one comes beside it.

    `promised` is the profit the client's later deals are to bring by `promised_by`, minor units, and `prospects` says
    in words what deals those are; an approval is good until `expires_at`. Each is None where nothing was said.
    """

    deal_id: str
    approved: bool
    why: str
    by: str
    at: datetime
    expires_at: datetime | None = None
    promised: int | None = None
    promised_by: datetime | None = None
    prospects: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptedDeal:
    """A deal whose newest receipt says that it may be accepted below the floor, or of which a person decided that.

    Money is in minor units. `kind` is None where the newest receipt excuses it no more; `status` while it is open.
    """

    deal_id: str
    company_id: str | None
    seller_id: str | None
    kind: str | None
    profit_if_won: int | None
    status: str | None
    realised_profit: int | None
    at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WonDeal:
    """A won deal of a client: when it closed and what it brought, minor units."""

    deal_id: str
    company_id: str
    closed_at: datetime | None
    realised_profit: int | None


class Approvals(Protocol):
    """Keeps what people decide of deals below the floor, and reads those deals."""

    def decide(self, firm: str, approval: Approval, *, known: int) -> Approval:
        """Keep a decision as the next version, and write it down.

        `known` is the version its maker saw, 0 for none. Raises ConflictError where there is a later one.
        """
        ...

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Approval]:
        """Return every decision of a deal, newest first."""
        ...

    def newest(self, firm: str) -> Mapping[str, Approval]:
        """Return the newest decision of each deal."""
        ...

    def first_approved(self, firm: str) -> Mapping[str, datetime]:
        """Return when each approved deal was first approved: what came since pays it back."""
        ...

    def excepted(self, firm: str, *, sellers: frozenset[str] | None) -> Sequence[ExceptedDeal]:
        """Return the deals, newest first; of these sellers alone where given."""
        ...

    def won_by(self, firm: str, company_ids: Collection[str]) -> Sequence[WonDeal]:
        """Return the won deals of these clients."""
        ...
