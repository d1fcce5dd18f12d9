"""The feed: a firm's live scores, for whoever asks again and again for what is new."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from mlscore.api.desk import AtDesk
from mlscore.api.openapi import problems
from mlscore.api.schemas.events import FeedOut
from mlscore.http.json_answer import JsonAnswer
from mlscore.http.json_body import JsonRoute
from mlscore.scoring.errors import FactError

SCORES_AT_MOST = 500

router = APIRouter(prefix="/v1", tags=["CRMs in step"], route_class=JsonRoute)


class FeedQuery(BaseModel):
    """Where to go on in the feed."""

    model_config = ConfigDict(extra="forbid")

    since: str = Field(
        default="0",
        pattern="^[0-9]{1,18}$",
        description="The cursor: `next` of the answer before. Left out, the feed is read from its beginning.",
    )
    limit: int = Field(default=100, ge=1, le=SCORES_AT_MOST, description="How many scores at most.")


@router.get("/scores", summary="Read the feed of scores", responses=problems(422), response_model=FeedOut)
def read_feed(query: Annotated[FeedQuery, Query()], desk: AtDesk) -> JsonAnswer:
    """Return the scores after a cursor, in the order in which they became readable, in the reader's language.

    Imported and sandbox scores are not in it. A score that waited for the database comes once it is stored, behind
    those already read: who asks with the last `next` misses none.
    """
    feed, since = desk.application.feed, int(query.since)
    found = feed.since(desk.kept_in, since, at_most=query.limit + 1)
    if not found and since > feed.newest(desk.kept_in):
        # A database was put back from a copy: what is numbered next would never be read.
        raise FactError("This cursor lies beyond the feed.", code="problem.cursor_ahead", fact="?since")
    page = found[: query.limit]
    return JsonAnswer(
        {
            "scores": [desk.written(one.receipt) for one in page],
            "next": str(page[-1].number if page else since),
            "has_more": len(found) > len(page),
        }
    )
