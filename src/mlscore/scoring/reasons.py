"""Why the model said so, what to ask next, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.deal import FACTS, Deals, Kind, Value
from mlscore.scoring.explanation import missing_facts
from mlscore.scoring.model import FittedModel, ModelAnswers
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.policy import Criterion, Policy
from mlscore.scoring.policy.facts import TURNOVER, Facts
from mlscore.scoring.receipt import Grade, ModelAnswer, ModelReason, NextQuestion, Param, Route, Step, Verdict
from mlscore.scoring.rules import GRADES, ROUTES, WHOLE_NEED, meets, unknown_facts_of
from mlscore.scoring.verdict import VERDICTS, Verdicts, judge

REASONS_SHOWN = 6
WORTH_SAYING = 0.005
"""Half a probability point: less is noise to a reader."""

_STEPS_SHOWN = 5
_GRADES_UP = {grade: height for height, grade in enumerate(GRADES)}


def model_reasons(answers: ModelAnswers, row: int) -> tuple[ModelReason, ...]:
    """Return what moved the probability from the usual one, by business fact, largest first.

    Contributions are exact in log-odds; they are scaled together so that they add up, in probability points, to the
    distance between this deal's probability and that of a deal of which nothing is known.
    """
    parts = answers.contributions(np.array([row]))[0]
    z = float(answers.log_odds[row])
    raw = float(parts.sum())
    grouped: dict[str, float] = {}
    for one, part in zip(answers.model.features, parts[:-2], strict=True):
        grouped[one.fact] = grouped.get(one.fact, 0.0) + float(part)
    grouped["rules"] = grouped.get("rules", 0.0) + float(parts[-2])
    base = float(answers.model.calibration(np.array([raw - sum(grouped.values())]))[0])
    moved = sum(grouped.values())
    points = float(sigmoid(np.array([z]))[0] - sigmoid(np.array([base]))[0])
    scale = points / moved if abs(moved) > np.finfo(float).eps else 0.0
    effects = sorted(((fact, part * scale) for fact, part in grouped.items()), key=lambda pair: -abs(pair[1]))
    return tuple(
        ModelReason(fact=fact, value=_value(answers.judged, fact, row), effect=effect)
        for fact, effect in effects[:REASONS_SHOWN]
        if abs(effect) >= WORTH_SAYING
    )


def _value(judged: Verdicts, fact: str, row: int) -> Param:
    facts = judged.facts
    known = FACTS.get(fact)
    if known is not None and known.kind is Kind.TEXT:
        text = facts.text(fact)[row]
        return None if text is None else str(text)
    if known is None and fact not in {c.name for c in judged.policy.custom_facts if c.kind != "category"}:
        return None
    number = facts.number(TURNOVER if fact == "annual_turnover_rub" else fact)[row]
    if np.isnan(number):
        return None
    return bool(number) if known is not None and known.kind is Kind.TRI else float(number)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The same deal with some facts changed, rescored: rules always, model where there is one."""

    verdict: Verdict
    grade: Grade
    probability: float | None


def what_if(
    deals: Deals, row: int, changes: Sequence[Mapping[str, Value]], *, policy: Policy, model: FittedModel | None
) -> tuple[WhatIf, ...]:
    """Rescore one deal under each change, in one pass over columns."""
    varied = deals.varied(row, changes)
    judged = judge(varied, policy)
    probabilities = None if model is None else model.answers(varied, judged=judged).probability
    return tuple(
        WhatIf(
            verdict=VERDICTS[judged.verdict[at]],
            grade=GRADES[judged.bant.official[at]],
            probability=None if probabilities is None else float(probabilities[at]),
        )
        for at in range(len(changes))
    )


def _as_it_is(judged: Verdicts, row: int, answers: ModelAnswers | None) -> WhatIf:
    return WhatIf(
        verdict=VERDICTS[judged.verdict[row]],
        grade=GRADES[judged.bant.official[row]],
        probability=None if answers is None else float(answers.probability[row]),
    )


def with_reasons(answers: ModelAnswers, row: int) -> ModelAnswer:
    """Return the model's answer with its reasons."""
    return replace(answers.answer(row), reasons=model_reasons(answers, row))


def _is_turned_away(judged: Verdicts, row: int) -> bool:
    return ROUTES[judged.lead.route[row]] in {Route.COMPANY, Route.REJECT}


@dataclass(frozen=True, slots=True)
class _Question:
    fact: str
    if_yes: Mapping[str, Value]
    if_no: Mapping[str, Value]


