"""Every operation of the description, walked by schemathesis: nothing is answered that is not described."""

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from mlscore.api import create_app
from mlscore.settings import Settings

DESCRIPTION = Path(__file__).parent.parent / "golden" / "openapi.json"
PATHS = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods]
BREAKABLE = [
    (path, method) for path, method in OPERATIONS if {"parameters", "requestBody"} & PATHS[path][method].keys()
]
"""Operations to which something wrong can be sent."""

ITEM_BY_ITEM = {"/v1/score/batch", "/v1/outcomes"}
"""Here a faulty item is told in its place, in an answer of 200."""

FEW = settings(
    max_examples=25, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@asynccontextmanager
async def _neither_begun_nor_ended(_):
    yield  # schemathesis starts and ends an application for every call of its own


@pytest.fixture(scope="module")
def walker(service):
    """Give what sends cases to an application of its own, which neither begins nor ends."""
    app = create_app(service.application, Settings())
    app.router.lifespan_context = _neither_begun_nor_ended
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    with asgi.get_client(app) as session:

        def walk(path, method, mode):
            # No schema says that a text is printable, an id fresh, a moment past: valid data may be refused.
            left_out = [positive_data_acceptance, *([negative_data_rejection] if path in ITEM_BY_ITEM else [])]

            @seed(17)
            @FEW
            @given(case=schema[path][method].as_strategy(generation_mode=mode))
            def one(case):
                case.call_and_validate(headers=service.key, session=session, excluded_checks=left_out)

            one()

        yield walk


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_the_description_allows_is_answered_as_described(walker, path, method):
    walker(path, method, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("path", "method"), BREAKABLE)
def test_what_the_description_forbids_is_refused_as_described(walker, path, method):
    walker(path, method, GenerationMode.NEGATIVE)
