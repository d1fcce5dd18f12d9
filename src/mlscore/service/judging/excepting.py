"""Decides of deals below the floor, and keeps account of what was promised for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from mlscore.ports import Approval, Approvals, Clock, ExceptedDeal, WonDeal
from mlscore.scoring.errors import FaultyInputError, NotFoundError

REASON_LENGTH = 500

State: TypeAlias = Literal["waiting", "lapsed", "declined", "approved", "settled", "owing", "overdue", "moot"]
"""Where an exception stands: to be decided; its approval ran out while the deal was open; declined; approved and open;
won and what was promised has come; won and not yet; won, not yet, and late; over without an approval or without a win.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """A deal below the floor with what was decided of it; money in minor units.

    `returned` is what the client's other deals, won since the approval, have brought so far.
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

        Raises NotFoundError for a deal that is no exception, FaultyInputError without a reason, with less than nothing
        promised or with a day that is over, ConflictError where somebody else was faster.
        """
        if approval.deal_id not in {one.deal_id for one in self.approvals.excepted(firm, sellers=None)}:
            raise NotFoundError("The rules do not say that this deal may be accepted below the floor.")
        if not 1 <= len(approval.why) <= REASON_LENGTH:
            raise FaultyInputError("Give a reason.", code="web.side.reason", most=REASON_LENGTH)
        if (approval.promised or 0) < 0:
            raise FaultyInputError("Less than nothing is promised.", code="field.out_of_range.least", least=0)
        if any(at is not None and at <= approval.at for at in (approval.expires_at, approval.promised_by)):
            raise FaultyInputError("The day is over already.", code="web.exception.over")
        return self.approvals.decide(firm, approval, known=known)

    def ledger(self, firm: str, *, sellers: frozenset[str] | None) -> Sequence[Exempted]:
        """Return every exception, newest first; of these sellers alone where given."""
        deals, decided = self.approvals.excepted(firm, sellers=sellers), self.approvals.newest(firm)
        clients = {one.company_id for one in deals if one.company_id is not None and one.deal_id in decided}
        won = defaultdict[str, list[WonDeal]](list)
        for one in self.approvals.won_by(firm, clients):
            won[one.company_id].append(one)
        return [self._exempted(deal, decided.get(deal.deal_id), won) for deal in deals]

    def quotas(self, ledger: Sequence[Exempted]) -> Sequence[Quota]:
        """Return how many exceptions each seller has in flight, the most first."""
        used = Counter(one.deal.seller_id for one in ledger if one.state in IN_FLIGHT)
        found = [Quota(seller, count, self.allowed) for seller, count in used.items()]
        return sorted(found, key=lambda one: (-one.used, one.seller_id or ""))

    def _exempted(
        self, deal: ExceptedDeal, approval: Approval | None, won: Mapping[str, Sequence[WonDeal]]
    ) -> Exempted:
        since = [] if approval is None or deal.company_id is None else won.get(deal.company_id, [])
        returned = sum(
            one.realised_profit or 0
            for one in since
            if approval is not None
            and one.deal_id != deal.deal_id
            and one.closed_at is not None
            and one.closed_at > approval.at
        )
        return Exempted(
            deal=deal, approval=approval, state=state_of(deal, approval, returned, now=self.clock()), returned=returned
        )


IN_FLIGHT: frozenset[State] = frozenset({"approved", "owing", "overdue"})


def state_of(deal: ExceptedDeal, approval: Approval | None, returned: int, *, now: datetime) -> State:
    """Tell where an exception stands."""
    if approval is None:
        return "waiting" if deal.status is None else "moot"
    if not approval.approved:
        return "declined"
    if deal.status is None:
        return "lapsed" if approval.expires_at is not None and approval.expires_at <= now else "approved"
    if deal.status != "won":
        return "moot"
    if returned >= (approval.promised or 0):
        return "settled"
    return "overdue" if approval.promised_by is not None and approval.promised_by <= now else "owing"
