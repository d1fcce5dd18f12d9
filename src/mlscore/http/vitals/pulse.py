"""Asks whether the database answers, and never waits for it longer than a moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from mlscore.scoring.errors import MlscoreError, StoreUnavailableError

PATIENCE_SECONDS = 1.0


@dataclass(slots=True)
class _Look:
    """One question put to the database, and what came of it."""

    has_ended: threading.Event = field(default_factory=threading.Event)
    error: MlscoreError | None = None


@dataclass(slots=True)
class Pulse:
    """Feels whether the database is there; `ping` raises StoreUnavailableError when it is not.

    A database that hangs is away as well. One question is asked at a time, however many wait for its answer.
    """

    ping: Callable[[], None]
    patience_seconds: float = PATIENCE_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asking: _Look | None = None

    def look(self) -> MlscoreError | None:
        """Return None while the database answers, else why it is taken to be away."""
        with self._lock:
            look = self._asking
            if look is None:
                look = _Look()
                # Daemonic: a database that never answers must not keep the process from ending.
                threading.Thread(target=self._ask, args=(look,), name="pulse", daemon=True).start()
                self._asking = look
        if look.has_ended.wait(self.patience_seconds):
            return look.error
        return StoreUnavailableError(f"The database has not answered for {self.patience_seconds:g} s.")

    def _ask(self, look: _Look) -> None:
        try:
            self.ping()
        except MlscoreError as error:
            look.error = error
        except Exception as error:  # noqa: BLE001 - the edge of the thread: whatever it was, nobody was answered
            look.error = StoreUnavailableError(f"The database cannot be asked ({type(error).__name__}).")
        finally:
            with self._lock:
                self._asking = None
            look.has_ended.set()
