"""The door a Bitrix24 portal sends its events to: it stores what is to be looked at, and answers at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from mlscore.api.in_step.inbox import Inbox
from mlscore.api.openapi import public_problems
from mlscore.http.problems import NOT_ADMITTED, ProblemError
from mlscore.scoring.errors import NotAllowedError
from mlscore.service.application import Application

PATH = "/v1/bitrix24/events"
EVENT_BYTES = 20_000
CRM = "bitrix24"

router = APIRouter(tags=["CRMs in step"])
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "An event as Bitrix24 sends it: a form whose names are in brackets. Other fields are not read.",
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["event", "auth[application_token]"],
                    "properties": {
                        "event": {"type": "string", "example": "ONCRMDEALUPDATE"},
                        "data[FIELDS][ID]": {"type": "string", "example": "759"},
                        "auth[application_token]": {"type": "string"},
                        "auth[member_id]": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post(
    PATH, summary="Take an event of Bitrix24", responses=public_problems(401, 404, 413, 422, 503), openapi_extra=_FORM
)
async def hear(request: Request) -> Response:
    """Take an event of the connected portal, which shows its application token.

    The lead or deal it names is stored as a task before this answers, and scored and written back by
    `mlscore bitrix24 run`. Events about other things are answered with 200 too, and nothing comes of them.
    """
    application: Application = request.app.state.application
    inbox: Inbox = request.app.state.inbox
    try:
        items = application.portal.items(await request.body())
    except NotAllowedError:
        raise ProblemError(NOT_ADMITTED) from None
    if items:
        await inbox.put(items)
    return Response(status_code=200)
