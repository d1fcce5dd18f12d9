"""A store that is one file for all tests here: every world is a firm of its own."""

from collections.abc import Iterator

import pytest

from mlscore.store import Store, open_store
from tests.service.in_step.world import World


@pytest.fixture(scope="session")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open a store in a file and make its tables."""
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('in_step') / 'mlscore.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def world(one_store: Store) -> World:
    """Make a firm with a CRM of which nothing is known."""
    return World(one_store)
