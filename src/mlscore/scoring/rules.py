"""The rules, in the words of the sales team: target client, target request, plus signs, self-check."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.policy import Criterion, Op, Policy
from mlscore.scoring.policy.facts import TURNOVER, Facts
from mlscore.scoring.policy.terms import TARGET_INDUSTRIES
from mlscore.scoring.receipt import Grade, Route
from mlscore.scoring.tri import Tri

Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]

ROUTES = tuple(Route)
GRADES = (Grade.NONE, Grade.CCC, Grade.BBB, Grade.AAA)
CHECKLIST = (
    "above_limit",
    "target_client",
    "in_nomenclature",
    "all_roles",
    "whole_need",
    "budget_allocated",
    "delivery_date",
)
WHOLE_NEED = 1.0


_COMPARED = {
    Op.ABOVE: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.BELOW: operator.lt,
    Op.AT_MOST: operator.le,
    Op.IS: operator.eq,
}


@dataclass(frozen=True, slots=True)
class Lead:
    """Stage 1: is the lead Fire, and where does it go. Every column has one entry a deal."""

    criteria: tuple[Tri, ...]
    client: Tri
    request: Tri
    fire: Tri
    route: Codes


@dataclass(frozen=True, slots=True)
class Bant:
    """Stage 2: the plus signs and the letters they make."""

    need: Tri
    budget: Tri
    urgency: Tri
    overdue: Flags
    by_ladder: Codes
    by_count: Codes
    official: Codes
    ceiling: Codes


def meets(criterion: Criterion, facts: Facts) -> Tri:
    """Answer one criterion of the policy for every deal."""
    if criterion.op is Op.IN:
        return _is_listed(criterion, facts)
    column = facts.number(criterion.field)
    known = ~np.isnan(column)
    value = criterion.value
    if not isinstance(value, int | float):
        return tri.constant(tri.UNKNOWN, facts.size)
    return tri.where(_COMPARED[criterion.op](column, value), known=known)


def _is_listed(criterion: Criterion, facts: Facts) -> Tri:
    if criterion.value == TARGET_INDUSTRIES:
        return facts.target_industry
    wanted = criterion.value if isinstance(criterion.value, tuple) else ()
    if criterion.field in {"industry", "product_category"}:
        vocabulary, found = (
            (facts.industries, facts.industry) if criterion.field == "industry" else (facts.categories, facts.category)
        )
        positions = [vocabulary.index(word) for word in wanted]
        return tri.where(np.isin(found, positions), known=found >= 0)
    column = facts.text(criterion.field)
    return np.array([tri.UNKNOWN if text is None else float(text in wanted) for text in column])


def unknown_facts_of(criterion: Criterion) -> str:
    """Name the fact that would settle a criterion."""
    return "annual_turnover_rub" if criterion.field == TURNOVER else criterion.field


def judge_lead(facts: Facts) -> Lead:
    """Stage 1 of the article: target client, target request, and the way on."""
    policy = facts.policy
    criteria = tuple(meets(criterion, facts) for criterion in policy.criteria)
    client = tri.all_of(tri.constant(tri.YES, facts.size), *criteria)
    request = facts.in_nomenclature
    fire = tri.all_of(client, request)
    route = _routes(policy)[tri.position(client), tri.position(request)]
    return Lead(criteria=criteria, client=client, request=request, fire=fire, route=route)


@lru_cache(maxsize=64)
def _routes(policy: Policy) -> Codes:
    """Return the way on by what is said of the client and of the request: no, yes, unknown."""
    silent, open_ = Route(policy.nontarget_client_request), Route.UNDETERMINED
    by_request = (
        (Route.REJECT, silent, open_),  # the client is no target one
        (Route.COMPANY, Route.DEAL, open_),  # a target client
        (open_, open_, open_),  # nobody knows
    )
    return np.array([[ROUTES.index(route) for route in row] for row in by_request], dtype=np.intp)


def judge_bant(facts: Facts) -> Bant:
    """Stage 2 of the article: need, budget, urgency, and both readings of the letters."""
    need = tri.all_of(facts.number("need_defined"), facts.in_nomenclature)
    budget = tri.all_of(facts.number("budget_allocated"), enough_budget(facts))
    urgency, overdue = _urgency(facts)
    signs = (need, budget, urgency)
    given = [tri.yes(sign) for sign in signs]
    ladder, count = _ladder(*given), _count(*given)
    is_ladder = facts.policy.grading.mode == "ladder"
    hoped = [~tri.no(sign) for sign in signs]
    return Bant(
        need=need,
        budget=budget,
        urgency=urgency,
        overdue=overdue,
        by_ladder=ladder,
        by_count=count,
        official=ladder if is_ladder else count,
        ceiling=_ladder(*hoped) if is_ladder else _count(*hoped),
    )


def enough_budget(facts: Facts) -> Tri:
    """Answer whether the budget's amount is enough, allocated or not."""
    amount = facts.money("budget_amount")
    least = facts.policy.grading.budget_min
    return tri.where(amount > 0 if least is None else amount >= least, known=~np.isnan(amount))


