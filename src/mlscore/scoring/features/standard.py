"""The features that every firm has, one function each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.deal import SECONDS_A_DAY, Floats
from mlscore.scoring.features.feature import Column, Feature, signed_log, within
from mlscore.scoring.rules import role_coverage
from mlscore.scoring.verdict import Verdicts

DAYS_A_YEAR = 365.2425

_AS_STATED = (
    ("budget_allocated", "budget_allocated", 1),
    ("need_defined", "need_defined", 1),
    ("need_coverage", "need_coverage", 1),
    ("asap", "asap", 0),
    ("role_economic", "roles", 1),
    ("role_technical", "roles", 1),
    ("role_user", "roles", 1),
    ("is_existing_customer", "is_existing_customer", 0),
    ("trial_order", "trial_order", 0),
)
"""Facts that are features as they stand: name, the fact they are explained under, direction."""


def _as_stated(name: str) -> Column:
    return lambda judged: judged.facts.number(name)


STANDARD = [Feature(name, fact, direction, None, _as_stated(name)) for name, fact, direction in _AS_STATED]


def feature(*, fact: str, direction: int = 0) -> Callable[[Column], Column]:
    """Register a numeric feature under its function's name."""

    def register(column: Column) -> Column:
        STANDARD.append(Feature(column.__name__, fact, direction, None, column))
        return column

    return register


@feature(fact="amount")
def amount(judged: Verdicts) -> Floats:
    """Log of the deal's amount."""
    return signed_log(judged.economy.amount / 100)


@feature(fact="profit_if_won")
def profit_if_won(judged: Verdicts) -> Floats:
    """Log of the seller's figure."""
    return signed_log(judged.economy.profit / 100)


@feature(fact="profit_if_won")
def floor_ratio(judged: Verdicts) -> Floats:
    """Log of profit if won against the floor; unknown where the floor is 0."""
    return signed_log(judged.economy.floor_ratio)


@feature(fact="profit_if_won")
def floor_passes(judged: Verdicts) -> Floats:
    """Whether the deal clears the floor."""
    return judged.economy.passes


@feature(fact="profit_if_won")
def margin(judged: Verdicts) -> Floats:
    """Profit if won as a share of the amount, within [-1, 1]."""
    amounts = np.where(judged.economy.amount > 0, judged.economy.amount, np.nan)
    return within(judged.economy.profit / amounts, -1.0, 1.0)


@feature(fact="profit_if_won")
def surplus_ratio(judged: Verdicts) -> Floats:
    """Log of amount less cost against the floor: what the deal brings if nobody was too hopeful."""
    floor = judged.policy.economics.floor_profit
    surplus = judged.facts.money("amount") - judged.facts.money("cost")
    return signed_log(surplus / floor) if floor > 0 else np.full(len(judged), np.nan)


@feature(fact="profit_if_won")
def hope(judged: Verdicts) -> Floats:
    """Log of the seller's figure over amount less cost, within [-3, 3]; unknown unless both are above 0."""
    surplus = judged.facts.money("amount") - judged.facts.money("cost")
    stated = judged.facts.money("profit_if_won")
    are_above = (surplus > 0) & (stated > 0)
    return within(np.log(np.where(are_above, stated / np.where(are_above, surplus, 1.0), np.nan)), -3.0, 3.0)


@feature(fact="budget_amount", direction=1)
def budget_amount(judged: Verdicts) -> Floats:
    """Log of the budget."""
    return signed_log(judged.facts.money("budget_amount") / 100)


@feature(fact="budget_amount", direction=1)
def budget_plus(judged: Verdicts) -> Floats:
    """The plus sign of budget."""
    return judged.bant.budget


@feature(fact="need_defined", direction=1)
def need_plus(judged: Verdicts) -> Floats:
    """The plus sign of need."""
    return judged.bant.need


@feature(fact="delivery_needed_by")
def urgency_plus(judged: Verdicts) -> Floats:
    """The plus sign of urgency."""
    return judged.bant.urgency


@feature(fact="delivery_needed_by")
def days_to_delivery(judged: Verdicts) -> Floats:
    """Days from `as_of` to the date needed, within [-30, 365]."""
    return within(judged.facts.number("delivery_needed_by") - judged.facts.today, -30.0, 365.0)


@feature(fact="roles", direction=1)
def roles_reached(judged: Verdicts) -> Floats:
    """Buying-centre roles known to be reached, 0-3."""
    return role_coverage(judged.facts)[1]


@feature(fact="rules", direction=1)
def fire(judged: Verdicts) -> Floats:
    """Whether the lead is Fire."""
    return judged.lead.fire


@feature(fact="rules", direction=1)
def target_client(judged: Verdicts) -> Floats:
    """Whether the client meets every criterion."""
    return judged.lead.client


@feature(fact="in_nomenclature", direction=1)
def target_request(judged: Verdicts) -> Floats:
    """Whether the request is what the firm supplies."""
    return judged.lead.request


@feature(fact="rules", direction=1)
def grade_by_ladder(judged: Verdicts) -> Floats:
    """The letter by the ladder: none 0, CCC 1, BBB 2, AAA 3."""
    return judged.bant.by_ladder.astype(np.float64)


@feature(fact="rules", direction=1)
def grade_by_count(judged: Verdicts) -> Floats:
    """The letter by counting plus signs."""
    return judged.bant.by_count.astype(np.float64)


@feature(fact="rules")
def unknown_answers(judged: Verdicts) -> Floats:
    """How many answers of the seven-point check are unknown."""
    return np.add.reduce([tri.unknown(answer) for answer in judged.checklist], dtype=np.float64)


@feature(fact="annual_turnover_rub")
def turnover(judged: Verdicts) -> Floats:
    """Log of the larger known turnover."""
    return signed_log(judged.facts.number("turnover_rub"))


@feature(fact="steam_tph")
def steam(judged: Verdicts) -> Floats:
    """Log of steam processed."""
    return signed_log(judged.facts.number("steam_tph"))


@feature(fact="employees")
def employees(judged: Verdicts) -> Floats:
    """Log of the client's staff."""
    return signed_log(judged.facts.number("employees"))


@feature(fact="prospects_profit")
def prospects_profit(judged: Verdicts) -> Floats:
    """Log of the stated prospects."""
    return signed_log(judged.facts.money("prospects_profit") / 100)


@feature(fact="won_deals_24m")
def won_deals_24m(judged: Verdicts) -> Floats:
    """Won deals of the client in the window of the policy."""
    return signed_log(judged.facts.number("won_deals_24m"))


@feature(fact="won_deals_24m")
def median_profit_24m(judged: Verdicts) -> Floats:
    """Log of the client's median profit."""
    return signed_log(judged.facts.number("median_profit_24m") / 100)


@feature(fact="created_at")
def days_since_created(judged: Verdicts) -> Floats:
    """Log of the days from the deal's creation to `as_of`."""
    age = (judged.facts.number("as_of") - judged.facts.number("created_at")) / SECONDS_A_DAY
    return signed_log(np.maximum(age, 0.0))


@feature(fact="season")
def season_cosine(judged: Verdicts) -> Floats:
    """Winter against summer."""
    return np.cos(2 * np.pi * judged.facts.today / DAYS_A_YEAR)


@feature(fact="season")
def season_sine(judged: Verdicts) -> Floats:
    """Spring against autumn."""
    return np.sin(2 * np.pi * judged.facts.today / DAYS_A_YEAR)
