"""One file of records, each framed by its length and its checksum, on the disk before anybody is answered."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from mlscore.store.spool.frames import Frames, framed, read_frames

SET_ASIDE = ".unreadable"
"""Ends the name of a file that is kept for a person to see to."""


class Journal:
    """A file that its maker appends to and nobody else touches as long as the maker lives.

    The lock on it ends with the process, whatever ended that: then another may take the file over.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._length = os.fstat(descriptor).st_size
        self.count = sum(1 for _ in read_records(path)) if self._length else 0

    @classmethod
    def begin(cls, path: Path) -> Self:
        """Make a new file. Raises OSError."""
        staged = path.with_suffix(".new")
        descriptor = os.open(staged, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            staged.rename(path)  # only now may others see it, for now it is locked
            sync_folder(path.parent)
        except OSError:
            os.close(descriptor)
            staged.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """Take over a file whose maker is gone; None where it lives, or where another was quicker.

        Raises OSError for a file that cannot be opened or read, and holds nothing of it then.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        adopted = None
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_nlink:  # else drained and removed by another between the two calls
                    adopted = cls(path, descriptor)
        finally:
            if adopted is None:
                os.close(descriptor)
        return adopted

    def append(self, records: Sequence[bytes]) -> None:
        """Add records, all or none; they are on the disk when this returns. Raises OSError."""
        content = b"".join(map(framed, records))
        try:
            _write_all(self._descriptor, content, at=self._length)
            os.fsync(self._descriptor)
        except OSError:
            # What follows must not stand behind half a record. Where this fails too, nothing follows: see Spool.
            os.ftruncate(self._descriptor, self._length)
            raise
        self._length += len(content)
        self.count += len(records)

    def read(self) -> Frames:
        """Return its whole records in order, and whether it has held more; also where the file was taken away."""
        return read_frames(os.pread(self._descriptor, os.fstat(self._descriptor).st_size, 0))

    def is_gone(self) -> bool:
        """Tell whether somebody took the file, or its folder, away: nobody would find what it holds. Raises OSError."""
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return True

    def remove(self) -> None:
        """Delete the file and let go of it. Raises OSError."""
        self.path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):  # the folder may have been taken away
            sync_folder(self.path.parent)
        self.let_go()

    def set_aside(self) -> Path:
        """Let go of a file nobody can read, under a name nobody looks for; return where it lies. Raises OSError."""
        aside = self.path.with_suffix(SET_ASIDE)
        self.path.rename(aside)
        self.let_go()
        return aside

    def let_go(self) -> None:
        """End the lock; the file stays for whoever adopts it."""
        os.close(self._descriptor)


def read_records(path: Path) -> Iterator[bytes]:
    """Yield the whole records of a file, its maker's leave not asked; none where it is gone."""
    yield from _read(path).payloads


def sync_folder(folder: Path) -> None:
    """Put on the disk which files a folder has. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> Frames:
    try:
        return read_frames(path.read_bytes())
    except FileNotFoundError:
        return Frames((), is_damaged=False)


def _write_all(descriptor: int, content: bytes, *, at: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written
