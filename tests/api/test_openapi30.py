"""The description in OpenAPI 3.0 is one, says the same as the other, and real answers are as it has them."""

import json

import pytest
from openapi_schema_validator import OAS30ReadValidator
from openapi_spec_validator import OpenAPIV30SpecValidator

from mlscore.api.openapi30 import in_openapi_30
from tests.api.calling import GOOD, served_by
from tests.api.test_openapi import operations_of, references_in
from tests.fakes import FixedChampions

DEAL = {"deal_id": "D-1", **GOOD}
OUTCOME = {"deal_id": "D-1", "status": "won", "realised_profit": 9_400.5}


@pytest.fixture(scope="module")
def old(service):
    return service.client.get("/openapi-3.0.json").json()


@pytest.fixture(scope="module")
def new(service):
    return service.client.get("/openapi.json").json()


def faults_in(old, answer, schema):
    validator = OAS30ReadValidator({"allOf": [schema], "components": old["components"]})
    return [fault.message for fault in validator.iter_errors(answer)]


def answer_schema(old, path, method):
    return old["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]


def words_in(value):
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from words_in(part)


def test_it_is_a_document_of_openapi_30(old):
    assert old["openapi"] == "3.0.3"
    assert list(OpenAPIV30SpecValidator(old).iter_errors()) == []


@pytest.mark.parametrize("word", [{"const": 1}, {"prefixItems": []}, {"exclusiveMinimum": 0}, {"type": ["string"]}])
def test_the_validator_would_see_a_word_of_31(old, word):
    schemas = {**old["components"]["schemas"], "Spoiled": word}
    spoiled = {**old, "components": {**old["components"], "schemas": schemas}}
    assert list(OpenAPIV30SpecValidator(spoiled).iter_errors())


def test_no_word_of_31_is_left(old):
    assert {"const", "prefixItems", "$defs", "propertyNames"} & {*words_in(old)} == set()
    assert '"null"' not in json.dumps(old)


def test_it_has_every_operation_and_every_problem_of_the_other(old, new):
    assert [(path, method, sorted(one["responses"])) for path, method, one in operations_of(old)] == [
        (path, method, sorted(one["responses"])) for path, method, one in operations_of(new)
    ]


def test_every_reference_leads_somewhere(old):
    assert {one.rsplit("/", 1)[1] for one in references_in(old)} <= set(old["components"]["schemas"])


def test_names_are_fit_for_programs_that_make_classes_of_them(old):
    assert [name for name in old["components"]["schemas"] if not name.isalnum()] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/v1/score", DEAL),
        ("post", "/v1/score?dry_run=true", {"deal_id": "D-2"}),
        ("post", "/v1/score/batch", {"deals": [DEAL, {"deal_id": 7}]}),
        ("post", "/v1/outcomes", OUTCOME),
        ("post", "/v1/events", {"id": "1", "type": "deal.changed", "data": {"deal": DEAL}}),
        ("post", "/v1/events", {"id": "2", "type": "deal.closed", "data": {"outcome": OUTCOME}}),
        ("get", "/v1/scores", None),
        ("get", "/v1/policy", None),
        ("get", "/v1/model", None),
        ("get", "/v1/comparison", None),
    ],
)
def test_what_is_answered_is_as_it_says(crm, old, method, path, body):
    crm.score(**DEAL)
    answer = crm.get(path) if method == "get" else crm.post(path, body)
    assert answer.status_code == 200, answer.text
    schema = answer_schema(old, path.split("?")[0], method)
    assert faults_in(old, answer.json(), schema) == []


def test_an_answer_without_a_model_is_as_it_says_and_one_that_lacks_a_field_is_not(crm, old):
    schema = answer_schema(old, "/v1/score", "post")
    with served_by(crm, FixedChampions(why_none="a test")) as without:
        answer = without.score(**DEAL)
    assert answer["model"] is None
    assert faults_in(old, answer, schema) == []
    assert faults_in(old, {**answer, "rule": None}, schema) != []
    del answer["decision"]
    assert faults_in(old, answer, schema) != []


def test_what_may_be_sent_is_the_same():
    """Null, constants, bounds that are left out, tuples: each says what it said."""
    new = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1", "summary": "s"},
        "paths": {},
        "components": {
            "schemas": {
                "Kind": {"enum": ["a", "b"], "type": "string"},
                "Part": {
                    "type": "object",
                    "properties": {
                        "kind": {"anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]},
                        "said": {"$ref": "#/components/schemas/Kind", "description": "of it"},
                        "one": {"const": 1},
                        "above": {"type": "number", "exclusiveMinimum": 0},
                        "two": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}]},
                        "units": {"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]},
                        "either": {"type": ["string", "null"]},
                    },
                },
            }
        },
    }
    old = in_openapi_30({**new, "paths": {"/": {"get": {"responses": {"200": {"description": "d"}}}}}})
    assert list(OpenAPIV30SpecValidator(old).iter_errors()) == []
    allowed = ({"kind": None}, {"kind": "a"}, {"one": 1}, {"above": 0.1}, {"two": ["x", True]}, {"units": None})
    allowed += ({"units": 1.5}, {"either": None}, {"either": "x"}, {"said": "b"})
    forbidden = ({"kind": "c"}, {"one": 2}, {"above": 0}, {"units": "1"}, {"either": 1}, {"said": None}, {"two": [1]})
    schema = {"$ref": "#/components/schemas/Part"}
    assert [one for one in allowed if faults_in(old, one, schema)] == []
    assert [one for one in forbidden if not faults_in(old, one, schema)] == []
