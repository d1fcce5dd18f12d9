"""The simulated history: who won what, when it closed, and what the CRM would export."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from training.simulate.draws import Bools, Floats, Moments
from training.simulate.nature import TROUBLE, TROUBLE_KEEPS, Chances, chances
from training.simulate.requests import Requests

MEDIAN_DAYS_TO_CLOSE = 24.0


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of each request, known or not by the end of the history."""

    customer: Bools  # whether the client had bought before the request came
    chances: Chances
    won: Bools
    closed_at: Moments
    realised_profit_rub: Floats  # of the won; 0 of the lost


def draw_fates(rng: np.random.Generator, requests: Requests) -> Fates:
    """Draw what became of each request; a client becomes a customer when a deal is won."""
    count = requests.company.size
    as_new = chances(requests, customer=np.zeros(count, dtype=np.bool_))
    as_customer = chances(requests, customer=np.ones(count, dtype=np.bool_))
    luck = np.where(requests.refused, 1.0, rng.random(count))  # a refused lead wins nothing
    closed_at = _draw_closing(rng, requests)
    customer = _customers(requests, closed_at, won_as_new=luck < as_new.won, won_as_customer=luck < as_customer.won)
    truth = replace(as_new, won=np.where(customer, as_customer.won, as_new.won))
    won = luck < truth.won
    return Fates(
        customer=customer,
        chances=truth,
        won=won,
        closed_at=closed_at,
        realised_profit_rub=np.where(won, _draw_profit(rng, truth), 0.0),
    )


def _draw_closing(rng: np.random.Generator, requests: Requests) -> Moments:
    """Draw the close: later for large deals, and by nothing that also decides winning."""
    amount = np.nan_to_num(requests.quote.amount, nan=30_000.0)
    noise = rng.standard_normal(amount.size)
    days = MEDIAN_DAYS_TO_CLOSE * np.exp(0.3 * np.log(amount / 30_000.0) + 0.7 * noise)
    whole = np.ceil(np.clip(days, 1.0, 360.0)).astype("timedelta64[D]")
    minute = rng.integers(9 * 60, 18 * 60, amount.size).astype("timedelta64[m]")
    return cast("Moments", requests.calendar.received_at.astype("datetime64[D]") + whole + minute)


def _customers(requests: Requests, closed_at: Moments, *, won_as_new: Bools, won_as_customer: Bools) -> Bools:
    """Walk through time: a client is a customer from its first won deal's close on."""
    first_bought: dict[int, np.datetime64] = {}
    received_at = requests.calendar.received_at
    customer = requests.customer_at_start.copy()
    for row, company in enumerate(requests.company.tolist()):
        bought = first_bought.get(company)
        if bought is not None and bought < received_at[row]:
            customer[row] = True
        won = won_as_customer[row] if customer[row] else won_as_new[row]
        if won and (bought is None or closed_at[row] < bought):
            first_bought[company] = closed_at[row]
    return customer


def _draw_profit(rng: np.random.Generator, truth: Chances) -> Floats:
    level = np.clip(rng.random(truth.won.size), 1e-9, 1.0 - 1e-9)
    noise = truth.spread * np.log(level / (1.0 - level))
    trouble = np.where(rng.random(level.size) < TROUBLE, TROUBLE_KEEPS, 1.0)
    return cast("Floats", np.round(truth.profit_rub * trouble * np.exp(noise), 2))
