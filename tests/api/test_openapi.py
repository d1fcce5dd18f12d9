"""The description of the API is part of the contract: a change of it is seen, and its examples run.

`GOLDEN=write pytest tests/api/test_openapi.py` writes the golden file anew.
"""

import json
import os
from pathlib import Path

import pytest

from mlscore.api.access import declared
from mlscore.api.schemas.answers import ProblemOut, ScoreOut
from mlscore.api.schemas.requests import DealIn
from mlscore.http.access.doors import PUBLIC
from mlscore.scoring.deal import FACTS

GOLDEN = Path(__file__).parent.parent / "golden" / "openapi.json"


@pytest.fixture(scope="module")
def described(service):
    document = service.client.get("/openapi.json").json()
    del document["info"]["version"]
    return document


def operations_of(document):
    return [(path, method, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]  # fmt: skip


def references_in(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from references_in(part)


def test_the_description_changes_only_on_purpose(described):
    said = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(said, encoding="utf-8")
    assert said == GOLDEN.read_text(encoding="utf-8")


def test_every_reference_leads_somewhere(described):
    schemas = described["components"]["schemas"]
    assert {reference.rsplit("/", 1)[1] for reference in references_in(described)} <= set(schemas)


def test_every_route_is_described_and_its_problems_are(described):
    for path, method, operation in operations_of(described):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        if path.startswith("/v1/"):
            assert {"200", "401", "503"} <= set(operation["responses"]), (path, method)
            is_public = declared()[f"{method.upper()} {path}"] == PUBLIC
            assert is_public or operation["security"], (path, method)
        for status, response in operation["responses"].items():
            if status.startswith("4"):
                assert list(response["content"]) == ["application/problem+json"], (path, method, status)


def test_every_fact_of_a_deal_may_be_sent_and_says_what_it_is(described):
    properties = described["components"]["schemas"]["DealIn"]["properties"]
    assert set(properties) == {"deal_id", "as_of", "extra", *FACTS}
    assert [
        name for name, field in properties.items() if not (field.get("description") and field.get("examples"))
    ] == []


def test_an_unknown_field_is_not_part_of_the_description(described):
    schemas = described["components"]["schemas"]
    assert all(schemas[name]["additionalProperties"] is False for name in ("DealIn", "BatchIn", "OutcomeIn"))


def test_the_example_of_every_fact_is_taken(crm):
    examples = {name: field.examples[0] for name, field in DealIn.model_fields.items() if field.examples}
    del examples["extra"]
    assert crm.post("/v1/score", examples).status_code == 200


def test_every_example_body_is_taken_and_answered_as_described(crm, described):
    ran = 0
    for path, method, operation in operations_of(described):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            response = crm.client.request(method.upper(), path, json=example["value"], headers=crm.key)
            assert response.status_code == 200, (path, response.text)
            if path == "/v1/score":
                ScoreOut.model_validate_json(response.content)
            assert "problem" not in response.text
            ran += 1
    assert ran >= 4


def test_a_problem_is_sent_as_described(crm):
    response = crm.post("/v1/score", {})
    ProblemOut.model_validate_json(response.content)
