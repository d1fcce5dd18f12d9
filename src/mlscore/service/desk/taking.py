"""Takes deals from people on the phone: answers at once, keeps what was told over what was known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mlscore.ports import Audit, Clock, HistoryFacts, Numbers, OutcomeVersion, Receipts
from mlscore.scoring.deal import FACTS, Deal, Outcome, Status, Value, changed
from mlscore.scoring.errors import FactError, FaultyInputError, NotFoundError
from mlscore.scoring.receipt import Receipt
from mlscore.service.outcomes import OutcomeService
from mlscore.service.scoring import Part, ScoringService

NOT_YET_NUMBERED = "DESK"
"""The deal_id of a deal that is only being told: it is kept nowhere."""

_ANSWERED: Sequence[Part] = ("next_question",)
_COUNTED = tuple(HistoryFacts.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A deal on the desk: `shown` is the receipt its form was filled from, `newest` the one there is now."""

    shown: Receipt | None = None
    newest: Receipt | None = None

    @property
    def deal_id(self) -> str | None:
        """The deal, None for one that begins."""
        return None if self.newest is None else self.newest.deal.deal_id

    def deal(self, told: Mapping[str, Value], *, at: datetime) -> Deal:
        """Return the deal as of now: what was told, over the newest that is known; custom facts among the others."""
        known = Deal(deal_id=NOT_YET_NUMBERED, created_at=at) if self.newest is None else self.newest.deal
        facts: dict[str, Value] = {name: value for name, value in told.items() if name in FACTS}
        own = {name: value for name, value in {**known.extra, **told}.items() if name not in FACTS}
        extra = {name: value for name, value in own.items() if value is not None}
        return changed(known, {**facts, "as_of": at, "extra": extra})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a person on the phone works with; scores as the API does."""

    scoring: ScoringService
    outcomes: OutcomeService
    receipts: Receipts
    numbers: Numbers
    audit: Audit
    clock: Clock

    def open(
        self, firm: str, deal_id: str, *, shown: str | None = None, sellers: Collection[str] | None = None
    ) -> Paper:
        """Return a deal, with the receipt its form was filled from: `shown`, or the newest.

        Raises NotFoundError where nobody scored it, or not for one of these sellers.
        """
        receipts = self.receipts.of_deal(firm, deal_id)
        newest = max(receipts, key=_in_time, default=None)
        if newest is None or (sellers is not None and newest.deal.seller_id not in sellers):
            raise NotFoundError("No such deal was scored.", code="web.desk.no_such_deal", deal=deal_id)
        return Paper(shown=next((one for one in receipts if one.receipt_id == shown), newest), newest=newest)

    def answer(self, firm: str, paper: Paper, told: Mapping[str, Value], *, in_vain: Collection[str] = ()) -> Receipt:
        """Score a deal as told so far; nothing is kept, and nobody is asked again for what was asked `in_vain`.

        Raises FactError, and StoreUnavailableError.
        """
        deal = self._counted_anew(firm, paper.deal(told, at=self.clock()))
        [receipt] = self.scoring.score(firm, [deal], include=_ANSWERED, dry_run=True, but=in_vain)
        return receipt

    def keep(self, firm: str, paper: Paper, told: Mapping[str, Value], *, draft: str, by: str) -> Receipt:
        """Score a deal for good, and write down who told what of it; one that begins gets a number of its own.

        Raises FaultyInputError where nothing was told, FactError, and StoreUnavailableError.
        """
        if paper.newest is None and not any(value is not None for name, value in told.items() if name != "seller_id"):
            raise FaultyInputError("Nothing was told of the deal yet.", code="web.desk.nothing_told")
        deal = self._counted_anew(firm, paper.deal(told, at=self.clock()))
        self.scoring.check(firm, deal)
        if paper.newest is None:
            deal = replace(deal, deal_id=self.numbers.give(firm, draft, by=by, at=self.clock()))
        [receipt] = self.scoring.score(firm, [deal])
        # The facts are named, not repeated: they may have to be erased, and nothing is taken from the log.
        after = {"facts": sorted(told)}
        self.audit.note(firm, at=self.clock(), who=by, what="desk.kept", subject=deal.deal_id, after=after)
        return receipt

    def end(
        self, firm: str, paper: Paper, status: str, *, profit: int | None, closed_at: datetime | None, by: str
    ) -> OutcomeVersion:
        """Tell how a deal ended; a won one with what it brought, in minor units.

        Raises FaultyInputError without an end or its profit, FactError as `OutcomeService.check` does.
        """
        found = next((one for one in (Status.WON, Status.LOST) if one == status), None)
        if found is None or paper.deal_id is None:
            raise FaultyInputError("Say whether the deal was won or lost.", code="web.desk.end.choose")
        if found is Status.WON and profit is None:
            raise FactError("Say what the deal brought.", code="web.desk.end.no_profit", fact="realised_profit")
        outcome = Outcome(
            deal_id=paper.deal_id, status=found, closed_at=closed_at or self.clock(), realised_profit=profit
        )
        [version] = self.outcomes.record(firm, [outcome], by=by)
        return version

    def ended(self, firm: str, deal_id: str) -> Outcome | None:
        """Return how a deal ended, None for one that is open or open again."""
        said = self.outcomes.outcomes.newest(firm, [deal_id]).get(deal_id)
        return None if said is None or said.outcome.status is Status.REOPENED else said.outcome

    def _counted_anew(self, firm: str, deal: Deal) -> Deal:
        """Leave open what the store can count of the client by now: what a receipt holds was counted then."""
        if not deal.company_id:
            return deal
        policy = self.scoring.policies.current(firm).policy
        [counted] = self.receipts.history(firm, [deal], policy=policy)
        stale = {name: None for name in _COUNTED if getattr(counted, name) is not None}
        return changed(deal, dict(stale))


def _in_time(receipt: Receipt) -> tuple[bool, datetime, datetime, str]:
    return receipt.as_of is not None, receipt.as_of or receipt.scored_at, receipt.scored_at, receipt.receipt_id
