"""What keeping in step with a CRM needs: the CRM, the tasks it gives us, and what we saw and wrote there last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from mlscore.scoring.deal import Deal, Outcome
from mlscore.scoring.receipt import Receipt

ItemKind = Literal["lead", "deal"]
Why = Literal["event", "sweep", "policy", "champion", "days", "person"]
"""What told us to look at an item: the CRM, our own search for what events lost, or something that ages its score."""

Shown = Mapping[str, str]
"""The score fields of an item by the CRM's own names, as texts: unlike texts are unlike scores."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Item:
    """A lead or a deal of a CRM, by the CRM's own id."""

    kind: ItemKind
    item_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenItem:
    """An item as the CRM has it now, in our terms.

    `deal` has no `as_of`. `outcome` is there once it ended, and `is_open` is then False. `changed_at` is the CRM's
    moment of its latest change; `shown` holds what its score fields show. `passed_over` names the facts whose cells
    could not be read and are unknown for that.
    """

    item: Item
    deal: Deal
    is_open: bool
    outcome: Outcome | None = None
    changed_at: datetime | None = None
    shown: Shown = field(default_factory=dict)
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneItem:
    """An item the CRM has no more: deleted, or merged into another."""

    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What an item's score fields are to show; `note` is a comment on its timeline, where one is wanted."""

    item: Item
    shown: Shown
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenItem:
    """What came of a writing: the CRM's moment of that change, and what the CRM shows otherwise than it was given.

    `refused` is the CRM's reason, by code, where it did not write at all.
    """

    item: Item
    changed_at: datetime | None = None
    unlike: tuple[str, ...] = ()
    refused: str | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedItem:
    """An item that the CRM lists, and when it says that it changed last."""

    item: Item
    changed_at: datetime | None


class Crm(Protocol):
    """A CRM; it waits and tries again by itself where the CRM asks for it.

    Every call raises UnreachableError where the CRM stays away or stays busy, and NotAllowedError where it lets us in
    no more: whatever was asked is then still to be done.
    """

    @property
    def name(self) -> str:
        """What the store files its items under: "bitrix24"."""
        ...

    @property
    def at_once(self) -> int:
        """How many items it takes in one go."""
        ...

    def fetch(self, items: Sequence[Item]) -> Sequence[SeenItem | GoneItem]:
        """Return the items in the order given.

        Raises CrmRefusedError where the CRM will not give one of them: asked for one by one, the others come.
        """
        ...

    def shown_for(self, seen: SeenItem, receipt: Receipt) -> Shown:
        """Return what the item's score fields are to show for a receipt, rounded as the CRM keeps it."""
        ...

    def note_for(self, seen: SeenItem, receipt: Receipt) -> str | None:
        """Return a comment that gives the reasons; None where none is wanted."""
        ...

    def write(self, writings: Sequence[Writing]) -> Sequence[WrittenItem]:
        """Write, read back and compare; in the order given."""
        ...

    def changed_since(self, moment: datetime | None) -> Iterator[ChangedItem]:
        """Yield the items that changed at or after a moment, or all that are open, in the CRM's order of change."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An item to be looked at. `number` grows when it is told of again; `tries` counts the times it went wrong."""

    item: Item
    number: int
    why: Why
    told_at: datetime
    tries: int = 0
    fault: str | None = None


class Tasks(Protocol):
    """Keeps tasks until they are done; one an item, whoever tells of it and however often."""

    def tell(self, firm: str, crm: str, items: Sequence[Item], *, why: Why, at: datetime) -> None:
        """Note that items are to be looked at; one that was set aside begins anew.

        They are on the disk when this returns. Raises StoreUnavailableError.
        """
        ...

    def claim(self, firm: str, crm: str, *, by: str, at: datetime, until: datetime, at_most: int) -> Sequence[Task]:
        """Take due tasks, the longest told first; until that moment nobody else gets them."""
        ...

    def done(self, firm: str, crm: str, tasks: Sequence[Task], *, by: str) -> None:
        """Strike tasks off; one that was told of again since it was claimed stays, and is due."""
        ...

    def put_off(
        self, firm: str, crm: str, tasks: Sequence[Task], *, by: str, due_at: datetime | None, fault: str | None = None
    ) -> None:
        """Give tasks back, to be claimed from `due_at` on; None sets them aside for a person.

        With a `fault` it counts as a try. One that was told of again since it was claimed is due at once.
        """
        ...

    def set_aside(self, firm: str, crm: str) -> Sequence[Task]:
        """Return the tasks that wait for a person."""
        ...

    def waiting_since(self, firm: str, crm: str) -> datetime | None:
        """Return when the longest waiting task was told, None where none waits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """An item as we saw, scored and wrote it last."""

    item: Item
    deal_id: str
    is_open: bool
    seen_at: datetime
    changed_at: datetime | None = None
    facts_digest: str | None = None
    scores: int = 0
    receipt_id: str | None = None
    policy_version: str | None = None
    model_version: str | None = None
    fresh_until: datetime | None = None
    written: Shown | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What a fresh score is made with: this policy, this model, at this moment."""

    policy_version: str
    model_version: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How many open items there are, and how many have a score older than what it was made of.

    An item may be stale for more than one reason, and counts once in `stale`; one that was told of and never seen yet
    counts as open and stale. `oldest_task_at` is when the longest waiting task was told.
    """

    open: int
    stale: int
    by_why: Mapping[Why, int]
    waiting: int
    set_aside: int
    oldest_task_at: datetime | None


class Mirrors(Protocol):
    """Keeps what we last saw and wrote of a CRM's items."""

    def of(self, firm: str, crm: str, items: Sequence[Item]) -> Mapping[Item, Mirror]:
        """Return the mirrors there are."""
        ...

    def keep(self, firm: str, crm: str, mirrors: Sequence[Mirror]) -> None:
        """Put mirrors in the place of earlier ones."""
        ...

    def open_items(self, firm: str, crm: str) -> Sequence[Item]:
        """Return every item that was open when it was last seen, and that no task is for."""
        ...

    def stale(self, firm: str, crm: str, current: Current, *, at_most: int) -> Mapping[Why, Sequence[Item]]:
        """Return open items whose score is older than the policy, the champion or the day, and that no task is for."""
        ...

    def freshness(self, firm: str, crm: str, current: Current) -> Freshness:
        """Count."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Who alone calls a CRM, and until when unless he says again that he lives; and who waits, by name, until when."""

    by: str
    until: datetime
    waiting: Mapping[str, datetime] = field(default_factory=dict)


class Holds(Protocol):
    """Lets one worker at a time hold a CRM: what the CRM refuses, it refuses to the one who hears it."""

    def take(self, firm: str, crm: str, *, by: str, at: datetime, until: datetime) -> Hold:
        """Hold the CRM until a moment, or note that one waits where another's hold lasts; return whose it is.

        What the one before left in hand is free at once. Raises StoreUnavailableError.
        """
        ...

    def leave(self, firm: str, crm: str, *, by: str) -> None:
        """Hold it no longer, nor wait for it: the next may have it at once. Raises StoreUnavailableError."""
        ...

    def look(self, firm: str, crm: str, *, at: datetime) -> Hold | None:
        """Return the hold that lasts, and who waits for it; None where nobody holds it."""
        ...


class Cursors(Protocol):
    """Remembers how far something has come that goes on where it stopped."""

    def value(self, firm: str, name: str) -> str | None:
        """Return what was kept last."""
        ...

    def keep(self, firm: str, name: str, value: str) -> None:
        """Keep it in the place of the last."""
        ...
