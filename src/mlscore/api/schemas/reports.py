"""What is answered about policy, model, and how the two have done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mlscore.api.schemas.answers import Out, Units
from mlscore.scoring.receipt import Label, Verdict


class CriterionOut(Out):
    """One filter of the target client."""

    code: str
    field: str
    op: str
    value: float | str | bool | list[str]
    text: str


class PolicyOut(Out):
    """The policy in force; `document` is the whole of it, as a manager edits it."""

    policy_version: str
    version: int
    name: str
    currency: str
    applied_at: datetime
    applied_by: str
    why: str
    pinned: bool
    decide_by: str
    floor: Units
    cost_per_worked_deal: Units
    min_amount: Units | None
    criteria: list[CriterionOut]
    document: str


class ModelInfoOut(Out):
    """The model in memory, or why there is none; `card` holds its gates, metrics and provenance.

    `challenger_version` is the one that answers in its shadow, `challenger_refused` why one does not.
    """

    loaded: bool
    model_version: str | None
    label: Label | None
    simulated: bool | None
    approved: bool
    why_not_approved: str | None
    policy_version: str | None
    policy_drift: bool | None
    refused: str | None
    capacity_line: Units | None
    challenger_version: str | None
    challenger_refused: str | None
    card: dict[str, Any]


class IntervalOut(Out):
    """A figure and its 90 % bootstrap interval; null where there is too little to tell."""

    value: float | None
    low: float | None
    high: float | None


class ScorecardOut(Out):
    """One scorer on the deals compared; the rules rank, they give no probability."""

    scorer: str
    auc: IntervalOut
    average_precision: IntervalOut
    profit_captured: IntervalOut
    log_loss: IntervalOut | None
    brier: IntervalOut | None


class SwapOut(Out):
    """Deals on which rules and model agree, or part; `hits` paid, or were won where no profit is recorded.

    `net_profit` is `profit` less what working each of them costs. `deal_ids` names the newest, 100 at most.
    """

    deals: int
    hits: int
    profit: Units
    net_profit: Units
    deal_ids: list[str]


class ShadowOut(Out):
    """Rules, model and challenger on the closed deals that both models answered when they were scored."""

    model_version: str
    deals: int
    positives: int
    worked: int
    scorers: list[ScorecardOut]


class ComparisonOut(Out):
    """Rules and model on the same closed deals.

    `live` deals carry the answer the model gave when they were scored, `backtested` ones an out-of-time prediction
    made when the champion was trained; the others are left out, also where the prediction is of a model that serves no
    longer (`backtested_by_another`). `model_versions` counts deals by who answered. `profit_captured` is what the
    `worked` deals ranked highest brought, half of all where the team could have worked them all (`all_workable`).
    `undecided` parts the cell of that name by who said neither yes nor no: `rules_wait`, `model_abstains`, or `both`.
    `challenger` is null until enough of the deals it answered in the shadow have closed.
    """

    deals: int
    positives: int
    label: Label
    policy_version: str
    live: int
    backtested: int
    model_versions: dict[str, int]
    without_model_answer: int
    backtested_by_another: int
    without_profit: int
    without_outcome: dict[Verdict, int]
    worked: int
    oracle_profit: Units
    random_profit: Units
    scorers: list[ScorecardOut]
    swap: dict[str, SwapOut]
    undecided: dict[str, SwapOut]
    currency: str
    cost_per_worked_deal: Units
    all_workable: bool
    challenger: ShadowOut | None
