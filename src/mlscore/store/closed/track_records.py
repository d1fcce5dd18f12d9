"""Keeps each firm's track record in memory, and makes it anew when there is news of closed deals."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from mlscore.ports import ClosedDeal
from mlscore.scoring.deal import Outcome
from mlscore.scoring.economics import label_of
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Label
from mlscore.scoring.track_record import TrackRecord, teaching
from mlscore.store import news
from mlscore.store.closed.reading import read_in_brief
from mlscore.store.engine import Database

FRESH_SECONDS = 2.0
SHARE_OF_TIME_MAX = 0.1
"""How much of its time a process may spend on making records anew for what other processes record."""

POLICIES_A_FIRM = 3
"""How many policies' records are kept for a firm: the champion's, the challenger's, and one on its way out."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A record (None: the store has never answered), the outcomes under it and their label, by which news, and heard.

    `ended` holds the newest outcome of every closed deal, of those too that cannot teach: the label is theirs too.
    """

    record: TrackRecord | None = None
    ended: Mapping[str, Outcome] = field(default_factory=dict)
    label: Label | None = None
    number: int = 0
    heard: int = 0
    fresh_until: float = 0.0


class SqlTrackRecords:
    """The port `TrackRecords`: one record a firm and policy.

    While one thread makes a record anew, the others go on with the old one.
    """

    def __init__(
        self,
        database: Database,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._kept: dict[_Key, _Kept] = {}
        self._makers: dict[_Key, Lock] = {}
        self._heard: Counter[str] = Counter()
        self._lock = Lock()

    def of(self, firm: str, policy: Policy) -> TrackRecord | None:
        """Return the track record of every outcome recorded by now; None while the store has never answered."""
        key = firm, fingerprint(policy)
        kept = self._kept.get(key)
        if kept is not None and self._is_fresh(firm, kept):
            return kept.record
        with self._lock:
            maker = self._makers.setdefault(key, Lock())
        if not maker.acquire(blocking=kept is None or kept.record is None):
            return kept.record if kept is not None else None
        try:
            return self._look(key, policy).record
        finally:
            maker.release()

    def hear(self, firm: str) -> None:
        """Have the firm's records look for news when they are next asked for: this process has told some."""
        with self._lock:
            self._heard[firm] += 1

    def _is_fresh(self, firm: str, kept: _Kept) -> bool:
        return kept.heard == self._heard[firm] and self._monotonic() < kept.fresh_until

    def _look(self, key: _Key, policy: Policy) -> _Kept:
        firm, _ = key
        kept = self._kept.get(key, _Kept())
        if key in self._kept and self._is_fresh(firm, kept):
            return kept  # another thread has made it while this one waited
        heard, begun = self._heard[firm], self._monotonic()
        rest = self._fresh_seconds
        try:
            made = self._make(firm, policy, kept)
        except StoreUnavailableError:
            made, heard = kept, kept.heard  # what was heard of is still to be looked for
        else:
            if kept.record is not None:  # the first is read whole, and says nothing of what the next will take
                rest = max(rest, (self._monotonic() - begun) / SHARE_OF_TIME_MAX)
        made = replace(made, heard=heard, fresh_until=self._monotonic() + rest)
        with self._lock:
            self._kept[key] = made
            self._drop_others(firm)
        return made

    def _make(self, firm: str, policy: Policy, kept: _Kept) -> _Kept:
        with self._database.reading() as connection:
            # Read first: whatever is told meanwhile is news the next time, and reading it twice does no harm.
            number = news.newest(connection, firm)
            if kept.record is None:
                return _made(read_in_brief(connection, firm, snapshot=policy.training.snapshot), policy, number)
            if number == kept.number:
                return kept
            told = set(news.since(connection, firm, kept.number))
            found = read_in_brief(connection, firm, snapshot=policy.training.snapshot, among=told)
            ended = {deal_id: outcome for deal_id, outcome in kept.ended.items() if deal_id not in told}
            ended |= _outcomes(found)
            label = label_of(list(ended.values()), policy)
            if label != kept.label:  # what each deal came to is another thing now
                return _made(read_in_brief(connection, firm, snapshot=policy.training.snapshot), policy, number)
        record = kept.record.having(teaching(found, label, policy), instead_of=told)
        return _Kept(record=record, ended=ended, label=label, number=number)

    def _drop_others(self, firm: str) -> None:
        """Forget the records of policies that nobody has asked about for longest."""
        mine = sorted((kept.fresh_until, key) for key, kept in self._kept.items() if key[0] == firm)
        for _, key in mine[:-POLICIES_A_FIRM]:
            del self._kept[key]


def _made(closed: Sequence[ClosedDeal], policy: Policy, number: int) -> _Kept:
    ended = _outcomes(closed)
    label = label_of(list(ended.values()), policy)
    record = TrackRecord(teaching(closed, label, policy), policy)
    return _Kept(record=record, ended=ended, label=label, number=number)


def _outcomes(closed: Sequence[ClosedDeal]) -> dict[str, Outcome]:
    return {one.deal.deal_id: one.outcome for one in closed}
