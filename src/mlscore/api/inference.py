"""The Open Inference Protocol's health and metadata, for platforms that ask every model server the same.

Inference itself is not among them: a tensor of yes and no has no word for "unknown", and unknown is never a no here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response, status

from mlscore import __version__
from mlscore.api.desk import AtDesk, Desk
from mlscore.api.health import readiness
from mlscore.api.openapi import problems
from mlscore.api.schemas import inference as i
from mlscore.http.problems import Problem
from mlscore.http.requests import language_of
from mlscore.scoring.deal import FACTS, Kind
from mlscore.scoring.model import FittedModel

router = APIRouter(prefix="/v2", tags=["open inference protocol"])

SERVER = MODEL = "mlscore"
"""Every firm's model has this name: whose it is, the key says."""

_TYPES: Mapping[Kind, i.DataType] = {Kind.NUMBER: "FP64", Kind.MONEY: "FP64", Kind.TRI: "BOOL"}
_CUSTOM_TYPES: Mapping[str, i.DataType] = {"number": "FP64", "yes_no": "BOOL"}
_OUTPUTS = (
    i.TensorOut(name="probability", datatype="FP64", shape=[-1]),
    i.TensorOut(name="interval", datatype="FP64", shape=[-1, 2]),
    i.TensorOut(name="expected_profit", datatype="FP64", shape=[-1]),
    i.TensorOut(name="abstained", datatype="BOOL", shape=[-1]),
    i.TensorOut(name="action", datatype="BYTES", shape=[-1]),
)
_NOT_READY: dict[int | str, dict[str, Any]] = {503: {**problems()[503], "model": i.ModelReadyOut}}


@router.get("", summary="Which server this is")
@router.get("/", include_in_schema=False)
def server() -> i.ServerOut:
    """Name the server and its version; it has no extensions."""
    return i.ServerOut(name=SERVER, version=__version__, extensions=[])


@router.get("/health/live", summary="Is the server alive")
def server_live() -> i.ServerLiveOut:
    """Answer as long as the process does."""
    return i.ServerLiveOut(live=True)


@router.get("/health/ready", summary="Is the server ready", responses={503: {"model": i.ServerReadyOut}})
def server_ready(request: Request, response: Response) -> i.ServerReadyOut:
    """Answer as `/health/ready` does, in the protocol's words."""
    is_ready = readiness(request.app.state, language_of(request.scope)).status == "ready"
    if not is_ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return i.ServerReadyOut(live=True, ready=is_ready)


@router.get(
    "/models/{name}",
    summary="What a model is",
    responses=problems(404),
    response_model=i.ModelMetadataOut,
)
def model(name: str, desk: AtDesk) -> i.ModelMetadataOut | Response:
    """Describe the champion of the key's firm: the facts of a deal go in, its answer comes out."""
    return _described(desk, name, None)


@router.get(
    "/models/{name}/versions/{version}",
    summary="What a version of a model is",
    responses=problems(404),
    response_model=i.ModelMetadataOut,
)
def model_version(name: str, version: str, desk: AtDesk) -> i.ModelMetadataOut | Response:
    """Describe the champion, if this is its version: another is not loaded."""
    return _described(desk, name, version)


@router.get(
    "/models/{name}/ready",
    summary="Is a model ready",
    responses=problems(404) | _NOT_READY,
    response_model=i.ModelReadyOut,
)
def model_ready(name: str, desk: AtDesk, response: Response) -> i.ModelReadyOut | Response:
    """Tell whether the champion of the key's firm answers; without any, 503."""
    if name == MODEL and desk.application.champions.serving(desk.firm).model is None:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return i.ModelReadyOut(name=MODEL, ready=False)
    return _readiness_of(desk, name, None)


@router.get(
    "/models/{name}/versions/{version}/ready",
    summary="Is a version of a model ready",
    responses=problems(404),
    response_model=i.ModelReadyOut,
)
def model_version_ready(name: str, version: str, desk: AtDesk) -> i.ModelReadyOut | Response:
    """Tell whether the champion answers, if this is its version."""
    return _readiness_of(desk, name, version)


def _described(desk: Desk, name: str, version: str | None) -> i.ModelMetadataOut | Response:
    found = _serving(desk, name, version)
    if found is None:
        return _no_such_model(desk)
    return i.ModelMetadataOut(
        name=MODEL,
        versions=[found.version],
        platform=f"{SERVER}_bundle",
        inputs=[i.TensorOut(name=fact, datatype=kind, shape=[-1]) for fact, kind in _inputs(found).items()],
        outputs=list(_OUTPUTS),
    )


def _readiness_of(desk: Desk, name: str, version: str | None) -> i.ModelReadyOut | Response:
    if _serving(desk, name, version) is None:
        return _no_such_model(desk)
    return i.ModelReadyOut(name=MODEL, ready=True)


def _serving(desk: Desk, name: str, version: str | None) -> FittedModel | None:
    champion = desk.application.champions.serving(desk.firm).model
    is_meant = champion is not None and name == MODEL and version in {None, champion.version}
    return champion if is_meant else None


def _inputs(champion: FittedModel) -> dict[str, i.DataType]:
    standard = {name: _TYPES.get(fact.kind, "BYTES") for name, fact in FACTS.items()}
    custom = {fact.name: _CUSTOM_TYPES.get(fact.kind, "BYTES") for fact in champion.policy.custom_facts}
    return {"deal_id": "BYTES", **standard, **custom}


def _no_such_model(desk: Desk) -> Response:
    problem = Problem(status=404, code="problem.not_found")
    said = problem.body(desk.language)
    # The protocol's own word for what went wrong, beside ours.
    return problem.response(desk.language, {**said, "error": said["detail"]})
