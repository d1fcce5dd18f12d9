"""Takes in a firm's past deals: each is scored by the rules and kept as a receipt beside its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID, uuid5

from mlscore.ports import Clock, Outcomes, Receipts
from mlscore.scoring.deal import Deal, Deals, Outcome, Status
from mlscore.scoring.decision import decide
from mlscore.scoring.explanation import explain
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Answer, Receipt
from mlscore.scoring.verdict import judge
from mlscore.service.history import with_history
from mlscore.service.ordering import CHUNK, Told, in_order_of_knowledge

Progress = Callable[[str, int, int], None]
"""Is told the step ("outcomes", "receipts"), how many are done, and of how many."""

_NAMESPACE = UUID("6f0b1f8e-5d0e-5a55-9c35-0d6f0f6a6c11")


class PastDeal(Protocol):
    """One deal of a history, as known at its `as_of`; without an outcome while it is open."""

    @property
    def deal(self) -> Deal:
        """The facts."""
        ...

    @property
    def outcome(self) -> Outcome | None:
        """How it ended."""
        ...


class History(Protocol):
    """Past deals, already translated; each `deal_id` once. The counts are of rows in their source."""

    @property
    def deals(self) -> Sequence[PastDeal]:
        """Every deal that could be read."""
        ...

    @property
    def read(self) -> int:
        """How many rows there were."""
        ...

    @property
    def rejected(self) -> int:
        """How many could not be used."""
        ...

    @property
    def duplicates(self) -> int:
        """How many only repeated another."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import found and did. `imported` + `already_there` = `won` + `lost` + `open`.

    `new_outcomes` are the outcome versions this import added; `without_profit` counts won deals; `undated` deals
    have no `as_of`; `first_as_of` and `last_as_of` span the dated ones.
    """

    read: int
    rejected: int
    duplicates: int
    imported: int
    already_there: int
    new_outcomes: int
    won: int
    lost: int
    open: int
    without_profit: int
    undated: int
    first_as_of: datetime | None
    last_as_of: datetime | None


def import_history(
    *,
    firm: str,
    history: History,
    policy: Policy,
    receipts: Receipts,
    outcomes: Outcomes,
    clock: Clock,
    progress: Progress = lambda _step, _done, _of: None,
) -> ImportReport:
    """Keep every deal of a history that is not kept yet, scored by the rules of the policy alone.

    A deal's receipt is named by firm, deal and moment, so importing again changes nothing, and an import that was
    cut short is completed by running it again.
    """
    at = clock()
    new_outcomes = _record(firm, history, outcomes, at, progress)
    names = {past.deal.deal_id: receipt_id(firm, past.deal) for past in history.deals}
    kept = receipts.already_kept(firm, list(names.values()))
    fresh = [past for past in history.deals if names[past.deal.deal_id] not in kept]
    done = 0
    for chunk in in_order_of_knowledge([_told(past, policy) for past in fresh]):
        scored = _score(firm, chunk, policy, receipts, at)
        receipts.keep(firm, scored)
        done += len(scored)
        progress("receipts", done, len(fresh))
    return _report(history, imported=len(fresh), new_outcomes=new_outcomes)


def receipt_id(firm: str, deal: Deal) -> str:
    """Name the receipt of an imported deal: the same deal at the same moment has the same name."""
    moment = deal.as_of.astimezone(UTC).isoformat() if deal.as_of else ""
    return uuid5(_NAMESPACE, f"import\n{firm}\n{deal.deal_id}\n{moment}").hex


def _told(past: PastDeal, policy: Policy) -> Told:
    """Say from when on a deal counts: exceptions from when it was scored, profits from when its end was known."""
    is_excusing = policy.exceptions.regular_small is not None or policy.exceptions.trial is not None
    known_at = past.outcome.known_at if past.outcome else None
    return Told(past.deal, past.deal.as_of if is_excusing else known_at)


def _record(firm: str, history: History, outcomes: Outcomes, at: datetime, progress: Progress) -> int:
    """Record every outcome, before any deal is scored: history facts count from them."""
    closed = [past.outcome for past in history.deals if past.outcome is not None]
    added = 0
    for start in range(0, len(closed), CHUNK):
        chunk = closed[start : start + CHUNK]
        added += sum(version.recorded_at == at for version in outcomes.record(firm, chunk, at=at))
        progress("outcomes", start + len(chunk), len(closed))
    return added


def _score(firm: str, deals: Sequence[Deal], policy: Policy, receipts: Receipts, at: datetime) -> list[Receipt]:
    known = with_history(firm, deals, receipts=receipts, policy=policy)
    verdicts = judge(Deals(known), policy)
    scored = []
    for row, deal in enumerate(known):
        rule = explain(verdicts, row)
        answer = Answer(rule=rule, model=None, decision=decide(rule, None, policy))
        receipt = Receipt(
            receipt_id=receipt_id(firm, deal),
            deal=deal,
            as_of=deal.as_of,
            scored_at=at,
            answer=answer,
            origin="import",
        )
        scored.append(receipt)
    return scored


def _report(history: History, *, imported: int, new_outcomes: int) -> ImportReport:
    ended = Counter(past.outcome.status if past.outcome else None for past in history.deals)
    moments = [past.deal.as_of for past in history.deals if past.deal.as_of is not None]
    won = [p.outcome for p in history.deals if p.outcome is not None and p.outcome.status is Status.WON]
    return ImportReport(
        read=history.read,
        rejected=history.rejected,
        duplicates=history.duplicates,
        imported=imported,
        already_there=len(history.deals) - imported,
        new_outcomes=new_outcomes,
        won=ended[Status.WON],
        lost=ended[Status.LOST],
        open=ended[None],
        without_profit=sum(outcome.realised_profit is None for outcome in won),
        undated=len(history.deals) - len(moments),
        first_as_of=min(moments, default=None),
        last_as_of=max(moments, default=None),
    )
