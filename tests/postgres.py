"""Starts a PostgreSQL of our own from the system's binaries, for as long as the tests run."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

ROLE = "mlscore"
UNSAFE_BUT_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server on the loopback address."""

    port: int
    password: str

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Give the SQLAlchemy address of an empty database, dropped afterwards."""
        name = f"t{secrets.token_hex(8)}"
        self._administer(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield f"postgresql+psycopg://{ROLE}:{self.password}@127.0.0.1:{self.port}/{name}"
        finally:
            self._administer(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def _administer(self, statement: SQL) -> None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=ROLE,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(statement)


def binaries() -> Path | None:
    """Find the newest folder holding `initdb` and `pg_ctl`, or None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: float(bin_.parent.name))
    on_path = shutil.which("initdb")
    candidates = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((bin_ for bin_ in candidates if (bin_ / "pg_ctl").exists()), None)


@contextmanager
def running(bin_: Path) -> Iterator[Postgres]:
    """Initialise a server in a folder of its own, start it, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="mlscore-pg-"))
    try:
        account = _account_of(folder)
        server = Postgres(port=_free_port(), password=secrets.token_urlsafe(16))
        _initialise(bin_, folder, server.password, account)
        _control(bin_, folder, account, "start", "--log", str(folder / "log"), *_options(folder, server))
        try:
            yield server
        finally:
            _control(bin_, folder, account, "stop", "--mode", "immediate")
    finally:
        shutil.rmtree(folder)


def _initialise(bin_: Path, folder: Path, password: str, account: str | None) -> None:
    secret = folder / "password"
    secret.write_text(password)
    _run(
        account,
        [
            str(bin_ / "initdb"),
            *("--pgdata", str(folder / "data"), "--username", ROLE, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        folder,
    )


def _options(folder: Path, server: Postgres) -> tuple[str, str]:
    settings = (
        "listen_addresses=127.0.0.1",
        f"port={server.port}",
        f"unix_socket_directories={folder}",
        *UNSAFE_BUT_QUICK,
    )
    return "--options", " ".join(f"-c {setting}" for setting in settings)


def _control(bin_: Path, folder: Path, account: str | None, *words: str) -> None:
    command = [str(bin_ / "pg_ctl"), "--pgdata", str(folder / "data"), "--wait", *words]
    _run(account, command, folder)


def _run(account: str | None, command: list[str], folder: Path) -> None:
    rights = {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []} if account else {}
    # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
    with (folder / "output").open("w+") as output:
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=False, **rights)
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{output.read()}")


def _account_of(folder: Path) -> str | None:
    """Hand the folder to an account that may run the server: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    account = "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"
    shutil.chown(folder, user=account)
    return account


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
