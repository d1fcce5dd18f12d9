"""How hard a simulated history is: how far plain models stay from the best possible one."""

from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from training.simulate.catalog import FLOOR_RUB
from training.simulate.draws import Bools, Floats
from training.simulate.export import DECIMALS, NO, WON, YES
from training.simulate.simulation import Simulated

TEST_SHARE = 0.2  # the newest
LEVELS = ("Отрасль", "Регион", "Категория товара", "Источник", "Воронка")
ANSWERS = (
    "Наш клиент",
    "По номенклатуре",
    "Потребность определена",
    "Бюджет выделен",
    "Срочно",
    "ЛПР экономический",
    "ЛПР технический",
    "ЛПР пользователь",
    "Пробный заказ",
)
NEVER_A_FEATURE = "Прибыль факт"


@dataclass(frozen=True, slots=True)
class Hardness:
    """Mean log losses on the newest closed deals, in nats."""

    oracle: float
    prior: float
    logistic: float
    default_boosting: float

    def gap(self, log_loss: float) -> float:
        """Return the distance to the oracle as a share of the prior's distance."""
        return (log_loss - self.oracle) / (self.prior - self.oracle)


def measure(simulated: Simulated) -> Hardness:
    """Train plain models on the raw export in order of time and compare them with the truth."""
    facts = simulated.facts[simulated.facts["Результат"] != ""].reset_index(drop=True)
    truth = simulated.truth.set_index("deal_id").loc[facts["ID сделки"], "p_true"].to_numpy()
    labels = ((facts["Результат"] == WON) & (facts[NEVER_A_FEATURE] >= FLOOR_RUB)).to_numpy()
    split = round(len(facts) * (1.0 - TEST_SHARE))
    numbers, levels = _numbers(facts), facts[list(LEVELS)]
    linear = _for_a_linear_model(numbers, levels, split)
    trees = np.column_stack([numbers, *(pd.factorize(levels[name])[0].astype(np.float64) for name in LEVELS)])
    train, newest = labels[:split], labels[split:]
    logistic = LogisticRegression(max_iter=2000).fit(linear[:split], train)
    boosting = lightgbm.LGBMClassifier(num_threads=1, verbose=-1)
    boosting.fit(pd.DataFrame(trees[:split]), train)
    boosted = np.asarray(boosting.predict_proba(pd.DataFrame(trees[split:])))
    return Hardness(
        oracle=_log_loss(truth[split:], newest),
        prior=_log_loss(np.full(newest.size, train.mean()), newest),
        logistic=_log_loss(logistic.predict_proba(linear[split:])[:, 1], newest),
        default_boosting=_log_loss(boosted[:, 1], newest),
    )


def _numbers(facts: pd.DataFrame) -> Floats:
    """Return the numbers (money and sizes as logs), the answers and the delivery, unknown NaN."""
    names = [name for name in DECIMALS if name != NEVER_A_FEATURE]
    logs = [np.log(np.maximum(facts[name].to_numpy(dtype=np.float64), 0.1)) for name in names]
    answers = [facts[name].map({YES: 1.0, NO: 0.0}).to_numpy(dtype=np.float64) for name in ANSWERS]
    ahead = (facts["Дата поставки"] - facts["Дата"]).dt.total_seconds() / 86_400.0
    return np.column_stack([*logs, *answers, ahead.to_numpy(dtype=np.float64)])


def _for_a_linear_model(numbers: Floats, levels: pd.DataFrame, split: int) -> Floats:
    """Standardise, mark what is missing, and give every level a column."""
    missing = np.isnan(numbers)
    filled = np.where(missing, np.nanmedian(numbers[:split], axis=0), numbers)
    scaled = (filled - filled[:split].mean(axis=0)) / filled[:split].std(axis=0)
    return np.column_stack([scaled, missing, pd.get_dummies(levels).to_numpy(dtype=np.float64)])


def _log_loss(chances: Floats, labels: Bools) -> float:
    likely = np.clip(np.where(labels, chances, 1.0 - chances), 1e-6, None)
    return float(-np.log(likely).mean())
