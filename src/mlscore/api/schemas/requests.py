"""What may be sent: a deal's facts and outcomes, every field with its unit and an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mlscore.api.schemas import fields as f
from mlscore.scoring.deal import Deal, Outcome, Status

BATCH_AT_MOST = 1000


def fact(description: str, example: object) -> Any:  # noqa: ANN401 - as pydantic's Field, in whose place it stands
    """Declare an optional fact; left out, or null, it is unknown."""
    return Field(default=None, description=description, examples=[example])


class DealIn(BaseModel):
    """The facts of one deal at one moment.

    All are optional but `deal_id`; null or absent means unknown, which is never taken for a no. Money is in whole
    units of `currency`, with at most two decimals.
    """

    model_config = ConfigDict(extra="forbid", title="Deal")

    deal_id: f.DealId = Field(
        description="The CRM's id of the deal: 1-128 printable characters, none of / \\ ? # %.", examples=["D-17"]
    )
    as_of: f.Moment | None = fact(
        "The moment these facts were true, with its offset; now when absent, at most five minutes ahead.",
        "2026-03-02T10:00:00+03:00",
    )
    stage: Literal["lead", "deal"] | None = fact("Which funnel it is in: `lead` or `deal`.", "deal")
    created_at: f.Moment | None = fact("When the deal was opened, with its offset.", "2026-02-20T09:30:00+03:00")
    company_id: f.Text = fact("The CRM's id of the client; its other deals make the history facts.", "C-4")
    industry: f.Text = fact("The client's industry: a code of the policy's list, or a synonym.", "dairy")
    annual_turnover_rub: f.Number | None = fact("Annual turnover of the legal entity, RUB a year.", 1_200_000_000)
    group_turnover_rub: f.Number | None = fact("Annual turnover of its group, RUB a year.", 3_000_000_000)
    steam_tph: f.Number | None = fact("Steam the client's plant makes or uses, t/h.", 5)
    region: f.Text = fact("The region the client is in.", "Tver")
    employees: f.Number | None = fact("People working for the client.", 420)
    is_existing_customer: f.Tri | None = fact("Whether the client has bought from us before.", example=True)
    product_category: f.Text = fact("What is asked for: a code of the policy's list, or a synonym.", "steam_trap")
    in_nomenclature: f.Tri | None = fact("Whether we supply what is asked for.", example=True)
    request_text: f.LongText = fact("The request in the client's words; up to 20 000 characters.", "20 steam traps")
    need_defined: f.Tri | None = fact("Whether the client knows what solves the problem.", example=True)
    need_coverage: f.Share | None = fact("The share of the whole need we can supply, 0-1.", 0.6)
    budget_allocated: f.Tri | None = fact("Whether a budget is allocated; collecting offers is false.", example=True)
    budget_amount: f.Amount | None = fact("The client's budget.", 60_000)
    delivery_needed_by: f.Day | None = fact("The day delivery is needed by, YYYY-MM-DD.", "2026-03-20")
    asap: f.Tri | None = fact("Whether delivery is needed as soon as possible.", example=False)
    role_economic: f.Tri | None = fact("Whether we talk to who approves the spending.", example=True)
    role_technical: f.Tri | None = fact("Whether we talk to who chooses the technical solution.", example=True)
    role_user: f.Tri | None = fact("Whether we talk to who will use it.", example=False)
    amount: f.Amount | None = fact("The deal's amount.", 52_000.5)
    cost: f.Amount | None = fact("What the deal costs us.", 40_000)
    profit_if_won: f.Money | None = fact("The seller's figure of profit, if won; else amount less cost.", 12_000)
    currency: Annotated[str, Field(strict=True, pattern="^[A-Za-z]{3}$")] | None = fact(
        "Three letters of ISO 4217; the policy's when absent.", "RUB"
    )
    source: f.Text = fact("Where the lead came from.", "exhibition")
    funnel: f.Text = fact("The CRM's funnel.", "main")
    seller_id: f.Text = fact("The seller's id; kept, never used to score.", "S-2")
    trial_order: f.Tri | None = fact("Whether it is marked as a trial order.", example=False)
    prospects_profit: f.Money | None = fact("Profit the client's later orders may bring, as stated.", 20_000)
    won_deals_24m: f.Number | None = fact("The client's other deals won in 24 months; counted when absent.", 4)
    median_profit_24m: f.Money | None = fact("Their median profit; computed when absent.", 12_000)
    small_exceptions_6m: f.Number | None = fact(
        "The client's other deals excused as small in 6 months; counted when absent.", 0
    )
    trial_exceptions: f.Number | None = fact("The client's other deals excused as trials; counted when absent.", 0)
    extra: f.CustomFacts = Field(
        default_factory=dict, description="Custom facts the policy declares, by name.", examples=[{"boiler_age": 12}]
    )

    def deal(self) -> Deal:
        """Return the deal, its money in minor units."""
        return Deal(**self.__dict__)


class BatchIn(BaseModel):
    """Up to 1 000 deals, each validated and answered alone."""

    model_config = ConfigDict(extra="forbid", title="Batch")

    deals: Annotated[
        list[Any],
        Field(
            max_length=BATCH_AT_MOST,
            description="Deals, no deal_id twice.",
        ),
    ]


class OutcomeIn(BaseModel):
    """How one deal ended, or that it is open again. Reporting it again with other figures adds a version."""

    model_config = ConfigDict(extra="forbid", title="Outcome")

    deal_id: f.DealId = Field(description="The deal, as it was scored.", examples=["D-17"])
    status: Literal["won", "lost", "reopened"] = Field(
        description="How it ended; reopened takes back that it had.", examples=["won"]
    )
    closed_at: f.Moment | None = fact("When it closed, with its offset.", "2026-04-11T16:00:00+03:00")
    realised_profit: f.Money | None = fact("What it brought, in units of the policy's currency.", 9_400)

    def outcome(self) -> Outcome:
        """Return the outcome, its money in minor units."""
        return Outcome(
            deal_id=self.deal_id,
            status=Status(self.status),
            closed_at=self.closed_at,
            realised_profit=self.realised_profit,
        )


class OutcomesIn(BaseModel):
    """Up to 1 000 outcomes, each validated and answered alone."""

    model_config = ConfigDict(extra="forbid", title="Outcomes")

    outcomes: Annotated[
        list[Any],
        Field(
            max_length=BATCH_AT_MOST,
            description="Outcomes, no deal_id twice.",
        ),
    ]
