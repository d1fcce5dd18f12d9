"""The rules' answer for one deal: what they said, why, and which facts would settle what they could not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import compress
from math import isnan

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.economics import REGULAR_SMALL_FACTS, TRIAL_FACTS
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import (
    ChecklistItem,
    EconomicsAnswer,
    ExceptionTerms,
    Param,
    Reason,
    Route,
    RuleAnswer,
    Signs,
)
from mlscore.scoring.rules import CHECKLIST, GRADES, ROUTES, unknown_facts_of
from mlscore.scoring.verdict import VERDICTS, Money, Verdicts

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
    route, verdict, official, by_ladder, by_count, ceiling = told.codes[row]
    fire, signs, reasons = _of_lead(judged.policy, ROUTES[route], tuple(told.of_lead[row]))
    return RuleAnswer(
        fire=fire,
        route=ROUTES[route],
        verdict=VERDICTS[verdict],
        signs=signs,
        grade=GRADES[official],
        grade_by_ladder=GRADES[by_ladder],
        grade_by_count=GRADES[by_count],
        grade_ceiling=GRADES[ceiling],
        economics=_economics(judged.policy, told.money[row]),
        checklist=_checklist(*told.of_checklist[row]),
        flags=tuple(compress(judged.flags, told.flags[row])),
        missing=missing_facts(judged, row, told.money[row]),
        reasons=(*reasons, *_economic_reasons(judged.policy, told.money[row])),
        policy_version=fingerprint(judged.policy),
    )


@cache
def _checklist(*said: int) -> tuple[ChecklistItem, ...]:
    return tuple(items[answer] for items, answer in zip(_CHECKLIST_ITEMS, said, strict=True))


def _economics(policy: Policy, money: Money) -> EconomicsAnswer:
    terms = policy.economics
    floor, excused_as = terms.floor_profit, money.excused_as
    return EconomicsAnswer(
        floor=floor,
        target=round(floor * terms.target_factor) if floor else None,
        stretch=round(floor * terms.stretch_factor) if floor else None,
        cost_per_worked_deal=terms.cost_per_worked_deal,
        profit_if_won=money.profit,
        basis=money.basis,
        passes=money.passes,
        exception=None if excused_as is None else ExceptionTerms(kind=excused_as),
    )


def missing_facts(judged: Verdicts, row: int, money: Money) -> tuple[str, ...]:
    """Name the unknown facts that would settle the verdict of one deal, of whose money the rules say this."""
    route = ROUTES[judged.lead.route[row]]
    if route is Route.UNDETERMINED:
        names = _missing_for_route(judged, row)
    elif route is Route.DEAL:
        names = _missing_for_economics(judged, row, money)
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
    money = judged.money_of(first)
    found = [missing_facts(judged, row, of_one) for row, of_one in zip(first.tolist(), money, strict=True)]
    return [found[at] for at in which.tolist()]


def _missing_for_route(judged: Verdicts, row: int) -> Iterator[str]:
    lead = judged.lead
    if isnan(lead.client[row]):
        for criterion, answer in zip(judged.policy.criteria, lead.criteria, strict=True):
            if isnan(answer[row]):
                yield unknown_facts_of(criterion)
    if isnan(lead.request[row]):
        yield "in_nomenclature"


def _missing_for_economics(judged: Verdicts, row: int, money: Money) -> Iterator[str]:
    profit_unknown, limit_unknown = money.passes is None, money.above_min_amount is None
    if (profit_unknown or limit_unknown) and judged.facts.foreign[row]:
        yield "currency"
        return
    if profit_unknown:
        yield "profit_if_won"
    if limit_unknown:
        yield "amount"
    if profit_unknown or limit_unknown or not money.is_refused:
        return
    for answer, names in ((money.regular_small, REGULAR_SMALL_FACTS), (money.trial, TRIAL_FACTS)):
        if answer is None:
            yield from (name for name in names if _is_open(judged, name, row))


def _is_open(judged: Verdicts, name: str, row: int) -> bool:
    if name == "is_existing_customer" and not isnan(judged.facts.number("won_deals_24m")[row]):
        return False
    return bool(isnan(judged.facts.number(name)[row]))


@lru_cache(maxsize=4096)
def _of_lead(policy: Policy, route: Route, of_lead: tuple[int, ...]) -> tuple[bool | None, Signs, tuple[Reason, ...]]:
    """Make once what many deals share: everything the rules say before they come to money."""
    *criteria, client, request, fire, need, budget, urgency, overdue = (tri.ANSWERS[said] for said in of_lead)
    grading = policy.grading
    reasons = (
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
    return fire, Signs(need=need, budget=budget, urgency=urgency), reasons


def _economic_reasons(policy: Policy, money: Money) -> Iterator[Reason]:
    terms = policy.economics
    if terms.min_amount is not None:
        limit = {"amount": money.amount, "min_amount": terms.min_amount}
        yield _reason("rule.min_amount", money.above_min_amount, **limit)
    yield _reason("rule.floor", money.passes, profit=money.profit, floor=terms.floor_profit)
    if money.excused_as is not None:
        yield _kept(f"rule.exception.{money.excused_as}", answer=True)
    elif money.is_refused:
        for kind, answer in (("regular_small", money.regular_small), ("trial", money.trial)):
            if answer is None:
                yield _kept("rule.exception.unknown", None, kind=kind)


def _reason(code: str, said: bool | None, **params: Param) -> Reason:
    return Reason(code=f"{code}.{_WORDS[said]}", answer=said, params=params)


@lru_cache(maxsize=1024, typed=True)
def _kept(code: str, answer: bool | None, **params: Param) -> Reason:
    """Make once the reasons that many deals share: nothing in them is a deal's own."""
    return Reason(code=code, answer=answer, params=params)
