"""The simulated money: amounts, costs and what the sellers say they will earn."""

from dataclasses import dataclass

import numpy as np

from training.simulate.catalog import CATEGORIES
from training.simulate.draws import Floats, Ints, known


@dataclass(frozen=True, slots=True)
class Price:
    """What each request is worth in truth, in RUB; `bigness` is log(amount / 30 000)."""

    amount: Floats
    cost: Floats
    bigness: Floats


@dataclass(frozen=True, slots=True)
class Quote:
    """What the CRM holds of it, in RUB; unknown is NaN."""

    amount: Floats
    cost: Floats
    profit_stated: Floats
    prospects: Floats


def draw_price(rng: np.random.Generator, size: Floats, category: Ints) -> Price:
    """Draw amount and cost by category and the client's latent `size`."""
    typical = np.array([level.amount_rub for level in CATEGORIES])[category]
    margin = np.array([level.margin for level in CATEGORIES])[category]
    count = size.size
    amount = typical * np.exp(0.35 * size + 0.9 * rng.standard_normal(count))
    amount = np.round(np.clip(amount, 1500.0, None), -2)
    share = np.clip(margin * np.exp(0.3 * rng.standard_normal(count)), 0.03, 0.7)
    cost = np.round(amount * (1.0 - share), -1)
    return Price(amount=amount, cost=cost, bigness=np.log(amount / 30_000.0))


def draw_quote(rng: np.random.Generator, price: Price, optimism: Floats) -> Quote:
    """Draw what was written down; sellers promise more than amount less cost."""
    count = price.amount.size
    told = (1.0 + optimism) * np.exp(0.1 * rng.standard_normal(count))
    stated = np.round((price.amount - price.cost) * told, -1)
    amount = known(rng, price.amount, 0.975)
    cost = known(rng, np.where(np.isnan(amount), np.nan, price.cost), 0.82)
    prospects = np.round(stated * (1.5 + 5.0 * rng.random(count)), -3)
    return Quote(
        amount=amount,
        cost=cost,
        profit_stated=known(rng, stated, 0.88),
        prospects=known(rng, prospects, 0.12),
    )
