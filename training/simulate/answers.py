"""The simulated answers to the seller's questions: need, budget, timing and who was reached."""

from dataclasses import dataclass

import numpy as np

from training.simulate.draws import Floats, known, sigmoid, yes
from training.simulate.money import Price

POOR_TURNOVER_RUB = 7e8


@dataclass(frozen=True, slots=True)
class Answers:
    """Yes is 1.0, no 0.0, unknown NaN; `need_coverage` a share, `budget` in RUB."""

    need_defined: Floats
    need_coverage: Floats
    budget_allocated: Floats
    budget: Floats
    delivery_days: Floats  # from the request to the delivery asked for
    asap: Floats
    role_economic: Floats
    role_technical: Floats
    role_user: Floats

    @property
    def roles(self) -> Floats:
        """Return how many of the three buying roles are known to be reached."""
        return np.nansum([self.role_economic, self.role_technical, self.role_user], axis=0)


def draw_answers(rng: np.random.Generator, turnover_rub: Floats, price: Price) -> Answers:
    """Draw the answers: less is asked where little is sold, the poor keep their budget quiet."""
    count = turnover_rub.size
    asked = sigmoid(1.5 + 0.6 * price.bigness)
    poor = turnover_rub < POOR_TURNOVER_RUB
    need = known(rng, yes(rng, 0.68, count), 0.1 + 0.9 * asked)
    budget = known(rng, yes(rng, np.where(poor, 0.42, 0.62), count), asked * np.where(poor, 0.7, 1.0))
    asap = known(rng, yes(rng, 0.22, count), 0.95 * asked)
    covered = np.round(np.clip(1.15 - 0.9 * rng.random(count), 0.2, 1.0) * 20.0) / 20.0
    planned = np.round(price.amount * np.exp(0.05 + 0.35 * rng.standard_normal(count)), -3)
    days = np.ceil(np.exp(3.75 + 0.8 * rng.standard_normal(count)))
    heard = 0.15 + 0.8 * asked
    return Answers(
        need_defined=need,
        need_coverage=known(rng, covered, np.where(need == 1.0, 0.85, 0.3)),
        budget_allocated=budget,
        budget=known(rng, planned, np.where(budget == 1.0, 0.8, 0.0)),
        delivery_days=known(rng, days, np.where(asap == 1.0, 0.3, 0.75 * asked)),
        asap=asap,
        role_economic=known(rng, yes(rng, 0.42, count), heard),
        role_technical=known(rng, yes(rng, 0.62, count), heard),
        role_user=known(rng, yes(rng, 0.5, count), heard),
    )
