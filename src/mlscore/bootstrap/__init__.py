"""Puts the application together from its settings: the one place that knows who provides what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlscore.crm.bitrix24.connection import SECRETS
from mlscore.crm.bitrix24.events import PortalEvents
from mlscore.ports import Clock, PolicyVersion
from mlscore.registry import LocalChampions, Shelf, Trust
from mlscore.scoring.errors import Fault, PolicyError
from mlscore.scoring.model import prior_model
from mlscore.scoring.policy import default_document, fingerprint, read_policy_text
from mlscore.service.application import Application, Office
from mlscore.service.briefing import Briefing
from mlscore.service.comparing import ComparingService
from mlscore.service.desk import Desk
from mlscore.service.forgetting import ForgettingService
from mlscore.service.in_step import Currently, FreshnessWatch
from mlscore.service.judging import Excepting, Siding, Wishing
from mlscore.service.looking_back import LookingBack
from mlscore.service.outcomes import OutcomeService
from mlscore.service.people import PeopleService, SigningIn
from mlscore.service.policies import CurrentPolicies
from mlscore.service.scoring import ScoringService
from mlscore.service.telling.watching import TellingWatch
from mlscore.service.track_record import prepare
from mlscore.settings import Settings
from mlscore.store import BRISK, PATIENT, Store, Waits, open_store
from mlscore.store.spool import Drain, Spool, SpooledFacts, SpooledReceipts

BITRIX24 = "bitrix24"
"""What the store files a portal's items under."""


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What commands that only keep and look up need."""

    store: Store
    spool: Spool
    policies: CurrentPolicies
    clock: Clock
    forgetting: ForgettingService


@contextmanager
def open_parts(settings: Settings, *, clock: Clock = now, waits: Waits = PATIENT) -> Iterator[Parts]:
    """Open the store and bring its tables up to date; close it at the end.

    Raises StoreUnavailableError, FaultyInputError for an unusable address, PolicyError for a faulty pinned policy.
    """
    pinned = None if settings.policy is None else read_pinned_policy(settings.policy, at=clock())
    store = open_store(settings.database, waits=waits)
    try:
        _migrate(settings, store, waits)
        policies = CurrentPolicies(store.policies, default=default_document(), clock=clock, pinned=pinned)
        # Where it lay when this began: a thread may outlive a change of folder.
        spool = Spool(settings.spool.absolute())
        forgetting = ForgettingService([store.forgetting, SpooledFacts(spool, store.receipts)])
        yield Parts(store=store, spool=spool, policies=policies, clock=clock, forgetting=forgetting)
    finally:
        store.close()


@contextmanager
def build_service(settings: Settings, *, clock: Clock = now) -> Iterator[Application]:
    """Put the application together: the store open, the shipped policy applied where a firm has none, champions loaded.

    Raises as `open_parts` does.
    """
    with open_parts(settings, clock=clock, waits=BRISK) as parts, open_champions(settings, parts) as champions:
        draining = Drain(parts.spool, parts.store.receipts, ping=parts.store.ping)
        draining.start()
        try:
            yield _application(settings, parts, champions)
        finally:
            draining.stop()


@contextmanager
def open_champions(settings: Settings, parts: Parts) -> Iterator[LocalChampions]:
    """Load the firm's champion, and keep up with the shelf until the end."""
    champions = LocalChampions(
        Shelf(settings.models, clock=parts.clock, trust=Trust.of(settings.trusted_keys)),
        fallback=lambda firm: prior_model(parts.policies.current(firm).policy),
        shadow=settings.shadow,
        prepare=lambda firm, model: prepare(firm, model, track_records=parts.store.track_records),
    )
    champions.serving(settings.firm)
    champions.start()
    try:
        yield champions
    finally:
        champions.stop()


def currently(settings: Settings, parts: Parts, champions: LocalChampions) -> Currently:
    """Return what tells what a fresh score of the firm's is made with."""
    return Currently(firm=settings.firm, policies=parts.policies, champions=champions, clock=parts.clock)


def read_pinned_policy(path: Path, *, at: datetime) -> PolicyVersion:
    """Return the policy of a TOML file. Raises PolicyError."""
    try:
        document = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        given = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PolicyError([Fault(str(path), "policy.unread", {"given": given})]) from None
    policy = read_policy_text(document)
    return PolicyVersion(
        policy=policy,
        document=document,
        version=0,
        fingerprint=fingerprint(policy),
        applied_at=at,
        applied_by="MLSCORE_POLICY",
        why=f"Pinned by the file {path}.",
    )


def _migrate(settings: Settings, store: Store, waits: Waits) -> None:
    """Bring the tables up to date, by a store that waits: large tables take long, and so does another migrator."""
    if waits is PATIENT:
        store.migrate()
        return
    with closing(open_store(settings.database)) as patient:
        patient.migrate()


def _application(settings: Settings, parts: Parts, champions: LocalChampions) -> Application:
    store, policies, clock = parts.store, parts.policies, parts.clock
    scoring = ScoringService(
        receipts=SpooledReceipts(store.receipts, parts.spool),
        track_records=store.track_records,
        policies=policies,
        champions=champions,
        clock=clock,
    )
    outcomes = OutcomeService(outcomes=store.outcomes, receipts=store.receipts, clock=clock)
    return Application(
        firm=settings.firm,
        scoring=scoring,
        outcomes=outcomes,
        comparing=ComparingService(closed=store.closed, policies=policies, champions=champions),
        policies=policies,
        champions=champions,
        keys=store.keys,
        ledger=store.ledger,
        clock=clock,
        feed=store.feed,
        webhooks=store.webhooks,
        portal=PortalEvents(settings.bitrix24),
        tasks=store.tasks,
        freshness=FreshnessWatch(
            firm=settings.firm,
            crm=BITRIX24,
            mirrors=store.mirrors,
            current=currently(settings, parts, champions),
            is_connected=(settings.bitrix24 / SECRETS).exists,
        ),
        telling=TellingWatch(firm=settings.firm, deliveries=store.deliveries),
        ping=store.ping,
        spooled=parts.spool.count,
        office=_office(settings, parts, champions, scoring, outcomes),
    )


def _office(
    settings: Settings, parts: Parts, champions: LocalChampions, scoring: ScoringService, outcomes: OutcomeService
) -> Office:
    store, clock = parts.store, parts.clock
    shelf = Shelf(settings.models, clock=clock, trust=Trust.of(settings.trusted_keys))
    return Office(
        signing_in=SigningIn(users=store.users, sessions=store.sessions, audit=store.audit, clock=clock),
        people=PeopleService(users=store.users, sessions=store.sessions, clock=clock),
        audit=store.audit,
        briefs=store.briefs,
        briefing=Briefing(store.briefs),
        receipts=store.receipts,
        looking_back=LookingBack(
            closed=store.closed, asked=store.asked, briefs=store.briefs, policies=parts.policies, champions=champions
        ),
        siding=Siding(store.sides, clock),
        excepting=Excepting(store.approvals, clock, settings.exceptions_per_seller),
        shelf=shelf,
        wishing=Wishing(store.wishes, shelf, clock),
        tracking_uri=settings.tracking_uri,
        desk=Desk(
            scoring=scoring,
            outcomes=outcomes,
            receipts=store.receipts,
            numbers=store.numbers,
            audit=store.audit,
            clock=clock,
        ),
    )
