"""Decides of deals below the floor, and keeps account of what was promised for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from mlscore.ports import Approval, Approvals, Clock, ExceptedDeal, WonDeal
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import FaultyInputError, NotFoundError
from mlscore.service.judging.reasons import reason_of

State: TypeAlias = Literal[
    "waiting", "lapsed", "declined", "approved", "settled", "owing", "overdue", "unapproved", "moot"
]
"""Where an exception stands: to be decided; its approval ran out while the deal was open; declined; approved and open;
won and what was promised has come; won and not yet; won, not yet, and late; won though nobody had approved it, or after
the approval ran out; over without a win.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """A deal below the floor with what was decided of it; money in minor units.

    `returned` is what the client's other deals, won since it was first approved, have brought so far.
    """

    deal: ExceptedDeal
    approval: Approval | None
    state: State
    returned: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How many approved exceptions of a seller have not settled yet, of how many he may have."""

    seller_id: str | None
    used: int
    allowed: int

    @property
    def is_over(self) -> bool:
        """Whether he has more than he may."""
        return self.used > self.allowed


@dataclass(frozen=True, slots=True)
class Excepting:
    """Lets people approve or decline what the rules say may be accepted below the floor."""

    approvals: Approvals
    clock: Clock
    allowed: int
    """How many exceptions that have not settled a seller may have."""

    def decide(self, firm: str, approval: Approval, *, known: int) -> Approval:
        """Keep a decision; `known` is the version of the one that was seen before, 0 for none.

        Raises NotFoundError for a deal that is no exception, FaultyInputError for a closed one, without a reason, with
        less than nothing promised or with a day that is over, ConflictError where somebody else was faster.
        """
        deals = self.approvals.excepted(firm, sellers=None)
        deal = next((one for one in deals if one.deal_id == approval.deal_id), None)
        if deal is None:
            raise NotFoundError("The rules do not say that this deal may be accepted below the floor.")
        if deal.status is not None:
            raise FaultyInputError("The deal is closed.", code="web.exception.ended")
        approval = replace(approval, why=reason_of(approval.why))
        if (approval.promised or 0) < 0:
            raise FaultyInputError("Less than nothing is promised.", code="field.out_of_range.least", least=0)
        if any(at is not None and at <= approval.at for at in (approval.expires_at, approval.promised_by)):
            raise FaultyInputError("The day is over already.", code="web.exception.over")
        return self.approvals.decide(firm, approval, known=known)

    def ledger(self, firm: str, *, sellers: frozenset[str] | None) -> Sequence[Exempted]:
        """Return every exception, newest first; of these sellers alone where given."""
        deals, decided = self.approvals.excepted(firm, sellers=sellers), self.approvals.newest(firm)
        since = self.approvals.first_approved(firm)
        clients = {one.company_id for one in deals if one.company_id is not None and one.deal_id in since}
        won = defaultdict[str | None, list[WonDeal]](list)
        for one in self.approvals.won_by(firm, clients):
            won[one.company_id].append(one)
        now = self.clock()
        return [_exempted(deal, decided.get(deal.deal_id), _returned(deal, since, won), now) for deal in deals]

    def quotas(self, ledger: Sequence[Exempted]) -> Sequence[Quota]:
        """Return how many exceptions each seller has in flight, the most first."""
        used = Counter(one.deal.seller_id for one in ledger if one.state in IN_FLIGHT)
        found = [Quota(seller, count, self.allowed) for seller, count in used.items()]
        return sorted(found, key=lambda one: (-one.used, one.seller_id or ""))


def _exempted(deal: ExceptedDeal, approval: Approval | None, returned: int, now: datetime) -> Exempted:
    return Exempted(deal=deal, approval=approval, state=state_of(deal, approval, returned, now=now), returned=returned)


def _returned(deal: ExceptedDeal, since: Mapping[str, datetime], won: Mapping[str | None, Sequence[WonDeal]]) -> int:
    first = since.get(deal.deal_id)
    if first is None:
        return 0
    later = (one for one in won.get(deal.company_id, ()) if one.closed_at is not None and one.closed_at > first)
    return sum(one.realised_profit or 0 for one in later if one.deal_id != deal.deal_id)


IN_FLIGHT: frozenset[State] = frozenset({"approved", "owing", "overdue"})


def state_of(deal: ExceptedDeal, approval: Approval | None, returned: int, *, now: datetime) -> State:
    """Tell where an exception stands."""
    if deal.status is None:
        return state_of_open(approval, now)
    if deal.status != Status.WON:
        return "moot"
    if approval is None or not approval.approved or _is_over(approval.expires_at, deal.closed_at):
        return "unapproved"
    if returned >= (approval.promised or 0):
        return "settled"
    return "overdue" if _is_over(approval.promised_by, now) else "owing"


def state_of_open(approval: Approval | None, now: datetime) -> State:
    """Tell where the exception of an open deal stands."""
    if approval is None:
        return "waiting"
    if not approval.approved:
        return "declined"
    return "lapsed" if _is_over(approval.expires_at, now) else "approved"


def _is_over(until: datetime | None, at: datetime | None) -> bool:
    return until is not None and at is not None and until <= at
