"""Events about deals, and what they are answered with; the feed of scores."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mlscore.api.schemas import examples
from mlscore.api.schemas import fields as f
from mlscore.api.schemas.answers import Out, OutcomeOut, ScoreOut
from mlscore.api.schemas.requests import DealIn, OutcomeIn

EventType = Literal["deal.changed", "deal.closed"]
EventId = Annotated[str, Field(strict=True, pattern=r"^[\x21-\x7e]{1,128}$")]


class EventDataIn(BaseModel):
    """What an event is about: the `deal` of `deal.changed`, the `outcome` of `deal.closed`."""

    model_config = ConfigDict(extra="forbid", title="EventData")

    deal: DealIn | None = Field(default=None, description="The facts of the deal, as POST /v1/score takes them.")
    outcome: OutcomeIn | None = Field(default=None, description="How it ended, as POST /v1/outcomes takes it.")


class EventIn(BaseModel):
    """Something that happened to a deal. `timestamp` is when it did; a deal's facts carry their own `as_of`."""

    model_config = ConfigDict(extra="forbid", title="Event")

    id: EventId | None = Field(
        default=None,
        description="Yours: 1-128 visible ASCII characters. An event is done once, whoever sends it again; where it is "
        "signed, `webhook-id` stands for it.",
        examples=["evt-2041"],
    )
    type: EventType = Field(description="What happened.", examples=["deal.changed"])
    timestamp: f.Moment | None = Field(
        default=None, description="When it happened, with its offset.", examples=["2026-03-02T10:00:00+03:00"]
    )
    data: EventDataIn


class EventOut(Out):
    """What came of an event: the score of `deal.changed`, the recorded outcome of `deal.closed`."""

    id: str
    type: EventType
    score: ScoreOut | None
    outcome: OutcomeOut | None


class FeedOut(Out):
    """Scores after a cursor, the first of them first.

    `next` is the cursor after the last of them, to ask with from then on, also where there was none. `has_more` tells
    whether to ask again at once.
    """

    scores: list[ScoreOut]
    next: str
    has_more: bool


EVENTS: Any = {
    "a deal that changed": {"value": {"id": "evt-2041", "type": "deal.changed", "data": {"deal": examples.ACCEPTED}}},
    "a deal that closed": {"value": {"id": "evt-2042", "type": "deal.closed", "data": {"outcome": examples.WON}}},
}
