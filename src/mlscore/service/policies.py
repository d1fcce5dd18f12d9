"""Knows which policy a firm scores by now, without asking the store for every deal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock

from mlscore.ports import Clock, Policies, PolicyVersion
from mlscore.scoring.errors import ConflictError, StoreUnavailableError
from mlscore.scoring.policy import Policy

FRESH_SECONDS = 2.0


class CurrentPolicies:
    """Each firm's policy, asked for anew once it is `fresh_seconds` old.

    `pinned` stands above every firm's own; a firm without a policy starts with `default`, a TOML document.
    """

    def __init__(
        self,
        policies: Policies,
        *,
        default: str,
        clock: Clock,
        pinned: PolicyVersion | None = None,
        fresh_seconds: float = FRESH_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policies = policies
        self._default = default
        self._clock = clock
        self._pinned = pinned
        self._fresh_seconds = fresh_seconds
        self._monotonic = monotonic
        self._known: dict[str, tuple[PolicyVersion, float]] = {}
        self._named: dict[tuple[str, str], Policy] = {}
        self._lock = Lock()

    @property
    def is_pinned(self) -> bool:
        """Whether a file, not the store, says which policy is in force."""
        return self._pinned is not None

    def current(self, firm: str) -> PolicyVersion:
        """Return the version in force; the last one known while the store is away.

        Raises StoreUnavailableError when none was ever read.
        """
        if self._pinned is not None:
            return self._pinned
        known, read_at = self._known.get(firm, (None, 0.0))
        if known is not None and self._monotonic() - read_at < self._fresh_seconds:
            return known
        try:
            return self._read(firm, known)
        except StoreUnavailableError:
            if known is None:
                raise
            return known

    def apply(self, firm: str, document: str, *, by: str, why: str) -> PolicyVersion:
        """Put a TOML document in force, here at once and elsewhere within seconds; the same content adds no version.

        Raises PolicyError with every fault of the document, ConflictError where a file says which policy is in force,
        StoreUnavailableError.
        """
        if self.is_pinned:
            raise ConflictError("MLSCORE_POLICY names the file that is in force: change the file.")
        applied = self._policies.apply(firm, document, at=self._clock(), by=by, why=why)
        with self._lock:
            self._known[firm] = (applied, self._monotonic())
        return applied

    def versions(self, firm: str) -> Sequence[PolicyVersion]:
        """Return every version, newest first. Raises StoreUnavailableError."""
        return self._policies.versions(firm)

    def named(self, firm: str, fingerprint: str) -> Policy | None:
        """Return the policy of this name: the one in force, or an earlier version of the firm's.

        A name means the same policy for good, so nobody is asked about one that is known.
        """
        known, _ = self._known.get(firm, (None, 0.0))
        if known is not None and self._pinned is None and known.fingerprint == fingerprint:
            return known.policy
        current = self.current(firm)
        if current.fingerprint == fingerprint:
            return current.policy
        if (firm, fingerprint) not in self._named:
            versions = self._policies.versions(firm)
            self._named |= {(firm, version.fingerprint): version.policy for version in versions}
        return self._named.get((firm, fingerprint))

    def _read(self, firm: str, known: PolicyVersion | None) -> PolicyVersion:
        newest = self._policies.current(firm) or self._policies.apply(
            firm, self._default, at=self._clock(), by="mlscore", why="A firm without a policy starts with the default."
        )
        # What is worked out from a policy is cached by identity: the same version stays the same object.
        if known is not None and (known.version, known.fingerprint) == (newest.version, newest.fingerprint):
            newest = known
        with self._lock:
            self._known[firm] = (newest, self._monotonic())
        return newest
