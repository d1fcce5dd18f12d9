"""Every question that may be asked under a policy: what answers it, and what either answer would write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.policy import Criterion, Op, Policy
from mlscore.scoring.policy.facts import Facts
from mlscore.scoring.reasons.what_if import Written
from mlscore.scoring.rules import Flags, enough_budget, meets, needed_soon, unknown_facts_of
from mlscore.scoring.tri import Tri
from mlscore.scoring.verdict import Verdicts

_YES_NO = (
    "need_defined",
    "asap",
    "role_economic",
    "role_technical",
    "role_user",
    "is_existing_customer",
    "trial_order",
)
_FAR_OFF_DAYS = 90
_ANOTHER_WORD = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One fact that may be asked for.

    `said` reads the answer off every deal: yes, no, or unknown; a figure says yes on the good side of its threshold.
    `if_yes` and `if_no` are what either answer would write. It is asked where the answer is unknown and `can_be_told`.
    `name` is what its usual answer is kept under: the fact, but for a criterion, of which a fact may have several.
    `leads_to` is what a yes is weighed by, where that is more than it writes; no probability is promised of it.
    """

    fact: str
    name: str
    said: Callable[[Verdicts], Tri]
    if_yes: Callable[[Verdicts], Written]
    if_no: Callable[[Verdicts], Written]
    can_be_told: Callable[[Verdicts], Flags] | None = None
    leads_to: Callable[[Verdicts], Written] | None = None

    def is_open(self, judged: Verdicts) -> Flags:
        """Tell of which deals it may be asked."""
        is_unknown = tri.unknown(self.said(judged))
        return is_unknown if self.can_be_told is None else is_unknown & self.can_be_told(judged)


@lru_cache(maxsize=64)
def questions_of(policy: Policy) -> tuple[Question, ...]:
    """Return the questions of a policy; of two equally worth asking the first is asked."""
    custom = (fact.name for fact in policy.custom_facts if fact.kind == "yes_no")
    return (
        _yes_no("in_nomenclature", said=lambda judged: judged.facts.in_nomenclature),
        *map(_yes_no, _YES_NO),
        _yes_no("budget_allocated", leads_to=_budget_with_its_amount),
        *(question for criterion in policy.criteria for question in _of_criterion(criterion, policy)),
        *_of_money(policy),
        _delivery(policy),
        *map(_yes_no, custom),
    )


def usual_answers(judged: Verdicts) -> Mapping[str, float]:
    """Return the share of yes among the deals that answer each question, by its name.

    (yes + 1) / (answers + 2): a half where nobody has answered yet.
    """
    usual = {}
    for question in questions_of(judged.policy):
        said = question.said(judged)
        usual[question.name] = (int(tri.yes(said).sum()) + 1) / (int((~tri.unknown(said)).sum()) + 2)
    return usual


def _yes_no(
    fact: str,
    *,
    said: Callable[[Verdicts], Tri] | None = None,
    leads_to: Callable[[Verdicts], Written] | None = None,
) -> Question:
    return Question(
        fact=fact,
        name=fact,
        said=said or (lambda judged: judged.facts.number(fact)),
        if_yes=lambda _: {fact: tri.YES},
        if_no=lambda _: {fact: tri.NO},
        leads_to=leads_to,
    )


def _budget_with_its_amount(judged: Verdicts) -> Written:
    # A budget that is said to be there will be told in figures too: without them no letter would move.
    stated = judged.facts.deals.numbers("budget_amount")
    amount = np.where(_in_our_money(judged) & np.isnan(stated), _budget_in_mind(judged), stated)
    return {"budget_allocated": tri.YES, "budget_amount": amount}


def _budget_in_mind(judged: Verdicts) -> Floats:
    terms = judged.policy
    return np.fmax(judged.economy.amount, max(terms.grading.budget_min or 0.0, 2.0 * terms.economics.floor_profit, 1.0))


def _in_our_money(judged: Verdicts) -> Flags:
    return ~judged.facts.foreign


