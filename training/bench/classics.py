"""The classics a firm could have instead, as their own libraries make them; they read facts, not track records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import lightgbm
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.calibration import logit, sigmoid
from training.contest import Setting
from training.dataset import Rows, Table
from training.estimators import Lesson, NaiveBayes, PriorRate, RuleRates
from training.estimators.columns import in_view

Classic = Callable[[Table, Rows, Rows, Setting], Floats]
"""Learns some rows of a table and answers others: their log-odds."""

LOGISTIC_STRENGTH = 0.15
FOREST_TREES, FOREST_LEAF = 500, 2
_SMALL_TREES, _SMALL_LEAVES = 100, 8
_NEVER_SURE = 1e-3


def prior_rate(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Answer every deal with the share of positives."""
    del setting
    return PriorRate().fit(Lesson.of(table, learn)).log_odds(_inputs(table, answer))


def rule_rates(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Answer with the smoothed rate of the rule cell."""
    del setting
    return RuleRates().fit(Lesson.of(table, learn)).log_odds(_inputs(table, answer))


def naive_bayes(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Answer as Odoo does: categories and yes / no facts, each adding its evidence."""
    del setting
    return NaiveBayes().fit(Lesson.of(table, learn)).log_odds(_inputs(table, answer))


def logistic(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Fit scikit-learn's logistic regression on standardised numbers and one column a level."""
    del setting
    columns = _one_hot(table, learn)
    fitted = LogisticRegression(C=LOGISTIC_STRENGTH, max_iter=1000).fit(columns[learn], table.y[learn])
    return np.asarray(fitted.decision_function(columns[answer]), dtype=np.float64)


def forest(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Grow scikit-learn's forest of 500 trees on the same columns."""
    columns = _one_hot(table, learn)
    fitted = RandomForestClassifier(
        FOREST_TREES, min_samples_leaf=FOREST_LEAF, random_state=setting.seed, n_jobs=setting.threads
    ).fit(columns[learn], table.y[learn])
    chance = np.asarray(fitted.predict_proba(columns[answer]), dtype=np.float64)[:, 1]
    return logit(np.clip(chance, _NEVER_SURE, 1.0 - _NEVER_SURE))


def lightgbm_defaults(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Boost with LightGBM as it comes."""
    return _boosted(table, learn, answer, setting, {}, rounds=100)


def small_lightgbm(table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Boost with a hundred small, slow trees."""
    small = {"num_leaves": _SMALL_LEAVES, "learning_rate": 0.06, "min_data_in_leaf": 8, "lambda_l2": 5.0}
    return _boosted(table, learn, answer, setting, small, rounds=_SMALL_TREES)


CLASSICS: Mapping[str, Classic] = {
    one.__name__: one
    for one in (prior_rate, rule_rates, naive_bayes, logistic, forest, lightgbm_defaults, small_lightgbm)
}
"""Every classic by its name, the simpler first."""

NEED_NO_BOTH = ("prior_rate", "rule_rates", "naive_bayes")
"""Classics that can learn from deals of one outcome only."""


def answers_of(name: str, table: Table, learn: Rows, answer: Rows, setting: Setting) -> Floats:
    """Return a classic's probabilities; where there is nothing to learn from, the prior rate's."""
    y = table.y[learn]
    is_taught = len(learn) > 0 and bool(0 < y.sum() < len(y))
    classic = CLASSICS[name] if is_taught or name in NEED_NO_BOTH else prior_rate
    return sigmoid(classic(table, learn, answer, setting))


def _inputs(table: Table, rows: Rows) -> Inputs:
    return Inputs(table.inputs.matrix[rows], table.inputs.cells[rows])


def _boosted(
    table: Table, learn: Rows, answer: Rows, setting: Setting, settings: Mapping[str, object], *, rounds: int
) -> Floats:
    view = in_view(table.features, is_tracked=False)
    matrix = table.inputs.matrix[:, view]
    listed = [place for place, position in enumerate(view) if table.features[position].levels]
    data = lightgbm.Dataset(
        matrix[learn], label=table.y[learn].astype(float), categorical_feature=listed, params={"verbosity": -1}
    )
    own = {"objective": "binary", "seed": setting.seed, "num_threads": setting.threads, "verbosity": -1}
    booster = lightgbm.train({**own, **settings}, data, num_boost_round=rounds)
    return np.asarray(booster.predict(matrix[answer], raw_score=True, num_threads=1), dtype=np.float64)


def _one_hot(table: Table, learn: Rows) -> Floats:
    """Return deals x columns: numbers standardised on the rows learned, one column a level, one for the unknown."""
    columns: list[Floats] = []
    for position in in_view(table.features, is_tracked=False):
        column, levels = table.inputs.matrix[:, position], table.features[position].levels
        known = column[learn][~np.isnan(column[learn])]
        if levels is not None:
            columns += [(column == code).astype(np.float64) for code in np.unique(known).tolist()]
        elif len(known):
            columns.append(np.nan_to_num((column - known.mean()) / (known.std() or 1.0), nan=0.0))
        columns.append(np.isnan(column).astype(np.float64))
    return np.column_stack(columns)
