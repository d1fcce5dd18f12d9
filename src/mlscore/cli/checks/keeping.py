"""Whether what is kept is kept well: clocks, tables, disks, the spool, copies."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from mlscore.cli.checks.finding import Finding
from mlscore.ports import Key
from mlscore.settings import Settings
from mlscore.store import Store

MOUNTS = Path("/proc/mounts")
NETWORKED = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph", "lustre"}
SKEW_AT_MOST = timedelta(seconds=5)
ROOM_AT_LEAST = 0.05
EXPIRES_SOON = timedelta(days=14)
COPY_AT_MOST = timedelta(days=2)
_SQLITE_FILE = re.compile(r"sqlite(?:\+\w+)?:///([^?]+)")


def look_at_store(store: Store, now: datetime) -> Iterator[Finding]:
    """Look at the clock and the tables. Raises StoreUnavailableError."""
    from mlscore.store.upkeep.diagnosis import diagnose

    found = diagnose(store.database)
    if found.tables == "older":
        yield Finding("tables", "note", "older than this mlscore: the next start of any command brings them up to date")
    elif found.tables == "newer":
        yield Finding("tables", "wrong", "a newer mlscore has changed them: install that version here too")
    others = [("the database's clock", found.now), ("the newest receipt", found.newest_receipt_at)]
    for whose, at in others:
        is_ahead = at is not None and at - now > SKEW_AT_MOST
        is_behind = at is not None and at == found.now and now - at > SKEW_AT_MOST
        if at is not None and (is_ahead or is_behind):
            yield Finding(
                "clock", "wrong", f"{whose} says {at:%Y-%m-%d %H:%M:%S}, this machine {now:%H:%M:%S}: use NTP"
            )


def look_at_keys(live: Sequence[Key], now: datetime) -> Iterator[Finding]:
    """Look at how long keys are good for."""
    forever = [key.name for key in live if key.expires_at is None]
    ending = [key.name for key in live if key.expires_at is not None and key.expires_at - now < EXPIRES_SOON]
    if forever:
        yield Finding("keys", "note", f"without an end: {', '.join(forever)}. `mlscore keys create` takes --days")
    if ending:
        yield Finding(
            "keys", "note", f"end within {EXPIRES_SOON.days} days: {', '.join(ending)}. Make new ones in time"
        )


def look_at_disks(settings: Settings) -> Iterator[Finding]:
    """Look at the folders that are written to, and the room they have."""
    folders = {"models": settings.models, "spool": settings.spool}
    if (file := sqlite_file(settings.database)) is not None:
        folders["database"] = file.parent
        kind = file_system_of(file.parent)
        if kind in NETWORKED:
            said = f"SQLite lies on {kind}, whose locks cannot be trusted: use a local disk, or PostgreSQL"
            yield Finding("database", "wrong", said)
    seen = set()
    for name, folder in folders.items():
        there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
        if not there.is_dir():
            yield Finding(name, "wrong", f"{there} is no folder: move it away, or name another")
            continue
        usage, device = shutil.disk_usage(there), there.stat().st_dev
        if device not in seen and usage.free < ROOM_AT_LEAST * usage.total:
            yield Finding("disk", "wrong", f"{usage.free / 1e9:.1f} GB left for {folder}: make room before it is full")
        seen.add(device)


def look_at_spool(settings: Settings) -> Iterator[Finding]:
    """Look whether receipts wait, or could not be read."""
    from mlscore.store.spool import Spool

    spool = Spool(settings.spool)
    waiting, aside = spool.files(), spool.set_aside()
    if waiting:
        said = f"{len(waiting)} journals in {spool.folder}: receipts may wait there for a running service"
        yield Finding("spool", "note", said)
    if aside:
        said = f"{len(aside)} files in {spool.folder} could not be read to their end: `mlscore spool look` names them"
        yield Finding("spool", "wrong", said)


def look_at_copies(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look how old the newest copy is."""
    if settings.backups is None:
        yield Finding("copies", "note", "MLSCORE_BACKUPS names no folder: nobody knows whether there are any")
        return
    taken = [path.stat().st_mtime for path in settings.backups.glob("*/backup.json")]
    if not taken:
        yield Finding("copies", "wrong", f"none in {settings.backups}: take one with `mlscore backup`")
    elif now.timestamp() - max(taken) > COPY_AT_MOST.total_seconds():
        yield Finding("copies", "wrong", f"the newest in {settings.backups} is {age_of(max(taken), now)} old")


def sqlite_file(address: str) -> Path | None:
    """Return the file of a SQLite address, whatever driver and options it names."""
    found = _SQLITE_FILE.match(address)
    return None if found is None else Path(found[1])


def file_system_of(folder: Path) -> str:
    """Return the kind of file system a folder lies on, "" where the system does not say."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return ""
    holding = [(len(at), kind) for _, at, kind, *_ in mounts if folder.absolute().is_relative_to(at)]
    return max(holding, default=(0, ""))[1]


def age_of(taken: float, now: datetime) -> str:
    """Return how long ago, in days."""
    return f"{(now.timestamp() - taken) / 86400:.1f} days"