def next_question(deals: Deals, row: int, *, judged: Verdicts, answers: ModelAnswers | None) -> NextQuestion | None:
    """Return the unknown fact whose answer would change the verdict, or else the probability or the letter, most.

    Both answers count alike: how likely each is cannot be known before asking. Where no single answer changes
    anything, the first fact the verdict waits for; None where it waits for nothing, or the lead goes no further.
    """
    questions = [] if _is_turned_away(judged, row) else _open_questions(deals, row, judged)
    if not questions:
        return None
    model = None if answers is None else answers.model
    changes = [change for question in questions for change in (question.if_yes, question.if_no)]
    outcomes = what_if(deals, row, changes, policy=judged.policy, model=model)
    now = _as_it_is(judged, row, answers)

    def worth(pair: tuple[WhatIf, WhatIf]) -> tuple[int, float, int]:
        turned = sum(outcome.verdict is not now.verdict for outcome in pair)
        moved = sum(abs((outcome.probability or 0.0) - (now.probability or 0.0)) for outcome in pair)
        return turned, moved, sum(outcome.grade is not now.grade for outcome in pair)

    pairs = list(zip(outcomes[::2], outcomes[1::2], strict=True))
    best = max(range(len(pairs)), key=lambda at: (worth(pairs[at]), -at))
    if not any(worth(pairs[best])):
        by_fact = {question.fact: at for at, question in enumerate(questions)}
        awaited = [by_fact[fact] for fact in missing_facts(judged, row) if fact in by_fact]
        if not awaited:
            return None
        best = awaited[0]
    if_yes, if_no = pairs[best]
    return NextQuestion(fact=questions[best].fact, if_yes=if_yes.probability, if_no=if_no.probability)


_YES_NO_QUESTIONS = (
    "need_defined",
    "asap",
    "role_economic",
    "role_technical",
    "role_user",
    "is_existing_customer",
    "trial_order",
)
_FAR_OFF_DAYS = 90


def _open_questions(deals: Deals, row: int, judged: Verdicts) -> list[_Question]:
    facts, policy = judged.facts, judged.policy
    questions = [_Question(n, {n: True}, {n: False}) for n in _YES_NO_QUESTIONS if np.isnan(facts.number(n)[row])]
    if np.isnan(facts.in_nomenclature[row]):
        questions.insert(0, _Question("in_nomenclature", {"in_nomenclature": True}, {"in_nomenclature": False}))
    if np.isnan(facts.number("budget_allocated")[row]):
        # A budget that is said to be there can be told in figures too.
        allocated = {"budget_allocated": True} | _budget_if_unknown(judged, row)
        questions.append(_Question("budget_allocated", allocated, {"budget_allocated": False}))
    for criterion, answer in zip(policy.criteria, judged.lead.criteria, strict=True):
        if np.isnan(answer[row]):
            questions.extend(_criterion_questions(criterion, policy))
    if not facts.foreign[row]:
        questions.extend(_money_questions(judged, row))
    today = judged.facts.today[row]
    if np.isnan(deals.numbers("delivery_needed_by")[row]) and not np.isnan(today):
        soon, late = today + policy.grading.urgent_days / 2, today + policy.grading.urgent_days + _FAR_OFF_DAYS
        name = "delivery_needed_by"
        questions.append(_Question(name, {name: float(soon)}, {name: float(late)}))
    questions.extend(
        _Question(custom.name, {custom.name: True}, {custom.name: False})
        for custom in policy.custom_facts
        if custom.kind == "yes_no" and np.isnan(facts.number(custom.name)[row])
    )
    return questions


def _criterion_questions(criterion: Criterion, policy: Policy) -> Iterator[_Question]:
    fact, threshold = unknown_facts_of(criterion), criterion.value
    if fact == "industry":
        codes = np.array([industry.code for industry in policy.industries], dtype=object)
        answer = meets(criterion, Facts(Deals.of_columns({fact: codes}, size=len(codes)), policy))
        fit, unfit = codes[tri.yes(answer)], codes[tri.no(answer)]
        if len(fit) and len(unfit):
            yield _Question(fact, {fact: fit[0]}, {fact: unfit[0]})
    elif isinstance(threshold, int | float) and not isinstance(threshold, bool):
        reach = max(abs(threshold), 1.0)
        above, below = {fact: threshold + reach}, {fact: threshold - reach / 2}
        yield _Question(fact, *((above, below) if ">" in criterion.op else (below, above)))


