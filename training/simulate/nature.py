"""How the simulated market answers: the true chance of winning and the profit it brings.

Everything here is a function of what the CRM export shows (and of time), so that the best
possible model is known. Effects are log-odds of winning; they add up.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np

from training.simulate.catalog import (
    AFFINITIES,
    CATEGORIES,
    FLOOR_RUB,
    INDUSTRIES,
    SOURCES,
    STEAM_EFFECTS,
    STEAM_LIMIT_TPH,
    TURNOVER_LIMIT_RUB,
    USUAL_OPTIMISM,
)
from training.simulate.draws import Bools, Floats, Ints, sigmoid
from training.simulate.requests import Requests, supplied

MID_AMOUNT_RUB = 45_000.0
BASE = -1.7  # with SCALE: so that about 55 % are won, and a third are profitable
SCALE = 0.75  # of all log-odds: how much the facts decide
TROUBLE = 0.04  # share of won deals whose profit is eaten by penalties and discounts
TROUBLE_KEEPS = 0.1  # of the profit


@dataclass(frozen=True, slots=True)
class Chances:
    """The truth about each request: P(won), the profit if won, and its spread."""

    won: Floats
    profit_rub: Floats  # the median of the realised profit, given won and no trouble
    spread: Floats  # scale of the logistic noise on its log

    @property
    def profitable(self) -> Floats:
        """Return P(won and realised profit >= the floor)."""
        over = sigmoid(np.log(self.profit_rub / FLOOR_RUB) / self.spread)
        over_in_trouble = sigmoid(np.log(TROUBLE_KEEPS * self.profit_rub / FLOOR_RUB) / self.spread)
        return self.won * ((1.0 - TROUBLE) * over + TROUBLE * over_in_trouble)

    @property
    def expected_profit_rub(self) -> Floats:
        """Return E[realised profit], a lost deal counting 0."""
        mean = np.pi * self.spread / np.sin(np.pi * self.spread)  # of exp(logistic noise)
        kept = 1.0 - TROUBLE + TROUBLE * TROUBLE_KEEPS
        return self.won * self.profit_rub * mean * kept


def chances(requests: Requests, *, customer: Bools) -> Chances:
    """Return the truth for each request, given which clients already buy here."""
    flag = np.where(requests.client.customer_known, customer, np.nan)
    source, trial = requests.way.source(customer), requests.way.trial(customer)
    log_odds = (
        _amount(requests)
        + _request(requests)
        + _client(requests)
        + _budget_and_timing(requests)
        + _people(requests)
        + _source(requests, source)
        + _trade(requests)
        + _market(requests)
        + _told(flag, yes=0.8, no=-0.3, unknown=0.0)
        + _told(trial, yes=0.3, no=0.0, unknown=0.0)
        + BASE
    )
    return _with_profit(requests, won=sigmoid(SCALE * log_odds))


def _told(answer: Floats, *, yes: float, no: float, unknown: float) -> Floats:
    return cast("Floats", np.where(np.isnan(answer), unknown, np.where(answer == 1.0, yes, no)))


def _bigness(requests: Requests) -> Floats:
    """Return log(amount / the hard middle); an unknown amount counts as the middle."""
    return np.nan_to_num(np.log(requests.quote.amount / MID_AMOUNT_RUB), nan=0.0)


def _target(requests: Requests) -> Floats:
    """Return how much of a target client it is, 0 to 1: steam, turnover and industry together."""
    client = requests.client
    targets = np.array([level.target for level in INDUSTRIES] + [False])
    industry = np.where(client.industry < 0, 0.6, targets[client.industry].astype(np.float64))
    turnover = np.fmax(client.turnover_rub, client.group_turnover_rub)
    steam = np.nan_to_num(sigmoid(2.0 * np.log(client.steam_tph / STEAM_LIMIT_TPH)), nan=0.4)
    rich = np.nan_to_num(sigmoid(2.0 * np.log(turnover / TURNOVER_LIMIT_RUB)), nan=0.4)
    return (0.15 + 0.85 * industry) * steam * rich


def _amount(requests: Requests) -> Floats:
    """Weigh the amount: small is easy, the middle is hard, large is fine where the client is a target."""
    big = _bigness(requests)
    small = 3.2 * sigmoid(-2.0 * (big + 0.9))
    large = sigmoid(1.8 * (big - 0.2))
    return small + large * (2.2 * _target(requests) - 0.9)


def _request(requests: Requests) -> Floats:
    answers = requests.answers
    covered = np.nan_to_num(answers.need_coverage, nan=0.6) - 0.6
    defined = answers.need_defined == 1.0
    return (
        np.where(supplied(requests.in_nomenclature, requests.category) == 1.0, 0.0, -3.0)
        + _told(answers.need_defined, yes=0.9, no=-1.4, unknown=-0.2)
        + 1.4 * covered * defined
    )


def _client(requests: Requests) -> Floats:
    """Weigh the client: steam matters by what is bought: a lot for boilers and meters, not for service."""
    effect = np.array([STEAM_EFFECTS.get(level.code, 0.0) for level in CATEGORIES])
    above = np.tanh(np.log(requests.client.steam_tph / STEAM_LIMIT_TPH))
    steam = effect[requests.category] * np.nan_to_num(above, nan=-0.2)
    return cast("Floats", 3.4 * _target(requests) + steam)


def _budget_and_timing(requests: Requests) -> Floats:
    """Weigh budget and timing: a budget helps, a hurry helps only where there is one."""
    answers = requests.answers
    has_budget = answers.budget_allocated == 1.0
    share = np.log(answers.budget / requests.quote.amount)
    enough = np.nan_to_num(np.tanh(2.0 * share), nan=0.0)
    soon = np.nan_to_num(sigmoid((32.0 - answers.delivery_days) / 7.0), nan=0.15)
    hurry = np.where(answers.asap == 1.0, 1.0, soon)
    return (
        _told(answers.budget_allocated, yes=0.8, no=-1.2, unknown=-0.5)
        + 0.2 * enough * has_budget
        + 1.3 * hurry * has_budget
    )


def _people(requests: Requests) -> Floats:
    """Weigh the people: who was reached matters where the amount is large."""
    large = sigmoid(3.0 * (_bigness(requests) - 0.1))
    return 1.3 * large * (requests.answers.roles / 3.0 - 0.45)


def _source(requests: Requests, source: Ints) -> Floats:
    effect = np.array([level.effect for level in SOURCES])[source]
    a_year = np.array([level.effect_a_year for level in SOURCES])[source]
    tender = np.array([level.code == "tender" for level in SOURCES])[source]
    has_budget = requests.answers.budget_allocated == 1.0
    return effect + a_year * (requests.calendar.years - 2.0) + 0.9 * (tender & has_budget)


def _trade(requests: Requests) -> Floats:
    """Weigh trade and product: some know each other; one row more for the unknown industry."""
    table = np.zeros((len(INDUSTRIES) + 1, len(CATEGORIES)))
    rows = {level.code: row for row, level in enumerate(INDUSTRIES)}
    columns = {level.code: column for column, level in enumerate(CATEGORIES)}
    for (industry, category), effect in AFFINITIES.items():
        table[rows[industry], columns[category]] = effect
    return table[requests.client.industry, requests.category]


def _market(requests: Requests) -> Floats:
    """Weigh the market: the season helps boilers most; the market hardens a little every year."""
    calendar = requests.calendar
    boiler = np.array([level.code == "steam_boiler" for level in CATEGORIES])[requests.category]
    return calendar.season * (0.1 + 0.5 * boiler) - 0.06 * (calendar.years - 2.0)


def _with_profit(requests: Requests, *, won: Floats) -> Chances:
    """Add the profit: from amount less cost, else what was stated, else what is usual."""
    quote = requests.quote
    margin = np.array([level.margin for level in CATEGORIES])[requests.category]
    usual = margin * np.array([level.amount_rub for level in CATEGORIES])[requests.category]
    sober = quote.profit_stated / (1.0 + USUAL_OPTIMISM)
    best = np.where(np.isnan(quote.amount), usual, quote.amount * margin)
    best = np.where(np.isnan(sober), best, sober)
    best = np.where(np.isnan(quote.cost), best, quote.amount - quote.cost)
    guess = np.isnan(sober) & np.isnan(quote.cost)
    worn = 1.0 - 0.01 * requests.calendar.years  # margins erode
    return Chances(
        won=won,
        profit_rub=np.maximum(best, 50.0) * 0.97 * worn,
        spread=np.where(guess, 0.4, np.where(np.isnan(quote.cost), 0.26, 0.22)),
    )
