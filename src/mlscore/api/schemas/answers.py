"""What is answered: a score, as the contract with the CRM has it. Later versions add fields, never change one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mlscore.scoring.receipt import Agreement, Basis, DecidedBy, Goal, Grade, Label, Logged, Route, Verdict

Units = Annotated[int | float, Field(description="Money in whole units of the policy's currency.")]
Chance = Annotated[float, Field(description="A probability, 0-1.")]
Value = bool | int | float | date | str | None


class Out(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())


class SignsOut(Out):
    """The plus signs of BANT; null is unknown."""

    need: bool | None
    budget: bool | None
    urgency: bool | None


class ExceptionOut(Out):
    """What may excuse a profit below the floor; the approval is a person's."""

    kind: str
    approved_by: str | None
    reason: str | None
    until: datetime | None


class EconomicsOut(Out):
    """The deal against the floor."""

    floor: Units
    target: Units | None
    stretch: Units | None
    cost_per_worked_deal: Units
    profit_if_won: Units | None
    basis: Basis
    passes: bool | None
    exception: ExceptionOut | None


class ChecklistOut(Out):
    """One of the seven points of the self-check."""

    item: int
    code: str
    answer: bool | None
    text: str


class RuleReasonOut(Out):
    """One thing the rules looked at, and what they found."""

    code: str
    answer: bool | None
    text: str


class RuleOut(Out):
    """What the rules say."""

    fire: bool | None
    route: Route
    verdict: Verdict
    signs: SignsOut
    grade: Grade
    grade_by_ladder: Grade
    grade_by_count: Grade
    grade_ceiling: Grade
    economics: EconomicsOut
    checklist: list[ChecklistOut]
    flags: list[str]
    missing: list[str]
    reasons: list[RuleReasonOut]
    policy_version: str


class ModelReasonOut(Out):
    """How far one fact moved the probability, in probability points."""

    fact: str
    text: str
    effect: float


class ModelOut(Out):
    """What the model says."""

    probability: Chance
    interval: tuple[Chance, Chance]
    rule_probability: Chance
    expected_profit: Units | None
    label: Label
    reasons: list[ModelReasonOut]
    similar_deals: int
    model_version: str
    abstained: bool
    abstained_because: str | None
    simulated: bool
    policy_drift: bool
    within_capacity: bool | None
    abstained_text: str | None


class DecisionOut(Out):
    """The service's answer."""

    action: Verdict
    decided_by: DecidedBy
    agreement: Agreement


class NextQuestionOut(Out):
    """The unknown fact whose answer is expected to change most, with the probability either way."""

    fact: str
    text: str
    if_yes: Chance | None
    if_no: Chance | None


class ChangeOut(Out):
    """One fact as a seller could make it."""

    fact: str
    to: Value
    text: str


class StepOut(Out):
    """What a seller can bring about, and what it would lead to: one change, or it and those in `also` together.

    `text` says all of them. `goal` is what it is the cheapest way to.
    """

    fact: str
    to: Value
    text: str
    verdict: Verdict
    grade: Grade
    probability: Chance | None
    goal: Goal | None
    also: list[ChangeOut]


class ScoreOut(Out):
    """A scored deal. `receipt_id` is null on a dry run, which keeps no receipt; a `challenger` never decides."""

    model_config = ConfigDict(title="Score")

    receipt_id: str | None
    deal_id: str
    as_of: datetime | None
    scored_at: datetime
    logged: Logged
    rule: RuleOut
    model: ModelOut | None
    challenger: ModelOut | None
    decision: DecisionOut
    next_question: NextQuestionOut | None
    path: list[StepOut]


class FaultOut(Out):
    """One field that is wrong."""

    pointer: str
    code: str
    detail: str


class ProblemOut(Out):
    """Problem details (RFC 9457). What was sent is never repeated."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultOut] | None = None


class BatchItemOut(Out):
    """One deal of a batch: its score, or the problem with it."""

    index: int
    score: ScoreOut | None = None
    problem: dict[str, Any] | None = None


class BatchOut(Out):
    """One result a deal, in the order sent."""

    results: list[BatchItemOut]


class DealScoresOut(Out):
    """Every score of a deal, newest first."""

    deal_id: str
    scores: list[ScoreOut]


class OutcomeOut(Out):
    """An outcome as recorded; `scored` tells whether the service has ever scored its deal."""

    deal_id: str
    status: str
    closed_at: datetime | None
    realised_profit: Units | None
    version: int
    recorded_at: datetime
    scored: bool


class OutcomeItemOut(Out):
    """One outcome of many: as recorded, or the problem with it."""

    index: int
    outcome: OutcomeOut | None = None
    problem: dict[str, Any] | None = None


class OutcomesOut(Out):
    """One result an outcome, in the order sent."""

    results: list[OutcomeItemOut]
