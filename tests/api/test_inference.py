"""The Open Inference Protocol's health and metadata routes, held to the shapes of its specification."""

from typing import Any

import pytest

from mlscore import __version__
from mlscore.scoring.deal import FACTS
from tests.api.calling import ENGLISH, served_by
from tests.fakes import FixedChampions
from tests.models import a_model

SERVER = {"name": str, "version": str, "extensions": [str]}
TENSOR = {"name": str, "datatype": str, "shape": [int]}
MODEL = {"name": str, "versions": [str], "platform": str, "inputs": [TENSOR], "outputs": [TENSOR]}
DATATYPES = {
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "FP32", "FP64", "BYTES"),
}


def fits(value: Any, shape: Any) -> bool:
    """Tell whether a JSON value has every member the protocol requires, of its kind."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            name in value and fits(value[name], kind) for name, kind in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    return type(value) is shape


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_the_server_names_itself_without_a_key(crm, path):
    said = crm.client.get(path).json()
    assert fits(said, SERVER)
    assert (said["name"], said["version"], said["extensions"]) == ("mlscore", __version__, [])


def test_the_server_is_live_and_ready(crm):
    assert crm.client.get("/v2/health/live").json() == {"live": True}
    response = crm.client.get("/v2/health/ready")
    assert (response.status_code, response.json()["ready"]) == (200, True)


def test_a_server_that_is_stopping_is_live_and_not_ready(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        other.client.app.state.draining = True
        assert other.client.get("/v2/health/live").status_code == 200
        response = other.client.get("/v2/health/ready")
    assert (response.status_code, response.json()) == (503, {"live": True, "ready": False})


def test_a_model_tells_its_inputs_and_outputs(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        said = other.get("/v2/models/mlscore").json()
        assert other.get("/v2/models/mlscore/versions/7").json() == said
    assert fits(said, MODEL)
    assert said["versions"] == ["7"]
    types = {tensor["name"]: tensor["datatype"] for tensor in said["inputs"]}
    assert {"deal_id", *FACTS} <= set(types)
    assert (types["asap"], types["amount"], types["delivery_needed_by"]) == ("BOOL", "FP64", "BYTES")
    assert {tensor["datatype"] for tensor in said["inputs"] + said["outputs"]} <= DATATYPES


def test_every_output_is_a_part_of_an_answer(crm):
    scored = crm.score()
    named = {tensor["name"] for tensor in crm.get("/v2/models/mlscore").json()["outputs"]}
    assert named <= {*scored["model"], *scored["decision"]}


def test_a_model_is_ready_in_the_version_that_answers(crm):
    with served_by(crm, FixedChampions(a_model())) as other:
        for path in ("/v2/models/mlscore/ready", "/v2/models/mlscore/versions/7/ready"):
            assert other.get(path).json() == {"name": "mlscore", "ready": True}
        assert other.get("/v2/models/mlscore/versions/8/ready").status_code == 404


def test_without_any_model_none_is_ready(crm):
    with served_by(crm, FixedChampions(why_none="no bundle")) as other:
        response = other.get("/v2/models/mlscore/ready")
        assert (response.status_code, response.json()) == (503, {"name": "mlscore", "ready": False})
        assert other.get("/v2/models/mlscore").status_code == 404


@pytest.mark.parametrize("path", ["/v2/models/other", "/v2/models/mlscore/versions/8", "/v2/models/other/ready"])
def test_another_model_is_a_problem_and_an_error_in_the_protocols_own_word(crm, path):
    response = crm.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["error"] == response.json()["detail"]


def test_what_a_model_takes_is_told_to_who_has_a_key(crm):
    assert crm.client.get("/v2/models/mlscore").status_code == 401
    assert crm.client.get("/v2/models/mlscore/ready").status_code == 401


def test_inference_by_tensors_is_not_offered(crm):
    body = {"inputs": [{"name": "asap", "shape": [1], "datatype": "BOOL", "data": [True]}]}
    assert crm.post("/v2/models/mlscore/infer", body, ENGLISH).status_code == 404
