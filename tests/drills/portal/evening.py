"""Looks over every deal once the day is over: what its card shows against a fresh score of what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mlscore.bootstrap import BITRIX24 as NAME
from mlscore.bootstrap import build_service, now
from mlscore.crm.bitrix24.client.bucket import Pace
from mlscore.crm.bitrix24.connection import read_connection
from mlscore.crm.bitrix24.portal_crm import open_crm
from mlscore.outgoing import Allowed
from mlscore.ports import Crm, GoneItem, Item, ItemKind, Mirror, SeenItem
from mlscore.scoring.deal import FACTS, Deal
from mlscore.scoring.receipt import Receipt
from mlscore.service.application import Application
from mlscore.service.in_step import Sweep
from mlscore.service.in_step.naming import facts_digest
from mlscore.settings import Settings
from tests.drills.portal.office import FIRM, LOOPBACK, Office

KINDS: tuple[ItemKind, ...] = ("deal", "lead")

COUNTED = frozenset({"won_deals_24m", "median_profit_24m", "small_exceptions_6m", "trial_exceptions"})
"""What the service adds to the facts by itself."""


@dataclass(slots=True)
class Evening:
    """What was found: items by what is wrong with them."""

    looked_at: int = 0
    not_scored: list[Item] = field(default_factory=list)
    of_other_facts: list[Item] = field(default_factory=list)
    shown_otherwise: list[str] = field(default_factory=list)
    scored_for_nothing: list[Item] = field(default_factory=list)
    not_closed: list[Item] = field(default_factory=list)
    receipts: int = 0


@dataclass(frozen=True, slots=True)
class Books:
    """The office's store and its portal, opened beside the service."""

    office: Office
    application: Application
    crm: Crm

    def search_all(self) -> int:
        """Search the portal as every night, and return how many items were told of."""
        store = self.office.store
        return Sweep(
            firm=FIRM,
            crm=self.crm,
            tasks=store.tasks,
            mirrors=store.mirrors,
            cursors=NeverSearched(),
            policies=self.application.policies,
            clock=now,
        ).sweep()

    def look_over(self) -> Evening:
        """Look at every item the portal has."""
        found = Evening()
        for kind in KINDS:
            _look_over(self.office, self.application, self.crm, kind, found)
        return found


class NeverSearched:
    """The cursors of a worker that has never searched."""

    def value(self, firm: str, name: str) -> str | None:
        return None

    def keep(self, firm: str, name: str, value: str) -> None: ...


@contextmanager
def keeping_the_books(office: Office) -> Iterator[Books]:
    """Open what it takes to look everything over."""
    office.portal.admin.limit(drains=1e6, block_above=1e6, operating_seconds=1e9)
    settings = Settings(
        database=office.service.database,
        models=office.service.folder / "models",
        spool=office.service.folder / "spool",
        bitrix24=office.folder,
        outgoing_allowed=LOOPBACK,
    )
    connection = read_connection(settings.bitrix24)
    assert connection is not None
    with (
        build_service(settings) as application,
        open_crm(
            connection,
            policy=lambda: application.policies.current(FIRM).policy,
            allowed=Allowed.of(LOOPBACK),
            pace=Pace(at_once=10**6, per_second=1e6),
        ) as crm,
    ):
        yield Books(office, application, crm)


def _look_over(office: Office, application: Application, crm: Crm, kind: ItemKind, found: Evening) -> None:
    opened = [Item(kind=kind, item_id=str(number)) for number in office.items(kind, is_open=True)]
    ended = [Item(kind=kind, item_id=str(number)) for number in office.items(kind, is_open=False)]
    mirrors = office.store.mirrors.of(FIRM, NAME, [*opened, *ended])
    found.not_closed += [item for item in ended if item in mirrors and mirrors[item].is_open]
    for start in range(0, len(opened), crm.at_once):
        for seen in crm.fetch(opened[start : start + crm.at_once]):
            if not isinstance(seen, GoneItem):
                _look_at(office, application, crm, seen, mirrors, found)


def _look_at(
    office: Office, application: Application, crm: Crm, seen: SeenItem, mirrors: Mapping[Item, Mirror], found: Evening
) -> None:
    found.looked_at += 1
    receipts = list(reversed(office.store.receipts.of_deal(FIRM, seen.deal.deal_id)))
    found.receipts += len(receipts)
    mirror = mirrors.get(seen.item)
    receipt = next((one for one in receipts if mirror is not None and one.receipt_id == mirror.receipt_id), None)
    if receipt is None:
        found.not_scored.append(seen.item)
        return
    if facts_digest(_as_told(receipt.deal, seen.deal)) != facts_digest(seen.deal):
        found.of_other_facts.append(seen.item)
    [fresh] = application.scoring.score(FIRM, [replace(receipt.deal, as_of=receipt.as_of)], dry_run=True)
    shown, expected = dict(seen.shown), dict(crm.shown_for(seen, fresh))
    if shown != expected:
        differ = [name for name in sorted(shown | expected) if shown.get(name) != expected.get(name)]
        found.shown_otherwise.append(f"{seen.item.kind} {seen.item.item_id} ({', '.join(differ)})")
    if any(_of(one) == _of(other) for one, other in pairwise(receipts)):
        found.scored_for_nothing.append(seen.item)


def _as_told(scored: Deal, told: Deal) -> Deal:
    """Return the facts of a receipt without what the service counted by itself."""
    counted = {name: None for name in COUNTED & FACTS.keys() if getattr(told, name) is None}
    return replace(scored, **counted)


def _of(receipt: Receipt) -> Sequence[object]:
    """Return what a score is of: two in a row of the same would be one too many."""
    model = receipt.answer.model
    return (
        facts_digest(_as_told(receipt.deal, Deal(deal_id=receipt.deal.deal_id))),
        receipt.answer.rule.policy_version,
        None if model is None else model.model_version,
    )
