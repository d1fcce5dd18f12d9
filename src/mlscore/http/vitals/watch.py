"""Keeps an application's board up to date while it runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from mlscore.http.vitals.board import Board
from mlscore.http.vitals.pulse import Pulse
from mlscore.ports import Freshness, Standing, TellingFigures

EVERY_SECONDS = 1.0
_logger = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Watch:
    """Looks at the models and the database every second, in every worker, asked or not."""

    board: Board
    pulse: Pulse
    standings: Callable[[], Sequence[Standing]]
    is_draining: Callable[[], bool]
    spooled: Callable[[], int]
    freshness: Callable[[], Mapping[str, Freshness]] = dict
    telling: Callable[[], Sequence[TellingFigures]] = tuple
    every_seconds: float = EVERY_SECONDS
    monotonic: Callable[[], float] = time.monotonic
    _away_since: float | None = None
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Set the board once."""
        is_away = self.pulse.look() is not None
        with self._looking:
            now = self.monotonic()
            self._away_since = None if not is_away else now if self._away_since is None else self._away_since
            self.board.show(
                self.standings(),
                away_seconds=None if self._away_since is None else now - self._away_since,
                is_draining=self.is_draining(),
                spooled=self.spooled(),
            )
            self.board.in_step.show(self.freshness())
            self.board.telling.show(self.telling())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look again and again; end with the application."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:  # noqa: BLE001 - the edge of the task: without it the board would stand still
                _logger.error("the board could not be set", error=type(error).__name__)  # noqa: TRY400 - as a request's
            due = loop.time() + self.every_seconds
            await asyncio.sleep(self.every_seconds)
            self.board.lagged(max(0.0, loop.time() - due))
