"""What a deal brings against what it costs: the floor, profit if won, the two exceptions, and whether it paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import tri
from mlscore.scoring.deal import Floats, Outcome, Status, as_number
from mlscore.scoring.policy import Policy, RegularSmall, Trial
from mlscore.scoring.policy.facts import Facts
from mlscore.scoring.receipt import Basis, Label
from mlscore.scoring.tri import Tri

BASES: tuple[Basis, ...] = ("given", "amount_less_cost", "estimated", "unknown")
REGULAR_SMALL_FACTS = ("won_deals_24m", "median_profit_24m", "small_exceptions_6m")
TRIAL_FACTS = ("is_existing_customer", "trial_order", "prospects_profit")


@dataclass(frozen=True, slots=True)
class Economy:
    """A deal's money, one entry a deal; profit and amount in minor units, NaN unknown."""

    profit: Floats
    basis: NDArray[np.intp]
    amount: Floats
    passes: Tri
    above_min_amount: Tri
    floor_ratio: Floats
    regular_small: Tri
    trial: Tri


def judge_economy(facts: Facts) -> Economy:
    """Hold every deal against the floor: `profit_if_won` >= floor, and amount > `min_amount` where one is set."""
    terms = facts.policy.economics
    profit, basis = profit_if_won(facts)
    amount = facts.money("amount")
    floor = terms.floor_profit
    least = terms.min_amount
    above = tri.constant(tri.YES, facts.size) if least is None else tri.where(amount > least, known=~np.isnan(amount))
    exceptions = facts.policy.exceptions if floor > 0 else None
    off = tri.constant(tri.NO, facts.size)
    return Economy(
        profit=profit,
        basis=basis,
        amount=amount,
        passes=tri.where(profit >= floor, known=~np.isnan(profit)),
        above_min_amount=above,
        floor_ratio=profit / floor if floor > 0 else np.full(facts.size, np.nan),
        regular_small=regular_small(facts, exceptions.regular_small)
        if exceptions and exceptions.regular_small
        else off,
        trial=trial(facts, exceptions.trial) if exceptions and exceptions.trial else off,
    )


def profit_if_won(facts: Facts) -> tuple[Floats, NDArray[np.intp]]:
    """Return the seller's figure in minor units and its basis: given, amount - cost, or amount x category margin."""
    amount = facts.money("amount")
    candidates = (
        facts.money("profit_if_won"),
        amount - facts.money("cost"),
        np.floor(amount * facts.margin_rate + 0.5),
    )
    profit = tri.first_known(*candidates)
    basis = tri.first_yes([~np.isnan(candidate) for candidate in candidates], range(3), default=BASES.index("unknown"))
    return profit, basis


def regular_small(facts: Facts, terms: RegularSmall) -> Tri:
    """Answer exception 1: a client who usually buys a lot, this once little, and not again too soon."""
    floor = facts.policy.economics.floor_profit
    return tri.all_of(
        _compared(facts.number("won_deals_24m"), at_least=terms.won_deals),
        _compared(facts.number("median_profit_24m"), at_least=terms.median_profit_factor * floor),
        _none_of(facts.number("small_exceptions_6m")),
    )


def trial(facts: Facts, terms: Trial) -> Tri:
    """Answer exception 2: a first order, marked as a trial, with large stated prospects; one a client."""
    floor = facts.policy.economics.floor_profit
    existing = facts.number("is_existing_customer")
    first_order = tri.first_known(1.0 - existing, _none_of(facts.number("won_deals_24m")))
    earlier_trials = facts.number("trial_exceptions")
    return tri.all_of(
        first_order,
        facts.number("trial_order"),
        _compared(facts.money("prospects_profit"), at_least=terms.prospects_factor * floor),
        # A first order has had no trial before it unless one is on record.
        np.where(earlier_trials > 0, tri.NO, tri.YES),
    )


def _compared(column: Floats, *, at_least: float) -> Tri:
    return tri.where(column >= at_least, known=~np.isnan(column))


def _none_of(column: Floats) -> Tri:
    return tri.where(column == 0, known=~np.isnan(column))


_PROFIT_RECORDED_MIN = 0.5
"""Below this share of won deals with a recorded profit, a firm's label is won / lost."""


def label_of(outcomes: Sequence[Outcome], policy: Policy) -> Label:
    """Return what these outcomes can teach: profitable, or won where the policy says so or most profits are missing."""
    won = [outcome for outcome in outcomes if outcome.status is Status.WON]
    recorded = sum(outcome.realised_profit is not None for outcome in won)
    is_recorded = not won or recorded >= _PROFIT_RECORDED_MIN * len(won)
    return "profitable" if policy.training.label == "profitable" and is_recorded else "won"


def has_paid(outcome: Outcome, label: Label, policy: Policy) -> bool | None:
    """Answer the label: won and realised profit at or above the floor, or only won; None where that is not recorded."""
    if outcome.status is not Status.WON or label == "won":
        return outcome.status is Status.WON
    if outcome.realised_profit is None:
        return None
    return outcome.realised_profit >= policy.economics.floor_profit


def realised(outcome: Outcome) -> float:
    """Return what a closed deal brought in minor units: 0 where lost, NaN where won and not recorded."""
    return 0.0 if outcome.status is Status.LOST else as_number(outcome.realised_profit)