def _money_questions(judged: Verdicts, row: int) -> Iterator[_Question]:
    policy, economy, facts = judged.policy, judged.economy, judged.facts
    floor, least = float(policy.economics.floor_profit), policy.economics.min_amount
    if np.isnan(economy.profit[row]):
        below = floor - max(floor / 2, 1.0)
        yield _Question("profit_if_won", {"profit_if_won": 2 * floor}, {"profit_if_won": below})
    if least is not None and np.isnan(economy.amount[row]):
        yield _Question("amount", {"amount": 2.0 * least + 1.0}, {"amount": least / 2})
    if enough := _budget_if_unknown(judged, row):
        yield _Question("budget_amount", enough, {"budget_amount": 0.0})
    terms = policy.exceptions.trial
    if terms and np.isnan(judged.exception_trial[row]) and np.isnan(facts.money("prospects_profit")[row]):
        large = {"prospects_profit": 2 * terms.prospects_factor * floor}
        yield _Question("prospects_profit", large, {"prospects_profit": 0.0})


def _budget_if_unknown(judged: Verdicts, row: int) -> dict[str, Value]:
    if judged.facts.foreign[row] or not np.isnan(judged.facts.money("budget_amount")[row]):
        return {}
    terms = judged.policy
    enough = [judged.economy.amount[row], terms.grading.budget_min or 0.0, 2.0 * terms.economics.floor_profit, 1.0]
    return {"budget_amount": float(np.nanmax(enough))}


def path(deals: Deals, row: int, *, judged: Verdicts, answers: ModelAnswers | None) -> tuple[Step, ...]:
    """Return the single changes a seller can bring about that would lift verdict, grade or probability, best first.

    Only actionable facts: roles, need, budget, date, amount. Never what nobody can change, such as an industry. Nothing
    for a lead that goes no further.
    """
    changes = [] if _is_turned_away(judged, row) else _actionable(judged, row)
    if not changes:
        return ()
    model = None if answers is None else answers.model
    outcomes = what_if(deals, row, [change for _, _, change in changes], policy=judged.policy, model=model)
    now = _as_it_is(judged, row, answers)
    lifted = [
        (_lift(now, outcome), Step(fact=fact, to=to, verdict=outcome.verdict, grade=outcome.grade,
                                   probability=outcome.probability))
        for (fact, to, _), outcome in zip(changes, outcomes, strict=True)
    ]  # fmt: skip
    worth_it = [pair for pair in lifted if pair[0][0] >= 0 and max(pair[0]) > 0 and pair[0] > (0, 0, WORTH_SAYING)]
    return tuple(step for _, step in sorted(worth_it, key=lambda pair: pair[0], reverse=True)[:_STEPS_SHOWN])


def _lift(now: WhatIf, then: WhatIf) -> tuple[int, int, float]:
    up = [Verdict.REJECT, Verdict.REFUSE, Verdict.NURTURE, Verdict.REVIEW, Verdict.ASK, Verdict.ACCEPT_EXCEPTION]
    height = {verdict: at for at, verdict in enumerate([*up, Verdict.ACCEPT])}
    moved = (then.probability or 0.0) - (now.probability or 0.0)
    return height[then.verdict] - height[now.verdict], _GRADES_UP[then.grade] - _GRADES_UP[now.grade], moved


def _actionable(judged: Verdicts, row: int) -> list[tuple[str, Param, dict[str, Value]]]:
    facts, policy = judged.facts, judged.policy
    floor, economy = policy.economics.floor_profit, judged.economy
    changes: list[tuple[str, Param, dict[str, Value]]] = [
        (name, True, {name: True})
        for name in ("need_defined", "role_economic", "role_technical", "role_user")
        if facts.number(name)[row] != tri.YES
    ]
    if not facts.number("need_coverage")[row] >= WHOLE_NEED:
        changes.append(("need_coverage", 1.0, {"need_coverage": 1.0}))
    if judged.bant.budget[row] != tri.YES and not facts.foreign[row]:
        stated = (economy.amount[row], facts.money("budget_amount")[row])
        enough = float(np.nanmax([*stated, policy.grading.budget_min or 0.0, float(floor), 1.0]))
        changes.append(("budget_allocated", True, {"budget_allocated": True, "budget_amount": enough}))
    today = facts.today[row]
    if judged.bant.urgency[row] != tri.YES and not np.isnan(today):
        days = policy.grading.urgent_days
        changes.append(("delivery_needed_by", days, {"delivery_needed_by": float(today + days)}))
    if economy.passes[row] == tri.NO:
        changes.append(("profit_if_won", floor, {"profit_if_won": floor}))
    return changes
