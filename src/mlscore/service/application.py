"""Everything the entrances of mlscore call, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlscore.ports import (
    Audit,
    Briefs,
    Champions,
    Clock,
    Feed,
    Freshness,
    Keys,
    Ledger,
    ModelShelf,
    ReadsEvents,
    Receipts,
    Tasks,
    TellingFigures,
    Webhooks,
)
from mlscore.service.briefing import Briefing
from mlscore.service.comparing import ComparingService
from mlscore.service.desk import Desk
from mlscore.service.judging import Excepting, Siding, Wishing
from mlscore.service.looking_back import LookingBack
from mlscore.service.outcomes import OutcomeService
from mlscore.service.people import PeopleService, SigningIn
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the pages for people need beyond what the API does."""

    signing_in: SigningIn
    people: PeopleService
    audit: Audit
    briefs: Briefs
    briefing: Briefing
    receipts: Receipts
    looking_back: LookingBack
    siding: Siding
    excepting: Excepting
    shelf: ModelShelf
    wishing: Wishing
    tracking_uri: str
    desk: Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The services and the ports an entrance needs; made in one place, closed by who made it.

    `firm` is the one whose policy and model readiness is about; `ping` raises StoreUnavailableError. `spooled` counts
    the receipts that wait for the database. `portal` reads the events of the firm's CRM, which become `tasks`;
    `freshness` tells by CRM how old its scores are, `telling` how it stands with webhooks; both from memory. Without an
    `office` there are no pages.
    """

    firm: str
    scoring: ScoringService
    outcomes: OutcomeService
    comparing: ComparingService
    policies: CurrentPolicies
    champions: Champions
    keys: Keys
    ledger: Ledger
    clock: Clock
    feed: Feed
    webhooks: Webhooks
    portal: ReadsEvents
    tasks: Tasks
    freshness: Callable[[], Mapping[str, Freshness]]
    telling: Callable[[], Sequence[TellingFigures]]
    ping: Callable[[], None]
    spooled: Callable[[], int]
    office: Office | None = None
