"""The service as `mlscore serve` starts it, with routes to measure it against; run in a process of its own.

`/v1/stand/nothing` parses the same request and answers by the same schema as `/v1/score`, written the way FastAPI
writes any answer, and does nothing in between; `/v1/stand/bytes` returns fixed bytes. The product has neither.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import APIRouter, Body, FastAPI, Query, Response

from mlscore.api import create_app
from mlscore.api.access import declared
from mlscore.api.desk import AtDesk, ScoreQuery
from mlscore.api.schemas.answers import ScoreOut
from mlscore.api.schemas.requests import DealIn
from mlscore.bootstrap import build_service
from mlscore.cli.server import settle
from mlscore.http.access.doors import Doors
from mlscore.http.json_body import JsonRoute
from mlscore.http.keys import KeyGate
from mlscore.logs import configure_logs
from mlscore.settings import Settings

STAND = ("POST /v1/stand/nothing", "POST /v1/stand/bytes", "GET /v1/stand/modules")


def with_stand(app: FastAPI, answer: ScoreOut) -> FastAPI:
    """Add the routes to compare with, in the same rooms as those of the product."""
    router = APIRouter(route_class=JsonRoute)

    @router.post("/v1/stand/nothing")
    async def nothing(deal: Annotated[DealIn, Body()], query: Annotated[ScoreQuery, Query()], desk: AtDesk) -> ScoreOut:
        del deal, query, desk
        return answer

    @router.post("/v1/stand/bytes")
    async def fixed_bytes() -> Response:
        return Response(b"{}", media_type="application/json")

    @router.get("/v1/stand/modules")
    async def modules() -> Response:
        return Response(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))

    app.include_router(router)
    # Looked through before the product's own: behind them all, a route to compare with would be the slower one.
    app.router.routes.insert(0, app.router.routes.pop())
    # Behind the same gate as a score, or the product would be held against something that asks less.
    gate = next(one for one in app.user_middleware if one.cls is KeyGate)
    gate.kwargs["doors"] = Doors(app.routes, {**declared(), **dict.fromkeys(STAND, "score")})
    return app


def main(answer: Path) -> None:
    """Serve until stopped; `answer` is a file with an answer of `/v1/score`."""
    settings = Settings()
    configure_logs(settings)
    with build_service(settings) as application:
        app = with_stand(create_app(application, settings), ScoreOut.model_validate_json(answer.read_bytes()))
        settle()
        uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
