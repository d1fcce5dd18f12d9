import pytest
from fastapi import APIRouter, FastAPI
from starlette.routing import Mount, Route, WebSocketRoute

from mlscore.http.access.doors import ANY_KEY, PUBLIC, Doors
from tests.http.rooms import Behind

DECLARED = {
    "GET /v1/policy": "read",
    "POST /v1/score": "score",
    "GET /v1/deals/{deal_id}/scores": "read",
    "GET /health/live": PUBLIC,
}


def doors_of(declared=DECLARED, routes=DECLARED):
    return Doors([Route(one.split()[1], Behind(), methods=[one.split()[0]]) for one in routes], declared)


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/v1/policy", "read"),
        ("HEAD", "/v1/policy", "read"),
        ("POST", "/v1/score", "score"),
        ("GET", "/v1/deals/D-17/scores", "read"),
        ("GET", "/health/live", PUBLIC),
    ],
)
def test_a_door_asks_for_what_was_declared(method, path, asked):
    assert doors_of().asked(method, path) == asked


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/policy"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1"),
        ("GET", "/v1/policy/"),
        ("GET", "/v1//policy"),
        ("GET", "/v1/deals/a/b/scores"),
    ],
)
def test_a_path_of_the_api_that_leads_nowhere_asks_for_any_key(method, path):
    assert doors_of().asked(method, path) == ANY_KEY


def test_a_path_outside_the_api_that_leads_nowhere_asks_for_nothing():
    assert doors_of().asked("GET", "/favicon.ico") == PUBLIC


def test_a_route_that_nobody_declared_stops_the_start_and_is_told_where_to_declare_it():
    with pytest.raises(LookupError, match=r"POST /v1/promote has no scope: declare one in mlscore/api/access\.py"):
        doors_of(routes=[*DECLARED, "POST /v1/promote"])


def test_an_application_or_a_socket_hung_in_beside_is_declared_too():
    for route in (Mount("/static", Behind()), WebSocketRoute("/live", Behind())):
        with pytest.raises(LookupError, match=f"ANY {route.path} has no scope"):
            Doors([route], {})
    doors = Doors([Mount("/pages", Behind())], {"ANY /pages": "admin"})
    assert [doors.asked(method, "/pages/any/where") for method in ("GET", "POST", "PUT")] == ["admin"] * 3
    assert doors.asked("GET", "/other") == PUBLIC


def test_a_route_of_a_router_within_a_router_is_declared_too():
    inner, outer, app = APIRouter(prefix="/in"), APIRouter(prefix="/out"), FastAPI(openapi_url=None)
    inner.add_api_route("/x", lambda: None)
    outer.include_router(inner)
    app.include_router(outer)
    with pytest.raises(LookupError, match="GET /out/in/x has no scope"):
        Doors(app.routes, {})
