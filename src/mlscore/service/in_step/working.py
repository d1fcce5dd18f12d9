"""The worker of a CRM kept in step: takes tasks while there are any, and searches and ages between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import structlog

from mlscore.ports import Clock, Crm, Item, Task, Tasks
from mlscore.scoring.errors import MlscoreError, NotAllowedError, UnreachableError
from mlscore.service.in_step.aging import Aging
from mlscore.service.in_step.holding import Holding
from mlscore.service.in_step.looking import Looking
from mlscore.service.in_step.sweeping import Sweep

POLL_SECONDS = 0.25
SWEEPS_EVERY_SECONDS = 60.0
AGES_EVERY_SECONDS = 60.0
"""Once nothing is left that has aged; in a queue that never empties, some are told of this often all the same."""

LEASE = timedelta(minutes=2)
"""For how long claimed tasks are nobody else's; who is killed leaves them so long."""

TRIES_AT_MOST = 8
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
"""Between the tries of one item; each pause is twice the last."""

FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 60.0
"""While the CRM or the database is away, for all items together."""

_logger = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Worker:
    """Works off one CRM's tasks while it holds the CRM; others wait, each by a name of its own (`by`)."""

    firm: str
    crm: Crm
    tasks: Tasks
    looking: Looking
    sweep: Sweep
    aging: Aging
    holding: Holding
    clock: Clock
    by: str
    monotonic: Callable[[], float] = time.monotonic
    _rests: int = 0
    _sweeps_at: float = 0.0
    _ages_at: float = 0.0
    _aged_at: float = 0.0
    _alone: int = 0

    def run(self, stop: Event) -> None:
        """Work until told to stop; what is in hand then is finished."""
        with self.holding.going_on():
            while not stop.is_set():
                pause = self.turn()
                if pause:
                    stop.wait(pause)

    def turn(self) -> float:
        """Do one thing; return after how many seconds to do the next."""
        try:
            pause = self._next()
        except MlscoreError as error:  # whatever it is, it is not of one item: those are told of by name
            return self._rest(error)
        self._rests = 0
        return pause

    def _next(self) -> float:
        if not self.holding.is_mine():
            return POLL_SECONDS
        if self.monotonic() >= self._sweeps_at:
            # Set first: a search that the CRM refuses is not to keep tasks waiting.
            self._sweeps_at = self.monotonic() + SWEEPS_EVERY_SECONDS
            told = self.sweep.sweep()
            if told:
                _logger.info("the sweep found items", crm=self.crm.name, items=told)
        at = self.clock()
        at_most = 1 if self._alone else self.crm.at_once
        claimed = self.tasks.claim(self.firm, self.crm.name, by=self.by, at=at, until=at + LEASE, at_most=at_most)
        if claimed:
            self._look(claimed)
            if self.monotonic() >= self._aged_at + AGES_EVERY_SECONDS:
                self._age()
            return 0.0
        return 0.0 if self._age() else POLL_SECONDS

    def _age(self) -> int:
        if self.monotonic() < self._ages_at:
            return 0
        aged = self.aging.age()
        self._aged_at = self.monotonic()
        self._ages_at = self._aged_at + (0.0 if aged else AGES_EVERY_SECONDS)
        return aged

    def _look(self, claimed: Sequence[Task]) -> None:
        was_well = not self._rests
        try:
            faults = self.looking.look(claimed)
        except (UnreachableError, NotAllowedError) as error:
            # Then each goes alone: one that the CRM cannot bear is found so, and the others need not wait for it.
            self._alone = max(self._alone, len(claimed))
            is_its_own = was_well and len(claimed) == 1 and isinstance(error, UnreachableError)
            self._give_back(claimed, error, is_fault=is_its_own)
            raise
        self._alone = max(0, self._alone - len(claimed))
        done = [task for task in claimed if task.item not in faults]
        self.tasks.done(self.firm, self.crm.name, done, by=self.by)
        for task in claimed:
            if task.item in faults:
                self._put_off(task, faults[task.item])
        _logger.info("looked", crm=self.crm.name, items=len(claimed), faults=len(faults))

    def _give_back(self, claimed: Sequence[Task], error: MlscoreError, *, is_fault: bool) -> None:
        """Let tasks be claimed once the CRM may be back; where it went away over one item alone, that was a try."""
        if is_fault:
            self._put_off(claimed[0], str(error))
            return
        # One alone comes behind those that are due when the rest is over.
        due_at = self.clock() + timedelta(seconds=self._pause() * (2 if len(claimed) == 1 else 1))
        self.tasks.put_off(self.firm, self.crm.name, claimed, by=self.by, due_at=due_at)

    def _put_off(self, task: Task, fault: str) -> None:
        is_last = task.tries + 1 >= TRIES_AT_MOST
        due_at = None if is_last else self.clock() + min(FIRST_PAUSE * 2**task.tries, LONGEST_PAUSE)
        self.tasks.put_off(self.firm, self.crm.name, [task], by=self.by, due_at=due_at, fault=fault)
        if is_last:
            _logger.error("an item is set aside", crm=self.crm.name, item=_named(task.item), fault=fault)
        else:
            _logger.warning("an item went wrong", crm=self.crm.name, item=_named(task.item), fault=fault)

    def _rest(self, error: MlscoreError) -> float:
        seconds = self._pause()
        self._rests += 1
        _logger.warning("resting", crm=self.crm.name, seconds=seconds, error=type(error).__name__, said=str(error))
        return seconds

    def _pause(self) -> float:
        return min(FIRST_REST_SECONDS * 2.0**self._rests, LONGEST_REST_SECONDS)


def _named(item: Item) -> str:
    return f"{item.kind} {item.item_id}"
