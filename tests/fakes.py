"""Ports held in memory, for tests that are about what stands on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mlscore.ports import (
    EVERYDAY,
    Asking,
    ClosedDeal,
    HistoryFacts,
    Item,
    KeptAnswer,
    Key,
    OutcomeVersion,
    PolicyVersion,
    ScoredOutcome,
    Serving,
    Standing,
    Why,
)
from mlscore.scoring.deal import Outcome
from mlscore.scoring.errors import KeyReusedError, StillRunningError, StoreUnavailableError
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy, fingerprint, read_policy_text
from mlscore.scoring.receipt import Logged, Receipt, Verdict
from mlscore.scoring.track_record import TrackRecord
from tests.builders import NOON


@dataclass
class FakeClock:
    """Stands still until told otherwise; `seconds` is the monotonic clock beside it."""

    now: datetime = NOON
    seconds: float = 0.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class Outage:
    """Makes every port that shares it fail while `is_on`."""

    is_on: bool = False

    def strike(self) -> None:
        if self.is_on:
            raise StoreUnavailableError("The database does not answer.")


@dataclass
class InMemoryReceipts:
    """Keeps receipts in a list; `facts` are the history facts of a company."""

    facts: Mapping[str, HistoryFacts] = field(default_factory=dict)
    outage: Outage = field(default_factory=Outage)
    kept: list[tuple[str, Receipt]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def keep(self, firm: str, receipts: Sequence[Receipt]) -> Logged:
        self.outage.strike()
        self.kept += [(firm, receipt) for receipt in receipts]
        return "stored"

    def find(self, firm: str, receipt_id: str) -> Receipt | None:
        return next((r for f, r in self.kept if f == firm and r.receipt_id == receipt_id), None)

    def already_kept(self, firm: str, receipt_ids: Sequence[str]) -> set[str]:
        return {r.receipt_id for f, r in self.kept if f == firm} & set(receipt_ids)

    def scored(self, firm: str, deal_ids: Sequence[str]) -> set[str]:
        return {r.deal.deal_id for f, r in self.kept if f == firm} & set(deal_ids)

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Receipt]:
        return [r for f, r in reversed(self.kept) if f == firm and r.deal.deal_id == deal_id]

    def history(self, firm: str, deals: Sequence[Asking], *, policy: Policy) -> Sequence[HistoryFacts]:
        self.outage.strike()
        self.asked += [deal.deal_id for deal in deals]
        return [self.facts.get(deal.company_id or "", HistoryFacts()) for deal in deals]


@dataclass
class InMemoryOutcomes:
    """Keeps every outcome as a version of its own."""

    versions: list[OutcomeVersion] = field(default_factory=list)

    def record(
        self, firm: str, outcomes: Sequence[Outcome], *, at: datetime, by: str | None = None
    ) -> Sequence[OutcomeVersion]:
        made = [OutcomeVersion(outcome=outcome, version=1, recorded_at=at) for outcome in outcomes]
        self.versions += made
        return made

    def newest(self, firm: str, deal_ids: Sequence[str]) -> Mapping[str, OutcomeVersion]:
        return {one.outcome.deal_id: one for one in self.versions if one.outcome.deal_id in deal_ids}


@dataclass
class InMemoryClosed:
    """Gives the closed deals it was given, and remembers which snapshot was asked for."""

    rows: Sequence[ScoredOutcome] = ()
    snapshots: list[str] = field(default_factory=list)
    open: Mapping[Verdict, int] = field(default_factory=dict)

    def closed_deals(
        self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first"
    ) -> Sequence[ScoredOutcome]:
        self.snapshots.append(snapshot)
        return self.rows

    def in_brief(self, firm: str, *, known_by: datetime | None = None, snapshot: str = "first") -> Sequence[ClosedDeal]:
        return [ClosedDeal(receipt_id=c.receipt_id, deal=c.deal, as_of=c.as_of, outcome=c.outcome) for c in self.rows]

    def without_outcome(self, firm: str) -> Mapping[Verdict, int]:
        return dict(self.open)

    def version(self, firm: str) -> str:
        return str(len(self.rows))


@dataclass
class FixedTrackRecords:
    """Gives the records it was given by policy, none under others; `asked` remembers the firms."""

    by_policy: Mapping[str, TrackRecord] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def of(self, firm: str, policy: Policy) -> TrackRecord | None:
        self.asked.append(firm)
        return self.by_policy.get(fingerprint(policy))


@dataclass
class InMemoryPolicies:
    """Keeps versions by firm; `reads` counts how often the newest was asked for."""

    outage: Outage = field(default_factory=Outage)
    reads: int = 0
    kept: dict[str, list[PolicyVersion]] = field(default_factory=dict)

    def current(self, firm: str) -> PolicyVersion | None:
        self.outage.strike()
        self.reads += 1
        versions = self.kept.get(firm)
        # Read anew each time, as from a database: equal, and another object.
        return None if not versions else replace(versions[-1], policy=read_policy_text(versions[-1].document))

    def versions(self, firm: str) -> Sequence[PolicyVersion]:
        return list(reversed(self.kept.get(firm, [])))

    def apply(self, firm: str, document: str, *, at: datetime, by: str, why: str) -> PolicyVersion:
        policy = read_policy_text(document)
        versions = self.kept.setdefault(firm, [])
        version = PolicyVersion(
            policy=policy,
            document=document,
            version=len(versions) + 1,
            fingerprint=fingerprint(policy),
            applied_at=at,
            applied_by=by,
            why=why,
        )
        versions.append(version)
        return version


@dataclass
class InMemoryKeys:
    """Finds keys by secret; `looked_up` counts how often."""

    by_secret: dict[str, Key] = field(default_factory=dict)
    outage: Outage = field(default_factory=Outage)
    looked_up: int = 0
    uses: list[tuple[str, datetime]] = field(default_factory=list)

    def create(self, firm: str, name: str, *, at: datetime, **of_key: Any) -> tuple[Key, str]:
        secret = f"secret-of-{firm}-{name}"
        of_key["scopes"] = frozenset(of_key.get("scopes", EVERYDAY))
        key = Key(key_id=f"{firm}/{name}", firm=firm, name=name, prefix=secret[:8], created_at=at, **of_key)
        self.by_secret[secret] = key
        return key, secret

    def find(self, secret: str) -> Key | None:
        self.outage.strike()
        self.looked_up += 1
        return self.by_secret.get(secret)

    def every(self, firm: str) -> Sequence[Key]:
        return [key for key in self.by_secret.values() if key.firm == firm]

    def revoke(self, firm: str, key_id: str, *, at: datetime) -> Key:
        secret, key = next((s, k) for s, k in self.by_secret.items() if (k.firm, k.key_id) == (firm, key_id))
        self.by_secret[secret] = replace(key, revoked_at=at)
        return self.by_secret[secret]

    def used(self, key_id: str, *, at: datetime) -> None:
        self.outage.strike()
        self.uses.append((key_id, at))


@dataclass
class InMemoryLedger:
    """Remembers answers by firm and key; a claim without an answer is still running."""

    answers: dict[tuple[str, str], tuple[str, KeptAnswer | None]] = field(default_factory=dict)
    outage: Outage = field(default_factory=Outage)

    def begin(self, firm: str, key: str, *, request_digest: str, at: datetime) -> KeptAnswer | None:
        self.outage.strike()
        if (firm, key) not in self.answers:
            self.answers[firm, key] = (request_digest, None)
            return None
        digest, answer = self.answers[firm, key]
        if digest != request_digest:
            raise KeyReusedError("Another request came under this key.")
        if answer is None:
            raise StillRunningError("The first request has not ended.")
        return answer

    def end(self, firm: str, key: str, answer: KeptAnswer) -> None:
        self.outage.strike()
        self.answers[firm, key] = (self.answers[firm, key][0], answer)

    def abandon(self, firm: str, key: str) -> None:
        self.outage.strike()
        self.answers.pop((firm, key), None)


@dataclass
class FixedChampions:
    """Serves one model, or says why there is none, to every firm; a challenger in its shadow where there is one."""

    model: FittedModel | None = None
    why_none: str | None = None
    challenger: FittedModel | None = None

    def serving(self, firm: str) -> Serving:
        return Serving(model=self.model, why_none=self.why_none, challenger=self.challenger)

    def card(self, firm: str) -> Mapping[str, object]:
        return {}

    def standings(self) -> Sequence[Standing]:
        return [Standing(firm="main", serving=self.serving("main"))]


@dataclass
class ToldTasks:
    """Remembers what it was told of, as the port `Tasks` would keep it; nobody claims any."""

    outage: Outage = field(default_factory=Outage)
    told: list[tuple[str, str, Item, Why]] = field(default_factory=list)

    def tell(self, firm: str, crm: str, items: Sequence[Item], *, why: Why, at: datetime) -> None:
        self.outage.strike()
        self.told += [(firm, crm, item, why) for item in items]
