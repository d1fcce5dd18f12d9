"""The rules' answer for one deal: what they said, why, and which facts would settle what they could not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import compress
from math import isnan

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.economics import BASES, REGULAR_SMALL_FACTS, TRIAL_FACTS
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import ChecklistItem, EconomicsAnswer, Param, Reason, Route, RuleAnswer, Signs
from mlscore.scoring.rules import CHECKLIST, GRADES, ROUTES, unknown_facts_of
from mlscore.scoring.tri import Tri
from mlscore.scoring.verdict import VERDICTS, Verdicts

_WORDS = {True: "yes", False: "no", None: "unknown"}
_CHECKLIST_ITEMS = tuple(
    tuple(ChecklistItem(item=number, code=code, answer=answer) for answer in tri.ANSWERS)
    for number, code in enumerate(CHECKLIST, start=1)
)


_ROOM = 1 << 60
"""Beyond it a number of marks would no longer hold another."""


def explain(judged: Verdicts, row: int) -> RuleAnswer:
    """Return everything the rules say of one deal."""
    told = judged.told
    of_lead = tuple(told.of_lead[row])
    route, verdict, official, by_ladder, by_count, ceiling = told.codes[row]
    fire, need, budget, urgency, _ = (tri.ANSWERS[said] for said in of_lead[-5:])
    return RuleAnswer(
        fire=fire,
        route=ROUTES[route],
        verdict=VERDICTS[verdict],
        signs=_signs(need, budget, urgency),
        grade=GRADES[official],
        grade_by_ladder=GRADES[by_ladder],
        grade_by_count=GRADES[by_count],
        grade_ceiling=GRADES[ceiling],
        economics=_economics(judged, row),
        checklist=tuple(items[said] for items, said in zip(_CHECKLIST_ITEMS, told.of_checklist[row], strict=True)),
        flags=tuple(compress(judged.flags, told.flags[row])),
        missing=missing_facts(judged, row),
        reasons=(*_reasons_of_lead(judged.policy, ROUTES[route], of_lead), *_economic_reasons(judged, row)),
        policy_version=fingerprint(judged.policy),
    )


@cache
def _signs(need: bool | None, budget: bool | None, urgency: bool | None) -> Signs:
    return Signs(need=need, budget=budget, urgency=urgency)


def _economics(judged: Verdicts, row: int) -> EconomicsAnswer:
    terms, economy = judged.policy.economics, judged.economy
    floor, profit = terms.floor_profit, economy.profit[row]
    return EconomicsAnswer(
        floor=floor,
        target=round(floor * terms.target_factor) if floor else None,
        stretch=round(floor * terms.stretch_factor) if floor else None,
        cost_per_worked_deal=terms.cost_per_worked_deal,
        profit_if_won=None if isnan(profit) else int(profit),
        basis=BASES[economy.basis[row]],
        passes=tri.to_python(economy.passes[row]),
        exception=judged.exception(row),
    )


def missing_facts(judged: Verdicts, row: int) -> tuple[str, ...]:
    """Name the unknown facts that would settle the verdict of one deal."""
    route = ROUTES[judged.lead.route[row]]
    if route is Route.UNDETERMINED:
        names = _missing_for_route(judged, row)
    elif route is Route.DEAL:
        names = _missing_for_economics(judged, row)
    else:
        names = iter(())
    return tuple(dict.fromkeys(names))


def missing_of_every(judged: Verdicts) -> list[tuple[str, ...]]:
    """Return `missing_facts` of every deal, worked out once for all that are alike in what it hangs on."""
    facts, economy, lead = judged.facts, judged.economy, judged.lead
    columns = [lead.client, lead.request, *lead.criteria, economy.passes, economy.above_min_amount]
    exceptions = [judged.exception_regular, judged.exception_trial]
    columns += [*exceptions, *(facts.number(name) for name in (*REGULAR_SMALL_FACTS, *TRIAL_FACTS))]
    answers = [economy.above_min_amount, economy.passes, *exceptions]
    alike = lead.route.astype(np.int64)
    for mark in (*map(np.isnan, columns), *map(tri.yes, answers), facts.foreign):
        if alike.max(initial=0) > _ROOM:
            alike = np.unique(alike, return_inverse=True)[1]
        alike = alike * 2 + mark
    _, first, which = np.unique(alike, return_index=True, return_inverse=True)
    found = [missing_facts(judged, row) for row in first.tolist()]
    return [found[at] for at in which.tolist()]


def _missing_for_route(judged: Verdicts, row: int) -> Iterator[str]:
    lead = judged.lead
    if isnan(lead.client[row]):
        for criterion, answer in zip(judged.policy.criteria, lead.criteria, strict=True):
            if isnan(answer[row]):
                yield unknown_facts_of(criterion)
    if isnan(lead.request[row]):
        yield "in_nomenclature"


def _missing_for_economics(judged: Verdicts, row: int) -> Iterator[str]:
    economy, facts = judged.economy, judged.facts
    profit_unknown = isnan(economy.passes[row])
    limit_unknown = isnan(economy.above_min_amount[row])
    if (profit_unknown or limit_unknown) and facts.foreign[row]:
        yield "currency"
        return
    if profit_unknown:
        yield "profit_if_won"
    if limit_unknown:
        yield "amount"
    if profit_unknown or limit_unknown or not _refused_by_floor(judged, row):
        return
    for answer, names in (
        (judged.exception_regular, REGULAR_SMALL_FACTS),
        (judged.exception_trial, TRIAL_FACTS),
    ):
        if isnan(answer[row]):
            yield from (name for name in names if _is_open(judged, name, row))


def _refused_by_floor(judged: Verdicts, row: int) -> bool:
    is_excused = judged.exception_regular[row] == tri.YES or judged.exception_trial[row] == tri.YES
    is_above = judged.economy.above_min_amount[row] == tri.YES
    return bool(is_above and judged.economy.passes[row] == tri.NO and not is_excused)


def _is_open(judged: Verdicts, name: str, row: int) -> bool:
    if name == "is_existing_customer" and not isnan(judged.facts.number("won_deals_24m")[row]):
        return False
    return bool(isnan(judged.facts.number(name)[row]))


@lru_cache(maxsize=4096)
def _reasons_of_lead(policy: Policy, route: Route, of_lead: tuple[int, ...]) -> tuple[Reason, ...]:
    """Make once what many deals share: everything the rules say before they come to money."""
    *criteria, client, request, fire, need, budget, urgency, overdue = (tri.ANSWERS[said] for said in of_lead)
    grading = policy.grading
    return (
        *(
            _reason("rule.criterion", answer, criterion=criterion.code)
            for criterion, answer in zip(policy.criteria, criteria, strict=True)
        ),
        _reason("rule.target_client", client),
        _reason("rule.target_request", request),
        Reason(code=f"rule.route.{route}", answer=fire),
        _reason("rule.need", need),
        _reason("rule.budget", budget, budget_min=grading.budget_min),
        Reason(code="rule.urgency.overdue", answer=urgency)
        if overdue
        else _reason("rule.urgency", urgency, urgent_days=grading.urgent_days),
    )


def _economic_reasons(judged: Verdicts, row: int) -> Iterator[Reason]:
    economy, terms = judged.economy, judged.policy.economics
    if terms.min_amount is not None:
        amount = _money(economy.amount[row])
        yield _reason_in_money(
            "rule.min_amount", economy.above_min_amount, row, amount=amount, min_amount=terms.min_amount
        )
    profit = _money(economy.profit[row])
    yield _reason_in_money("rule.floor", economy.passes, row, profit=profit, floor=terms.floor_profit)
    exception = judged.exception(row)
    if exception is not None:
        yield _kept(f"rule.exception.{exception.kind}", answer=True)
        return
    if _refused_by_floor(judged, row):
        for kind, answer in (("regular_small", judged.exception_regular), ("trial", judged.exception_trial)):
            if isnan(answer[row]):
                yield _kept("rule.exception.unknown", None, kind=kind)


def _money(value: float) -> int | None:
    return None if isnan(value) else int(value)


def _reason(code: str, said: bool | None, **params: Param) -> Reason:
    return Reason(code=f"{code}.{_WORDS[said]}", answer=said, params=params)


def _reason_in_money(code: str, answer: Tri, row: int, **of_deal: Param) -> Reason:
    return _reason(code, tri.to_python(answer[row]), **of_deal)


@lru_cache(maxsize=1024, typed=True)
def _kept(code: str, answer: bool | None, **params: Param) -> Reason:
    """Make once the reasons that many deals share: nothing in them is a deal's own."""
    return Reason(code=code, answer=answer, params=params)