def needed_soon(facts: Facts) -> Tri:
    """Answer whether the date needed lies within the days that count as urgent; one already past does."""
    days_left = facts.number("delivery_needed_by") - facts.today
    return tri.where(days_left <= facts.policy.grading.urgent_days, known=~np.isnan(days_left))


def _urgency(facts: Facts) -> tuple[Tri, Flags]:
    asap = facts.number("asap")
    # A known date settles it even where nobody asked "as soon as possible?".
    urgency = np.where(tri.yes(asap), tri.YES, needed_soon(facts))
    return urgency, facts.number("delivery_needed_by") < facts.today


def _ladder(need: Flags, budget: Flags, urgency: Flags) -> Codes:
    return need.astype(np.intp) + (need & budget) + (need & budget & urgency)


def _count(need: Flags, budget: Flags, urgency: Flags) -> Codes:
    return need.astype(np.intp) + budget + urgency


def bant_flags(bant: Bant) -> dict[str, Flags]:
    """Say where the letters hide something, only on a known no."""
    need, budget, urgency = (tri.yes(sign) for sign in (bant.need, bant.budget, bant.urgency))
    return {
        "no_urgency": need & budget & tri.no(bant.urgency),
        "urgent_without_budget": need & tri.no(bant.budget) & urgency,
        "need_not_defined": tri.no(bant.need) & budget,
        "delivery_overdue": bant.overdue,
    }


def vocabulary_flags(facts: Facts) -> dict[str, Flags]:
    """Say where a text was given that is in none of the policy's lists, and so counts as unknown."""
    return {
        f"{name}_not_listed": np.array([bool(text and text.strip()) for text in facts.text(fact)], dtype=bool)
        & (found < 0)
        for name, fact, found in (
            ("industry", "industry", facts.industry),
            ("category", "product_category", facts.category),
        )
    }


def role_coverage(facts: Facts) -> tuple[Tri, NDArray[np.float64]]:
    """Tell whether all three buying-centre roles are reached, and how many are known to be (0-3)."""
    roles = [facts.number(name) for name in ("role_economic", "role_technical", "role_user")]
    reached = np.add.reduce([tri.yes(role) for role in roles], dtype=np.float64)
    return tri.all_of(*roles), reached


def checklist(facts: Facts, lead: Lead, above_limit: Tri) -> tuple[Tri, ...]:
    """Answer the seven points of the article's self-check, in the order of `CHECKLIST`."""
    coverage = facts.number("need_coverage")
    dated = (~np.isnan(facts.number("delivery_needed_by"))).astype(np.float64)
    return (
        above_limit,
        lead.client,
        lead.request,
        role_coverage(facts)[0],
        tri.where(coverage >= WHOLE_NEED, known=~np.isnan(coverage)),
        facts.number("budget_allocated"),
        tri.any_of(facts.number("asap"), dated),
    )
