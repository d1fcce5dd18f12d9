"""Routes that say by which policy and model a firm is served, and how the two have done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder

from mlscore.api.desk import AtDesk
from mlscore.api.openapi import problems
from mlscore.api.rendering import units, units_or_none
from mlscore.api.schemas import reports as r
from mlscore.scoring.comparison import Interval, Scorecard, Swap
from mlscore.scoring.deal import FACTS, MINOR_UNITS, Kind
from mlscore.scoring.policy import Criterion, fingerprint
from mlscore.service.comparing import ComparisonReport, ShadowReport

router = APIRouter(prefix="/v1", tags=["reports"])


@router.get("/policy", summary="Read the policy in force", responses=problems())
def read_policy(desk: AtDesk) -> r.PolicyOut:
    """Return the policy this firm's deals are scored by."""
    version = desk.application.policies.current(desk.firm)
    policy = version.policy
    texts = [c.text_ru if desk.language == "ru" else c.text_en for c in policy.criteria]
    return r.PolicyOut(
        policy_version=version.fingerprint,
        version=version.version,
        name=policy.name,
        currency=policy.currency,
        applied_at=version.applied_at,
        applied_by=version.applied_by,
        why=version.why,
        pinned=desk.application.policies.is_pinned,
        decide_by=policy.deciding.decide_by,
        floor=units(policy.economics.floor_profit),
        cost_per_worked_deal=units(policy.economics.cost_per_worked_deal),
        min_amount=units_or_none(policy.economics.min_amount),
        criteria=[
            r.CriterionOut(
                code=c.code,
                field=c.field,
                op=c.op,
                value=_value(c),
                text=text,
            )
            for c, text in zip(policy.criteria, texts, strict=True)
        ],
        document=version.document,
    )


def _value(criterion: Criterion) -> float | str | bool | list[str]:
    """Return what a criterion compares with as its document has it: money in whole units."""
    if isinstance(criterion.value, tuple):
        return list(criterion.value)
    fact = FACTS.get(criterion.field)
    is_money = fact is not None and fact.kind is Kind.MONEY
    return units(float(criterion.value)) if is_money else criterion.value


@router.get("/model", summary="Read about the model", responses=problems())
def read_model(desk: AtDesk) -> r.ModelInfoOut:
    """Return which model answers, whether it has passed its gates, and what it was made from."""
    serving = desk.application.champions.serving(desk.firm)
    model = serving.model
    today = desk.application.policies.current(desk.firm).fingerprint
    return r.ModelInfoOut(
        loaded=model is not None,
        model_version=model.version if model else None,
        label=model.label if model else None,
        simulated=model.simulated if model else None,
        approved=model is not None and model.why_unapproved is None,
        why_not_approved=model.why_unapproved if model else serving.why_none,
        policy_version=fingerprint(model.policy) if model else None,
        policy_drift=fingerprint(model.policy) != today if model else None,
        refused=serving.refused,
        capacity_line=units_or_none(model.capacity_line) if model else None,
        challenger_version=serving.challenger.version if serving.challenger else None,
        challenger_refused=serving.challenger_refused,
        card=_json(desk.application.champions.card(desk.firm)),
    )


@router.get("/comparison", summary="Compare rules and model", responses=problems())
def read_comparison(desk: AtDesk) -> r.ComparisonOut:
    """Return how rules and model have ranked the same closed deals, and in what they part."""
    report = desk.application.comparing.compare(desk.firm, sandbox=desk.sandbox)
    compared = report.comparison
    return r.ComparisonOut(
        deals=compared.deals,
        positives=compared.positives,
        label=report.label,
        policy_version=report.policy_version,
        live=report.live,
        backtested=report.backtested,
        model_versions=dict(report.model_versions),
        without_model_answer=report.without_model_answer,
        backtested_by_another=report.backtested_by_another,
        without_profit=report.without_profit,
        without_outcome=dict(report.without_outcome),
        worked=compared.worked,
        oracle_profit=units(compared.oracle_profit),
        random_profit=units(compared.random_profit),
        scorers=[_scorecard(card) for card in compared.scorecards],
        swap={name: _cell(swap, report, name) for name, swap in compared.swap.items()},
        undecided={name: _cell(swap, report, name) for name, swap in report.undecided.items()},
        currency=report.currency,
        cost_per_worked_deal=units(report.cost_per_worked_deal),
        all_workable=report.all_workable,
        challenger=None if report.challenger is None else _shadow(report.challenger),
    )


def _cell(swap: Swap, report: ComparisonReport, name: str) -> r.SwapOut:
    return r.SwapOut(
        deals=swap.deals,
        hits=swap.hits,
        profit=units(swap.profit),
        net_profit=units(swap.profit - swap.deals * report.cost_per_worked_deal),
        deal_ids=list(report.deal_ids.get(name, ())),
    )


def _shadow(report: ShadowReport) -> r.ShadowOut:
    compared = report.comparison
    return r.ShadowOut(
        model_version=report.model_version,
        deals=compared.deals,
        positives=compared.positives,
        worked=compared.worked,
        scorers=[_scorecard(card) for card in compared.scorecards],
    )


def _scorecard(card: Scorecard) -> r.ScorecardOut:
    captured = card.profit_captured
    return r.ScorecardOut(
        scorer=card.scorer,
        auc=_interval(card.auc),
        average_precision=_interval(card.average_precision),
        profit_captured=_interval(
            Interval(captured.value / MINOR_UNITS, captured.low / MINOR_UNITS, captured.high / MINOR_UNITS)
        ),
        log_loss=None if card.log_loss is None else _interval(card.log_loss),
        brier=None if card.brier is None else _interval(card.brier),
    )


def _interval(figure: Interval) -> r.IntervalOut:
    return r.IntervalOut(value=_known(figure.value), low=_known(figure.low), high=_known(figure.high))


def _known(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _json(card: Mapping[str, object]) -> dict[str, Any]:
    encoded: dict[str, Any] = jsonable_encoder(dict(card))
    return encoded
