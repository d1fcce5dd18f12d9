"""One running service for all tests of the API; every test is a firm of its own."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.bootstrap import build_service
from mlscore.settings import Settings
from mlscore.store import open_store
from tests.api.calling import Crm


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """Start the service on a store of its own."""
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models")
    store = open_store(settings.database)
    with build_service(settings) as application, TestClient(create_app(application, settings)) as client:
        yield Crm(client, application, store)
    store.close()


@pytest.fixture
def crm(service: Crm) -> Crm:
    """Give the CRM of a firm nothing is known of."""
    return Crm(service.client, service.application, service.store)


@pytest.fixture
def other_crm(service: Crm) -> Crm:
    """Give the CRM of another firm."""
    return Crm(service.client, service.application, service.store)
