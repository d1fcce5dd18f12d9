"""What any test may ask for: a database of either kind."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests import postgres as pg

# Shared cores make single examples slow now and then; slowness is what `make bench` measures.
settings.register_profile("mlscore", deadline=None)
settings.load_profile("mlscore")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command set up for its process: here that outlives what it wrote to, whichever test comes next."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[pg.Postgres]:
    """Start one server for all tests; without its binaries skip them, or fail in CI."""
    bin_ = pg.binaries()
    if bin_ is None:
        reason = "no PostgreSQL on this machine: apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with pg.running(bin_) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'mlscore.db'}"
        return
    server: pg.Postgres = request.getfixturevalue("postgres")
    with server.fresh_database() as url:
        yield url