def _of_criterion(criterion: Criterion, policy: Policy) -> Iterator[Question]:
    """Ask for the fact of a criterion; a yes / no one has its question already."""
    fact, place = unknown_facts_of(criterion), policy.criteria.index(criterion)
    sides = _words_on_both_sides(criterion, policy) or _figures_on_both_sides(criterion)
    if sides is not None:
        fit, unfit = sides
        yield Question(
            fact=fact,
            name=f"criterion.{criterion.code}",
            said=lambda judged: judged.lead.criteria[place],
            if_yes=lambda _: {fact: fit},
            if_no=lambda _: {fact: unfit},
        )


def _words_on_both_sides(criterion: Criterion, policy: Policy) -> tuple[str, str] | None:
    if criterion.op is not Op.IN:
        return None
    words = np.array(_words_of(criterion, policy), dtype=object)
    answer = meets(criterion, Facts(Deals.of_columns({criterion.field: words}, size=len(words)), policy))
    fit, unfit = words[tri.yes(answer)], words[tri.no(answer)]
    return (fit[0], unfit[0]) if len(fit) and len(unfit) else None


def _words_of(criterion: Criterion, policy: Policy) -> Sequence[str]:
    """Return the words that may answer: those the policy lists, else those wanted and one that is not."""
    listed = {"industry": [i.code for i in policy.industries], "product_category": [c.code for c in policy.categories]}
    if criterion.field in listed:
        return listed[criterion.field]
    levels = next((custom.levels for custom in policy.custom_facts if custom.name == criterion.field), ())
    wanted = criterion.value if isinstance(criterion.value, tuple) else ()
    return levels or (*wanted, _ANOTHER_WORD)


def _figures_on_both_sides(criterion: Criterion) -> tuple[float, float] | None:
    threshold = criterion.value
    if not isinstance(threshold, int | float) or isinstance(threshold, bool):
        return None
    reach = max(abs(threshold), 1.0)
    above, below = threshold + reach, threshold - reach / 2
    return (above, below) if criterion.op in {Op.ABOVE, Op.AT_LEAST} else (below, above)


def _of_money(policy: Policy) -> Iterator[Question]:
    floor, least, trial = float(policy.economics.floor_profit), policy.economics.min_amount, policy.exceptions.trial
    below = floor - max(floor / 2, 1.0)
    yield _money("profit_if_won", lambda judged: judged.economy.passes, fit=2 * floor, unfit=below)
    if least is not None:
        above = 2.0 * least + 1.0
        yield _money("amount", lambda judged: judged.economy.above_min_amount, fit=above, unfit=least / 2)
    yield _money("budget_amount", lambda judged: enough_budget(judged.facts), fit=_budget_in_mind)
    if trial is not None:
        yield _prospects(large=trial.prospects_factor * floor)


def _money(
    fact: str,
    said: Callable[[Verdicts], Tri],
    *,
    fit: Callable[[Verdicts], Floats] | float,
    unfit: float = 0.0,
    can_be_told: Callable[[Verdicts], Flags] = _in_our_money,
) -> Question:
    return Question(
        fact=fact,
        name=fact,
        said=said,
        if_yes=lambda judged: {fact: fit(judged) if callable(fit) else fit},
        if_no=lambda _: {fact: unfit},
        can_be_told=can_be_told,
    )


def _prospects(*, large: float) -> Question:
    def said(judged: Verdicts) -> Tri:
        prospects = judged.facts.money("prospects_profit")
        return tri.where(prospects >= large, known=~np.isnan(prospects))

    def is_awaited(judged: Verdicts) -> Flags:
        return _in_our_money(judged) & tri.unknown(judged.exception_trial)

    return _money("prospects_profit", said, fit=2 * large, can_be_told=is_awaited)


def _delivery(policy: Policy) -> Question:
    fact, days = "delivery_needed_by", policy.grading.urgent_days
    return Question(
        fact=fact,
        name=fact,
        said=lambda judged: needed_soon(judged.facts),
        if_yes=lambda judged: {fact: judged.facts.today + days / 2},
        if_no=lambda judged: {fact: judged.facts.today + days + _FAR_OFF_DAYS},
        can_be_told=lambda judged: np.isnan(judged.facts.number(fact)) & ~np.isnan(judged.facts.today),
    )
