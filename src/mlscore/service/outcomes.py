"""Records how deals ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlscore.ports import Clock, Outcomes, OutcomeVersion, Receipts
from mlscore.scoring.deal import AHEAD_AT_MOST, Outcome, Status
from mlscore.scoring.errors import FactError


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeService:
    """Takes outcomes as the CRM reports them; one that changes is a further version."""

    outcomes: Outcomes
    receipts: Receipts
    clock: Clock

    def record(self, firm: str, outcomes: Sequence[Outcome], *, by: str | None = None) -> Sequence[OutcomeVersion]:
        """Return, for each outcome, the version that says it; all are recorded, or none.

        Told `by` a person, what is new stands in the audit log.
        Raises FactError as `check` does, and StoreUnavailableError.
        """
        for outcome in outcomes:
            self.check(outcome)
        return self.outcomes.record(firm, outcomes, at=self.clock(), by=by)

    def reopen(self, firm: str, deal_ids: Sequence[str]) -> Sequence[OutcomeVersion]:
        """Take back how these deals ended, where anything was said of it. Raises StoreUnavailableError."""
        newest = self.outcomes.newest(firm, deal_ids)
        ended = [deal_id for deal_id, said in newest.items() if said.outcome.status is not Status.REOPENED]
        if not ended:
            return []
        return self.record(firm, [Outcome(deal_id=deal_id, status=Status.REOPENED) for deal_id in ended])

    def scored(self, firm: str, outcomes: Sequence[Outcome]) -> set[str]:
        """Return the ids of those deals that were ever scored; of others no model can learn.

        Raises StoreUnavailableError.
        """
        return self.receipts.scored(firm, [outcome.deal_id for outcome in outcomes])

    def check(self, outcome: Outcome) -> None:
        """Raise FactError for a deal that closed more than five minutes ahead, or was lost and brought a profit.

        A reopened one has neither an end nor a profit.
        """
        if outcome.status is Status.REOPENED:
            _check_reopened(outcome)
        if outcome.status is Status.LOST and (outcome.realised_profit or 0) > 0:
            raise FactError(
                "A lost deal brings no profit: leave realised_profit out, or send the status won.",
                code="problem.lost_with_profit",
                fact="realised_profit",
            )
        if outcome.closed_at is not None and outcome.closed_at > self.clock() + AHEAD_AT_MOST:
            raise FactError(
                "closed_at lies in the future: check the clock and the offset.",
                code="problem.future_time",
                fact="closed_at",
            )


def _check_reopened(outcome: Outcome) -> None:
    for fact in ("closed_at", "realised_profit"):
        if getattr(outcome, fact) is not None:
            raise FactError(
                "A reopened deal has not ended: leave closed_at and realised_profit out.",
                code="problem.reopened_with_end",
                fact=fact,
            )
