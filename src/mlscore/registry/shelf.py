"""The shelf of models on disk: a folder a version, and pointer files that say which one serves each firm."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from mlscore.registry.bundle import read_card, read_facts
from mlscore.registry.durable import remove_file, replace_file, write_folder
from mlscore.registry.manifest import MANIFEST, read_sealed, read_signature
from mlscore.registry.signing import ANYBODY, SIGNATURE, Signer, Trust
from mlscore.scoring.errors import ConflictError, FaultyInputError, ModelError, NotFoundError

Role = Literal["champion", "challenger"]

PREVIOUS_AT_MOST = 20
_FOLLOWED = ".followed"

_FIRM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version has a role, since when, and which had it before (newest first)."""

    version: str
    previous: tuple[str, ...]
    at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class Shelf:
    """Keeps `models_dir/FIRM/VERSION/` and the pointers `models_dir/FIRM/champion` and `.../challenger`.

    A version once put is never changed; a pointer is moved in one step, one mover at a time, and survives a crash.
    `trust` says whose bundles may be served from it.
    """

    def __init__(self, models_dir: Path, *, clock: Callable[[], datetime] = _now, trust: Trust = ANYBODY) -> None:
        self.models_dir = models_dir
        self.trust = trust
        self._clock = clock

    def put(self, firm: str, version: str, bundle_folder: Path) -> None:
        """Copy a bundle onto the shelf; the same one again changes nothing.

        Raises BundleDamagedError for a bundle that is not whole, ConflictError where another lies under this version.
        """
        files = read_sealed(bundle_folder)
        proofs = {MANIFEST: (bundle_folder / MANIFEST).read_bytes()}
        if (signature := read_signature(bundle_folder)) is not None:
            proofs[SIGNATURE] = signature
        target = self.folder(firm, version)
        with self._moving(firm):
            if not target.exists():
                write_folder(target, files | proofs)
            elif read_sealed(target) != files:
                raise ConflictError(f"Another model of {firm} already lies in {target}. Publish under a new version.")

    def sign(self, firm: str, version: str, signer: Signer) -> None:
        """Sign a version that is here already. Raises NotFoundError, BundleDamagedError."""
        folder = self._found(firm, version)
        read_sealed(folder)
        with self._moving(firm):
            replace_file(folder / SIGNATURE, signer.sign((folder / MANIFEST).read_bytes()))

    def folder(self, firm: str, version: str) -> Path:
        """Return where a version lies or would lie. Raises FaultyInputError for a name that is no plain name."""
        if _VERSION.fullmatch(version) is None or version in get_args(Role):
            raise FaultyInputError(f"{version!r} is no version of a model. Use letters, digits, dot, dash, underscore.")
        return self._firm_folder(firm) / version

    def versions(self, firm: str) -> tuple[str, ...]:
        """Return the versions on the shelf, in the order of their numbers."""
        found = self._firm_folder(firm).glob(f"*/{MANIFEST}")
        return tuple(sorted((path.parent.name for path in found if path.parent.name[0] != "."), key=_natural))

    def pointer(self, firm: str, role: Role = "champion") -> Pointer | None:
        """Return who has a role, None while nobody has. Raises ModelError where the pointer file is damaged."""
        path = self._pointer_path(firm, role)
        try:
            document = json.loads(path.read_bytes())
            previous = tuple(map(str, document["previous"]))
            return Pointer(str(document["version"]), previous, datetime.fromisoformat(document["at"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ModelError(f"{path} is damaged. Promote a version again to write it anew.") from None

    def champion(self, firm: str) -> str | None:
        """Return the version that serves a firm."""
        pointer = self.pointer(firm)
        return pointer.version if pointer else None

    def challenger(self, firm: str) -> str | None:
        """Return the version that may serve next."""
        pointer = self.pointer(firm, "challenger")
        return pointer.version if pointer else None

    def previous(self, firm: str) -> tuple[str, ...]:
        """Return the champions before this one, newest first."""
        pointer = self.pointer(firm)
        return pointer.previous if pointer else ()

    def point(self, firm: str, version: str, role: Role = "champion") -> None:
        """Give a version a role. Raises NotFoundError for a version that is not on the shelf."""
        if not (self.folder(firm, version) / MANIFEST).is_file():
            raise NotFoundError(f"No model {version} of {firm} lies in {self.models_dir}. Publish it first.")
        with self._moving(firm):
            try:
                now = self.pointer(firm, role)
            except ModelError:
                now = None
            if now is None:
                self._move(firm, role, version, ())
            elif now.version != version:
                self._move(firm, role, version, (now.version, *now.previous))

    def note_followed(self, firm: str) -> None:
        """Note that the tracking server was reached just now."""
        folder = self._firm_folder(firm)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FOLLOWED).touch()

    def followed_at(self, firm: str) -> datetime | None:
        """Return when the tracking server was last reached, None where nobody follows one."""
        try:
            return datetime.fromtimestamp((self._firm_folder(firm) / _FOLLOWED).stat().st_mtime, UTC)
        except OSError:
            return None

    def vacate(self, firm: str, role: Role) -> None:
        """Leave a role to nobody; no version is touched."""
        with self._moving(firm):
            remove_file(self._pointer_path(firm, role))

    def roll_back(self, firm: str) -> str:
        """Give the champion's role back to the version before, and return it; raises NotFoundError where none is."""
        with self._moving(firm):
            left = self._left(firm)
            self._move(firm, "champion", left[0], tuple(left[1:]))
            return left[0]

    def would_roll_back_to(self, firm: str) -> str:
        """Return the version `roll_back` would give the role to; raises NotFoundError where none is."""
        return self._left(firm)[0]

    def _left(self, firm: str) -> list[str]:
        left = [v for v in self.previous(firm) if (self.folder(firm, v) / MANIFEST).is_file()]
        if not left:
            raise NotFoundError(f"No model of {firm} served before this one. Promote a version instead.")
        return left

    def card(self, firm: str, version: str) -> str:
        """Return a version's card in Markdown. Raises NotFoundError, BundleDamagedError."""
        return read_card(self._found(firm, version))

    def facts(self, firm: str, version: str) -> Mapping[str, object]:
        """Return a version's gates, metrics and provenance. Raises NotFoundError, BundleDamagedError."""
        return read_facts(self._found(firm, version))

    def _found(self, firm: str, version: str) -> Path:
        folder = self.folder(firm, version)
        if not folder.is_dir():
            raise NotFoundError(f"No model {version} of {firm} lies in {self.models_dir}. Choose one of those there.")
        return folder

    def _firm_folder(self, firm: str) -> Path:
        if _FIRM.fullmatch(firm) is None:
            raise FaultyInputError(f"{firm!r} is no name of a firm. Use letters, digits, dash, underscore.")
        return self.models_dir / firm

    def _pointer_path(self, firm: str, role: Role) -> Path:
        return self._firm_folder(firm) / role

    def _move(self, firm: str, role: Role, version: str, previous: tuple[str, ...]) -> None:
        others = [v for v in dict.fromkeys(previous) if v != version]
        document = {"version": version, "previous": others[:PREVIOUS_AT_MOST], "at": self._clock().isoformat()}
        replace_file(self._pointer_path(firm, role), (json.dumps(document) + "\n").encode())

    @contextmanager
    def _moving(self, firm: str) -> Iterator[None]:
        """Wait until nobody else moves this firm's models, in this process or another."""
        folder = self._firm_folder(firm)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _natural(version: str) -> list[tuple[int, int, str]]:
    """Order versions as people do: 9 before 10."""
    return [(0, int(run), "") if run.isdigit() else (1, 0, run) for run in re.findall(r"\d+|\D+", version)]
