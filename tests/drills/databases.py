"""A PostgreSQL that keeps what it promised to keep, and can be stopped and started while it is used."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import postgres as pg


@dataclass(frozen=True, slots=True)
class Durable:
    """A server with one database at `url`."""

    server: pg.Postgres
    url: str
    bin_: Path
    folder: Path

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def stop(self) -> None:
        """Stop it as a crash does."""
        self._control("stop", "--mode", "immediate")

    def start(self) -> None:
        flag, options = pg._options(self.folder, self.server)  # noqa: SLF001 - a drill does with the server what no test does
        for unsafe in pg.UNSAFE_BUT_QUICK:
            options = options.replace(f"-c {unsafe}", "")
        self._control("start", "--log", str(self.folder / "log"), flag, options)

    def restart(self, away_seconds: float) -> None:
        """Stop it, and start it after a while."""
        self.stop()
        time.sleep(away_seconds)
        self.start()

    def _control(self, word: str, *options: str) -> None:
        pg._control(self.bin_, self.folder, pg._account_of(self.folder), word, *options)  # noqa: SLF001 - as above


@contextmanager
def durable_postgres() -> Iterator[Durable]:
    """Give a server, started anew: tests have one where a commit may be lost. Raises RuntimeError without any."""
    bin_ = pg.binaries()
    if bin_ is None:
        raise RuntimeError("there is no PostgreSQL on this machine")
    with pg.running(bin_) as server, server.fresh_database() as url:
        found = [folder for folder in Path("/tmp").glob("mlscore-pg-*") if _has_port(folder, server.port)]  # noqa: S108 - where tests/postgres.py makes its folders
        database = Durable(server, url, bin_, found[0])
        database.restart(0.0)
        yield database


def _has_port(folder: Path, port: int) -> bool:
    try:
        return (folder / "data" / "postmaster.pid").read_text(encoding="ascii").split("\n")[3].strip() == str(port)
    except (OSError, IndexError):
        return False
