"""Searches a CRM for what its events did not tell: what changed, what ended unseen, what is there no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mlscore.ports import ChangedItem, Clock, Crm, Cursors, Item, Mirror, Mirrors, Tasks
from mlscore.service.policies import CurrentPolicies

OVERLAP = timedelta(minutes=2)
"""How far before the newest change seen the next search begins: a CRM may list a change late."""

SAME_MOMENT = timedelta(seconds=1.5)
"""A CRM tells of changes to the second: one within so little of when we looked may have come after."""

AHEAD_AT_MOST = timedelta(days=1)
"""How far a CRM's clock may be ahead of ours: a change of later than that is a slip, and no search begins at it."""

FULL_FROM_HOUR = 3
CHUNK = 500


@dataclass(slots=True, kw_only=True)
class Sweep:
    """Tells tasks of items that are not as they were seen last; every night of every item that is open."""

    firm: str
    crm: Crm
    tasks: Tasks
    mirrors: Mirrors
    cursors: Cursors
    policies: CurrentPolicies
    clock: Clock
    _told: frozenset[tuple[Item, datetime | None]] = frozenset()

    def sweep(self) -> int:
        """Search once, and return how many items were told of. Raises as the CRM and the store do."""
        begun = self.clock()
        since = self._since(begun)
        told = 0
        if since is None or self._is_full_due(begun):
            told += self._sweep_all(begun, is_first=since is None)
        if since is not None:
            told += self._sweep_since(since, begun)
        return told

    def _since(self, begun: datetime) -> datetime | None:
        """Return the newest change searched for; None where there was none, or it was a slip."""
        kept = self.cursors.value(self.firm, self._swept)
        since = None if kept is None else datetime.fromisoformat(kept)
        return None if since is None or since > begun + AHEAD_AT_MOST else since

    def _sweep_since(self, newest: datetime, begun: datetime) -> int:
        listed = list(self.crm.changed_since(newest - OVERLAP))
        # Listed again until the overlap has passed: once told of a change is enough, but for one as new as the search.
        told = self._tell([one for one in listed if (one.item, one.changed_at) not in self._told])
        self._told = frozenset((one.item, one.changed_at) for one in listed if not _may_change_yet(one, begun))
        self._remember(newest, listed, begun=begun)
        return told

    def _sweep_all(self, begun: datetime, *, is_first: bool) -> int:
        were_open = self.mirrors.open_items(self.firm, self.crm.name)
        listed = list(self.crm.changed_since(None))
        told = self._tell(listed)
        there = {one.item for one in listed}
        missing = [item for item in were_open if item not in there]
        self._tell_of(missing)
        self.cursors.keep(self.firm, self._full, self._day_of(begun))
        if is_first:
            self._remember(None, listed, begun=begun)
        return told + len(missing)

    def _tell(self, listed: Sequence[ChangedItem]) -> int:
        told = 0
        for start in range(0, len(listed), CHUNK):
            some = listed[start : start + CHUNK]
            mirrors = self.mirrors.of(self.firm, self.crm.name, [one.item for one in some])
            unlike = [one.item for one in some if not _is_as_seen(one, mirrors.get(one.item))]
            self._tell_of(unlike)
            told += len(unlike)
        return told

    def _tell_of(self, items: Sequence[Item]) -> None:
        for start in range(0, len(items), CHUNK):
            self.tasks.tell(self.firm, self.crm.name, items[start : start + CHUNK], why="sweep", at=self.clock())

    def _remember(self, newest: datetime | None, listed: Sequence[ChangedItem], *, begun: datetime) -> None:
        """Keep the newest change the CRM has told of, by its own clock."""
        told = [one.changed_at for one in listed if one.changed_at is not None]
        moments = [at for at in told if at <= begun + AHEAD_AT_MOST]
        found = max([*moments, *([] if newest is None else [newest])], default=begun)
        if found != newest:
            self.cursors.keep(self.firm, self._swept, found.isoformat())

    def _is_full_due(self, now: datetime) -> bool:
        return self._hour_of(now) >= FULL_FROM_HOUR and self.cursors.value(self.firm, self._full) != self._day_of(now)

    def _day_of(self, now: datetime) -> str:
        return now.astimezone(self._zone).date().isoformat()

    def _hour_of(self, now: datetime) -> int:
        return now.astimezone(self._zone).hour

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.policies.current(self.firm).policy.timezone)

    @property
    def _swept(self) -> str:
        return f"{self.crm.name} swept"

    @property
    def _full(self) -> str:
        return f"{self.crm.name} swept whole"


def _may_change_yet(listed: ChangedItem, begun: datetime) -> bool:
    """Tell whether a later change of the item may bear the moment it was listed with."""
    return listed.changed_at is not None and begun - listed.changed_at <= SAME_MOMENT


def _is_as_seen(listed: ChangedItem, mirror: Mirror | None) -> bool:
    """Tell whether a mirror is of the item as it is listed; what is listed as open must have been so."""
    if mirror is None or mirror.changed_at is None or listed.changed_at is None:
        return False
    if mirror.changed_at == listed.changed_at:
        return mirror.seen_at - mirror.changed_at > SAME_MOMENT
    return mirror.changed_at > listed.changed_at
