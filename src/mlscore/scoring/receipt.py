"""A receipt: what was known of a deal when it was scored, and what rules and model answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from mlscore.scoring.deal import Deal


class Route(StrEnum):
    """A lead's way on."""

    DEAL = "deal"
    COMPANY = "company"
    REVIEW = "review"
    REJECT = "reject"
    UNDETERMINED = "undetermined"


class Verdict(StrEnum):
    """The rules' answer, and the actions a decision may name."""

    ACCEPT = "accept"
    ACCEPT_EXCEPTION = "accept_exception"
    ASK = "ask"
    REVIEW = "review"
    NURTURE = "nurture"
    REFUSE = "refuse"
    REJECT = "reject"


class Grade(StrEnum):
    """The letter of a deal: need, budget, urgency."""

    AAA = "AAA"
    BBB = "BBB"
    CCC = "CCC"
    NONE = "none"


ExceptionKind = Literal["regular_small", "trial"]
Basis = Literal["given", "amount_less_cost", "estimated", "unknown"]
DecidedBy = Literal["rule", "model", "both"]
Agreement = Literal["both_yes", "both_no", "rule_only", "model_only", "undecided"]
Label = Literal["profitable", "won"]
Goal = Literal["floor", "grade", "capacity", "probability"]
Param = str | float | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of the rules, by its message code: its answer, and the values that fill it."""

    code: str
    answer: bool | None
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The three plus signs of BANT."""

    need: bool | None
    budget: bool | None
    urgency: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionTerms:
    """An exception that may excuse the floor; the approval is a person's."""

    kind: ExceptionKind
    approved_by: str | None = None
    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EconomicsAnswer:
    """A deal against the floor; money in minor units."""

    floor: int
    target: int | None
    stretch: int | None
    cost_per_worked_deal: float
    profit_if_won: int | None
    basis: Basis
    passes: bool | None
    exception: ExceptionTerms | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem:
    """One of the seven points of the article's self-check."""

    item: int
    code: str
    answer: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """Everything the rules said of one deal."""

    fire: bool | None
    route: Route
    verdict: Verdict
    signs: Signs
    grade: Grade
    grade_by_ladder: Grade
    grade_by_count: Grade
    grade_ceiling: Grade
    economics: EconomicsAnswer
    checklist: tuple[ChecklistItem, ...]
    flags: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]
    policy_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReason:
    """How much one business fact moved the probability, in probability points."""

    fact: str
    value: Param
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """Everything the model said of one deal; `expected_profit` in minor units, a lost deal counting 0.

    `within_capacity`: whether it is at or above what the last deal within the team's capacity was expected to bring
    when the model was trained; None where that is not known, or the model abstains.
    """

    probability: float
    interval: tuple[float, float]
    rule_probability: float
    expected_profit: float | None
    label: Label
    reasons: tuple[ModelReason, ...]
    similar_deals: int
    model_version: str
    abstained: bool
    abstained_because: str | None
    simulated: bool
    policy_drift: bool
    within_capacity: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The service's answer to the CRM."""

    action: Verdict
    decided_by: DecidedBy
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion:
    """The unknown fact whose answer would, in expectation, move the score most, with the probability either way."""

    fact: str
    if_yes: float | None
    if_no: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact as a seller could make it."""

    fact: str
    to: Param


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a seller can bring about, and what it would lead to: one change, or it and those in `also` together.

    `goal` is what it is the cheapest way to; None in receipts older than goals.
    """

    fact: str
    to: Param
    verdict: Verdict
    grade: Grade
    probability: float | None
    goal: Goal | None = None
    also: tuple[Change, ...] = ()


Logged = Literal["stored", "spooled", "dry_run"]
Origin = Literal["live", "import", "sandbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was said of a deal: codes and values, never sentences.

    `challenger` is what the model that may serve next said, without reasons; it had no part in the decision.
    """

    rule: RuleAnswer
    model: ModelAnswer | None
    decision: Decision
    next_question: NextQuestion | None = None
    path: tuple[Step, ...] = ()
    challenger: ModelAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was known and what was said, kept for good. `as_of` is None only for undated imported history."""

    receipt_id: str
    deal: Deal
    as_of: datetime | None
    scored_at: datetime
    answer: Answer
    origin: Origin = "live"
    logged: Logged = "stored"
