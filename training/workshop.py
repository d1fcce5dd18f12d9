"""Where a training works: the firm's store, its policy, its shelf and the tracking server, from the settings."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from mlscore.registry import Role, Shelf, Signer
from mlscore.scoring.errors import Fault, PolicyError, TrainingError
from mlscore.scoring.policy import Policy, default_policy, read_policy_text
from mlscore.settings import Settings
from mlscore.store import Store, open_store
from training.dataset import Table, build_table


class NothingToTrainError(TrainingError):
    """There is no closed deal to learn from."""


class BusyError(TrainingError):
    """Another training or promotion of the firm is running."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """One firm's place of work."""

    firm: str
    policy: Policy
    store: Store
    shelf: Shelf
    tracking_uri: str
    signer: Signer | None = None

    def table(self, *, known_by: datetime | None = None) -> Table:
        """Return the training table of what was known at a moment. Raises NothingToTrainError."""
        snapshot = self.policy.training.snapshot
        closed = self.store.closed.in_brief(self.firm, known_by=known_by, snapshot=snapshot)
        table = build_table(closed, self.policy)
        if not len(table):
            why = "".join(f" Left out: {count} ({name.replace('_', ' ')})." for name, count in table.left_out.items())
            raise NothingToTrainError(
                f"The firm {self.firm} has no closed deals to learn from.{why} "
                "Import some: mlscore history import FILE."
            )
        return table

    def was_cut_short(self, facts: Mapping[str, object]) -> bool:
        """Tell whether no pointer was moved since the newest version, with these facts, was made: each training does.

        Raises ModelError where a pointer is damaged.
        """
        made = facts.get("created_at")
        pointers = [self.shelf.pointer(self.firm, role) for role in get_args(Role)]
        return made is not None and all(p is None or p.at < datetime.fromisoformat(str(made)) for p in pointers)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one training or promotion of the firm run at a time; raises BusyError where another is at it."""
        folder = self.shelf.models_dir / self.firm
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".training").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(
                    f"Another training or promotion of {self.firm} is running. Let it end, then look at its result."
                ) from None
            yield


@contextmanager
def open_workshop(settings: Settings, *, firm: str | None = None) -> Iterator[Workshop]:
    """Open the store of the settings and bring its tables up to date; close it at the end."""
    store = open_store(settings.database)
    try:
        store.migrate()
        name = firm or settings.firm
        yield Workshop(
            firm=name,
            policy=_policy(settings, store, name),
            store=store,
            shelf=Shelf(settings.models),
            tracking_uri=settings.tracking_uri,
            signer=None if settings.signing_key is None else Signer.read(settings.signing_key),
        )
    finally:
        store.close()


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def _policy(settings: Settings, store: Store, firm: str) -> Policy:
    if settings.policy is not None:
        return read_policy_file(settings.policy)
    current = store.policies.current(firm)
    return default_policy() if current is None else current.policy


def read_policy_file(path: Path) -> Policy:
    """Read a policy from its TOML file. Raises PolicyError."""
    try:
        return read_policy_text(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        given = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PolicyError([Fault(str(path), "policy.syntax", {"given": given, "line": 1, "column": 1})]) from None
