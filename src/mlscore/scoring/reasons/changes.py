"""What a seller can bring about, and how much it takes: need, roles, date, budget and money, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import isnan

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.economics import BASES
from mlscore.scoring.reasons.what_if import Written
from mlscore.scoring.receipt import Change, Param
from mlscore.scoring.rules import WHOLE_NEED, Flags
from mlscore.scoring.verdict import Verdicts

EFFORT: Mapping[str, int] = {
    "need_defined": 1,
    "role_user": 2,
    "role_technical": 2,
    "role_economic": 3,
    "delivery_needed_by": 3,
    "need_coverage": 4,
    "budget_amount": 4,
    "budget_allocated": 5,
    "amount": 6,
    "profit_if_won": 7,
}
"""What each change takes of a seller: from a talk he can hold himself, over people to reach and a date to agree, to
the client's money. Fewer changes are cheaper than more; of as many, those of the lesser sum."""

TOGETHER_AT_MOST = 3

_FACTS = tuple(EFFORT)

SETS: tuple[tuple[int, ...], ...] = tuple(
    sorted(
        (places for size in range(1, TOGETHER_AT_MOST + 1) for places in combinations(range(len(_FACTS)), size)),
        key=lambda places: (len(places), sum(EFFORT[_FACTS[place]] for place in places), places),
    )
)
"""Every set of changes, cheapest first, by their places in EFFORT."""


@dataclass(frozen=True, slots=True)
class Possible:
    """One change: to which deals it is open, what it would make of the fact, and what it writes.

    `amount` is told beside an allocated budget: what its amount would become, NaN where it is so already.
    """

    fact: str
    is_open: Flags
    to: Floats | Param
    writes: Written
    amount: Floats | None = None

    def made(self, row: int) -> Iterator[Change]:
        """Yield every fact of one deal that it writes, and what it would become; columns hold money, in minor units."""
        yield Change(fact=self.fact, to=int(self.to[row]) if isinstance(self.to, np.ndarray) else self.to)
        if self.amount is not None and not isnan(self.amount[row]):
            yield Change(fact="budget_amount", to=int(self.amount[row]))


def possible_changes(judged: Verdicts) -> tuple[Possible, ...]:
    """Return every change there is, in the order of EFFORT."""
    facts = judged.facts
    yes_no = {
        fact: Possible(fact, ~tri.yes(facts.number(fact)), True, {fact: tri.YES})
        for fact in ("need_defined", "role_user", "role_technical", "role_economic")
    }
    others = (_date(judged), _coverage(judged), *_budget(judged), _amount(judged), _profit(judged))
    by_fact = yes_no | {change.fact: change for change in others}
    return tuple(by_fact[fact] for fact in _FACTS)


def _date(judged: Verdicts) -> Possible:
    """Agree a delivery on the last day that counts as urgent; said in days from today."""
    fact, days, today = "delivery_needed_by", judged.policy.grading.urgent_days, judged.facts.today
    return Possible(fact, ~tri.yes(judged.bant.urgency) & ~np.isnan(today), days, {fact: today + days})


def _coverage(judged: Verdicts) -> Possible:
    fact = "need_coverage"
    return Possible(fact, ~(judged.facts.number(fact) >= WHOLE_NEED), WHOLE_NEED, {fact: WHOLE_NEED})


def _budget(judged: Verdicts) -> tuple[Possible, Possible]:
    """Have the budget allocated, or where it is, its amount told or raised.

    It is as large as is stated or asked, and never below what the rules want.
    """
    terms, facts = judged.policy, judged.facts
    least = max(terms.grading.budget_min or 0, terms.economics.floor_profit, 1)
    enough = np.ceil(np.fmax(np.fmax(judged.economy.amount, facts.money("budget_amount")), float(least)))
    is_open = ~tri.yes(judged.bant.budget) & ~facts.foreign
    is_allocated, differs = tri.yes(facts.number("budget_allocated")), facts.money("budget_amount") != enough
    allocated: Written = {"budget_allocated": tri.YES, "budget_amount": enough}
    return (
        Possible("budget_allocated", is_open & ~is_allocated, True, allocated, np.where(differs, enough, np.nan)),
        Possible("budget_amount", is_open & is_allocated & differs, enough, {"budget_amount": enough}),
    )


def _is_estimated(judged: Verdicts) -> Flags:
    """Tell where a larger amount means a larger profit: it is worked out from the category's margin."""
    return (judged.economy.basis == BASES.index("estimated")) & (judged.facts.margin_rate > 0)


def _amount(judged: Verdicts) -> Possible:
    """Raise the amount above the manager's limit and to the floor's profit, where it falls short of either."""
    economy, terms = judged.economy, judged.policy.economics
    short = tri.no(economy.passes) & _is_estimated(judged)
    for_floor = np.where(short, (terms.floor_profit - 0.5) / np.where(short, judged.facts.margin_rate, 1.0), 0.0)
    needed = np.maximum(for_floor, -1.0 if terms.min_amount is None else terms.min_amount)
    # The next whole unit above it: strictly more than the limit, and clear of rounding.
    to = (np.floor(needed / MINOR_UNITS) + 1.0) * MINOR_UNITS
    return Possible("amount", short | tri.no(economy.above_min_amount), to, {"amount": to})


def _profit(judged: Verdicts) -> Possible:
    floor = judged.policy.economics.floor_profit
    is_open = tri.no(judged.economy.passes) & ~_is_estimated(judged)
    return Possible("profit_if_won", is_open, floor, {"profit_if_won": float(floor)})
