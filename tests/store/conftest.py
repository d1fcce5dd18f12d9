"""One migrated store of each kind; every test keeps to a firm of its own, as firms never see each other."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from mlscore.store import Store, open_store
from tests.postgres import Postgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open a store and make its tables."""
    if request.param == "sqlite":
        yield from _migrated(f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlscore.db'}")
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.fresh_database() as url:
        yield from _migrated(url)


@pytest.fixture
def firm() -> str:
    """Name a firm that nothing is known of."""
    return f"firm-{uuid4().hex[:8]}"


def _migrated(url: str) -> Iterator[Store]:
    opened = open_store(url)
    opened.migrate()
    yield opened
    opened.close()
