"""Notes when keys were last used: once a minute a key, and never while a request waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass, field

import structlog

from mlscore.ports import Clock, Keys
from mlscore.scoring.errors import MlscoreError

NOTED_EVERY_SECONDS = 60.0
_logger = structlog.get_logger()


@dataclass(slots=True)
class Uses:
    """Has the uses of keys written by a thread of its own."""

    keys: Keys
    _: KW_ONLY
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _noted: dict[str, float] = field(default_factory=dict)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="key-uses"))

    def note(self, key_id: str) -> None:
        """Have a use written, unless one was within the minute."""
        now, noted = self.monotonic(), self._noted.get(key_id)
        if noted is None or now - noted >= NOTED_EVERY_SECONDS:
            self._noted[key_id] = now
            self._writer.submit(self._write, key_id)

    def close(self) -> None:
        """Wait for what is being written; nothing more is."""
        self._writer.shutdown()

    def _write(self, key_id: str) -> None:
        try:
            self.keys.used(key_id, at=self.clock())
        except MlscoreError as error:
            _logger.warning("the use of a key was not noted", key_id=key_id, error=type(error).__name__)
