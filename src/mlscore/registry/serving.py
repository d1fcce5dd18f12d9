"""Holds each firm's champion in memory and notices a new one: checked apart, then swapped by one assignment."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mlscore.ports import Serving, Standing
from mlscore.registry.checking import Check, check_bundle, load_checked
from mlscore.registry.shadow import NOBODY, Shadow, look_at_challenger
from mlscore.registry.shelf import Pointer, Role, Shelf
from mlscore.scoring.errors import MlscoreError
from mlscore.scoring.model import FittedModel

_log = logging.getLogger(__name__)

RETRY_SECONDS = 60.0
"""How long a refused champion rests before it is checked again; one that is promoted anew is checked at once."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What one firm is served; `champion` is the pointer it came from, `tried` the one last refused and until when."""

    serving: Serving
    facts: Mapping[str, object]
    champion: Pointer | None = None
    tried: Pointer | None = None
    rests_until: float = 0.0


class LocalChampions:
    """Serves what the shelf's pointers name; keeps the old champion where the new one is refused.

    Until a firm has a champion, `fallback(firm)` answers. With `shadow`, the challenger is held beside the champion
    from the first `refresh` on. `prepare(firm, model)` is called before a model first answers. Nothing runs in the
    background before `start`.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        fallback: Callable[[str], FittedModel],
        poll_seconds: float = 1.0,
        retry_seconds: float = RETRY_SECONDS,
        check: Check = check_bundle,
        shadow: bool = True,
        prepare: Callable[[str, FittedModel], None] = lambda _firm, _model: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._shelf = shelf
        self._fallback = fallback
        self._poll_seconds = poll_seconds
        self._retry_seconds = retry_seconds
        self._check = check
        self._shadow = shadow
        self._prepare = prepare
        self._held: dict[str, _Held] = {}
        self._shadows: dict[str, Shadow] = {}
        self._clock = clock
        self._failures: Counter[tuple[str, Role]] = Counter()
        self._read_at: dict[str, datetime] = {}
        self._refreshing: dict[str, threading.Lock] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def serving(self, firm: str) -> Serving:
        """Return the champion in memory now; only a firm's first call reads the disk."""
        held = self._held.get(firm)
        if held is None:
            with self._lock_of(firm):
                held = self._held.get(firm) or self._refresh(firm)
        return held.serving

    def card(self, firm: str) -> Mapping[str, object]:
        """Return the champion's gates, metrics and provenance; empty where the fallback answers."""
        self.serving(firm)
        return self._held[firm].facts

    def standings(self) -> Sequence[Standing]:
        """Return how every firm stands that was asked for."""
        return [
            Standing(
                firm=firm,
                serving=held.serving,
                failures=self._failures[firm, "champion"],
                challenger_failures=self._failures[firm, "challenger"],
                shelf_read_at=self._read_at.get(firm),
                followed_at=self._shelf.followed_at(firm),
            )
            for firm, held in tuple(self._held.items())
        ]

    def refresh(self, firm: str) -> None:
        """Look at the firm's pointers once: take a new champion when there is a good one, then a new challenger."""
        with self._lock_of(firm):
            self._refresh(firm)
            if self._shadow:
                self._refresh_shadow(firm)

    def start(self) -> None:
        """Begin to watch the pointers of every firm that was asked for."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._watch, name="champions", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop watching, and wait for the last look to end."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while not self._stopping.wait(self._poll_seconds):
            for firm in tuple(self._held):
                try:
                    self.refresh(firm)
                except Exception:  # noqa: BLE001 - the edge of the thread: it must outlive whatever is found on disk
                    _log.exception("the champion of %s could not be looked at; the one in memory goes on", firm)

    def _lock_of(self, firm: str) -> threading.Lock:
        return self._refreshing.setdefault(firm, threading.Lock())

    def _refresh(self, firm: str) -> _Held:
        before = self._held.get(firm)
        held = self._looked(firm, before)
        if held is not before:
            held = self._held[firm] = self._with_shadow(held, self._shadows.get(firm, NOBODY))
        return held

    def _refresh_shadow(self, firm: str) -> None:
        held, before = self._held[firm], self._shadows.get(firm, NOBODY)
        shadow = self._shadows[firm] = look_at_challenger(
            self._shelf,
            firm,
            before,
            champion=None if held.champion is None else held.champion.version,
            check=self._check,
            retry_seconds=self._retry_seconds,
        )
        if shadow is not before:
            self._failures[firm, "challenger"] += shadow.refused is not None
            if shadow.model is not None:
                self._prepare(firm, shadow.model)
            self._held[firm] = self._with_shadow(held, shadow)

    def _with_shadow(self, held: _Held, shadow: Shadow) -> _Held:
        is_champion = shadow.model is not None and held.champion and shadow.model.version == held.champion.version
        model = None if is_champion else shadow.model
        return replace(held, serving=replace(held.serving, challenger=model, challenger_refused=shadow.refused))

    def _looked(self, firm: str, held: _Held | None) -> _Held:
        try:
            pointer = self._shelf.pointer(firm)
        except (MlscoreError, OSError) as error:
            return self._refused(firm, held, None, f"The champion's pointer cannot be read: {error}")
        self._read_at[firm] = self._clock()
        if pointer is None:
            return held if held and held.champion else self._from_fallback(firm, held)
        if held is not None and pointer == held.champion:
            if held.serving.refused is None:
                return held
            # What was refused has been withdrawn, and the refusal with it.
            return replace(held, serving=Serving(model=held.serving.model), tried=None)
        if held is not None and pointer == held.tried and time.monotonic() < held.rests_until:
            return held
        return self._taken(firm, held, pointer)

    def _taken(self, firm: str, held: _Held | None, pointer: Pointer) -> _Held:
        version = pointer.version
        try:
            folder, trust = self._shelf.folder(firm, version), self._shelf.trust
            model = load_checked(folder, version=version, check=self._check, trust=trust)
            facts = self._shelf.facts(firm, version)
        except (MlscoreError, OSError) as error:
            return self._refused(firm, held, pointer, str(error))
        self._prepare(firm, model)
        _log.info("model %s now serves %s", version, firm)
        return _Held(Serving(model=model), facts, champion=pointer)

    def _refused(self, firm: str, held: _Held | None, pointer: Pointer | None, reason: str) -> _Held:
        self._failures[firm, "champion"] += 1
        old = held or self._from_fallback(firm, None)
        if old.serving.refused != reason:
            _log.warning("a champion of %s was refused, the old one goes on: %s", firm, reason)
        rests_until = time.monotonic() + self._retry_seconds
        return replace(old, serving=replace(old.serving, refused=reason), tried=pointer, rests_until=rests_until)

    def _from_fallback(self, firm: str, held: _Held | None) -> _Held:
        """Ask the fallback again, for its policy may have changed; keep what it said before when it cannot answer."""
        try:
            return _Held(Serving(model=self._fallback(firm)), {})
        except MlscoreError as error:
            return held or _Held(Serving(model=None, why_none=str(error)), {})
