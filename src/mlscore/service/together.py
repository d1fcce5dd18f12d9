"""Scores the deals that wait at the same moment in one call: their answers stay their own, the cost is shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from mlscore.scoring.deal import Deal
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.receipt import Receipt
from mlscore.service.scoring import Part, ScoringService

GROUP_AT_MOST = 64
"""Deals of one group: beyond it they save little more, and the first would wait for the last."""

TURNS = 3
"""A group is taken when in so many turns of the event loop nobody came."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a deal is to be scored: only those asked for alike are scored together."""

    firm: str
    include: frozenset[Part]
    dry_run: bool = False
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting:
    deal: Deal
    terms: Terms
    loop: asyncio.AbstractEventLoop
    told: asyncio.Future[Receipt]
    begins: Callable[[], None]


@dataclass(slots=True)
class Together:
    """One thread that scores whatever waits, so one pass through rules and model and one commit serve a group.

    Nobody is waited for: a group is taken as soon as the event loop has read what has come. Those that come while it is
    scored make the next one, with those that are sent in answer to it. As in a batch, they do not count in each other's
    history.
    """

    scoring: ScoringService
    at_most: int = GROUP_AT_MOST
    _waiting: list[_Waiting] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _is_at_work: bool = False
    _turning: asyncio.AbstractEventLoop | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="scoring"))

    async def score(self, deal: Deal, terms: Terms, *, begins: Callable[[], None] = lambda: None) -> Receipt:
        """Return the receipt of a deal, kept as `ScoringService.score` keeps it. Raises as that does.

        Who stops waiting changes nothing: the deal is scored and its receipt kept all the same. `begins` is called
        once, when its group's turn has come.
        """
        loop = asyncio.get_running_loop()
        one = _Waiting(deal, terms, loop, loop.create_future(), begins)
        with self._lock:
            self._waiting.append(one)
            # A loop that was closed in its turns begins nothing any more.
            is_first = not self._is_at_work or (self._turning is not None and self._turning.is_closed())
            if is_first:
                self._is_at_work, self._turning = True, loop
        if is_first:
            loop.call_soon(self._turn, loop, 1, TURNS)
        return await one.told

    def _turn(self, loop: asyncio.AbstractEventLoop, seen: int, left: int) -> None:
        # Whoever came at the same moment is read in these turns; an idle loop makes them in microseconds.
        waiting = len(self._waiting)
        if waiting > seen:
            left = TURNS
        if left and waiting < self.at_most:
            loop.call_soon(self._turn, loop, waiting, left - 1)
        else:
            self._go_on()

    def _go_on(self) -> None:
        with self._lock:
            group = self._take()
            self._is_at_work, self._turning = bool(group), None
        if group:
            self._thread.submit(self._begin, group).add_done_callback(partial(self._scored, group))

    def _take(self) -> list[_Waiting]:
        terms = self._waiting[0].terms if self._waiting else None
        group = [one for one in self._waiting if one.terms == terms][: self.at_most]
        taken = {id(one) for one in group}
        self._waiting = [one for one in self._waiting if id(one) not in taken]
        return group

    def _begin(self, group: Sequence[_Waiting]) -> Sequence[Receipt]:
        for one in group:
            one.begins()
        return self._score(group)

    def _score(self, group: Sequence[_Waiting]) -> Sequence[Receipt]:
        terms = group[0].terms
        deals = [one.deal for one in group]
        return self.scoring.score(
            terms.firm, deals, include=terms.include, dry_run=terms.dry_run, sandbox=terms.sandbox
        )

    def _scored(self, group: Sequence[_Waiting], done: Future[Sequence[Receipt]]) -> None:
        error = done.exception()
        if error is None:
            _tell(zip(group, done.result(), strict=True))
        elif len(group) == 1 or isinstance(error, StoreUnavailableError):
            _tell((one, error) for one in group)
        else:
            # Nothing of the group was kept. Whose fault it was shows alone, and the others get their answers.
            for one in group:
                self._thread.submit(self._score, [one]).add_done_callback(partial(_scored_alone, one))
        self._turn_on(group[0].loop)

    def _turn_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the loop write the answers and read what comes of them, before the next group is taken."""
        self._turning = loop
        try:
            loop.call_soon_threadsafe(self._turn, loop, 0, TURNS)
        except RuntimeError:  # It is closed.
            self._go_on()


def _scored_alone(one: _Waiting, done: Future[Sequence[Receipt]]) -> None:
    error = done.exception()
    _tell([(one, done.result()[0] if error is None else error)])


def _tell(answers: Iterable[tuple[_Waiting, Receipt | BaseException]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Receipt | BaseException]]] = {}
    for one, answer in answers:
        by_loop.setdefault(one.loop, []).append((one, answer))
    for loop, of_loop in by_loop.items():
        with suppress(RuntimeError):  # A loop that is closed has nobody left who waits.
            loop.call_soon_threadsafe(_resolve, of_loop)


def _resolve(answers: Iterable[tuple[_Waiting, Receipt | BaseException]]) -> None:
    for one, answer in answers:
        if one.told.done():
            continue
        if isinstance(answer, BaseException):
            one.told.set_exception(answer)
        else:
            one.told.set_result(answer)
