"""Stores what events tell of: those that come while a commit is made go into the next one together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from mlscore.ports import Clock, Item, Tasks

AT_ONCE = 500


@dataclass(slots=True)
class Inbox:
    """One commit at a time for one CRM of one firm: a burst of events would else queue up for the database's lock.

    Nobody is waited for: an event that comes while nothing is stored is stored at once, alone.
    """

    tasks: Tasks
    firm: str
    crm: str
    clock: Clock
    _waiting: list[tuple[Sequence[Item], asyncio.Future[None]]] = field(default_factory=list)
    _storing: asyncio.Task[None] | None = None

    async def put(self, items: Sequence[Item]) -> None:
        """Note that items are to be looked at; they are on the disk when this returns. Raises StoreUnavailableError."""
        loop = asyncio.get_running_loop()
        stored: asyncio.Future[None] = loop.create_future()
        if self._storing is None or self._storing.done() or self._storing.get_loop() is not loop:
            self._waiting = [(items, stored)]
            self._storing = loop.create_task(self._store())
        else:
            self._waiting.append((items, stored))
        await stored

    async def _store(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            told = {item for items, _ in some for item in items}
            telling = run_in_threadpool(
                self.tasks.tell, self.firm, self.crm, sorted(told), why="event", at=self.clock()
            )
            [error] = await asyncio.gather(telling, return_exceptions=True)
            for _, stored in some:
                if stored.done():
                    continue  # Who stopped waiting changes nothing.
                if isinstance(error, BaseException):
                    stored.set_exception(error)
                else:
                    stored.set_result(None)
