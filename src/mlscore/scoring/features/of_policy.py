"""The features a policy gives: the standard ones, its criteria, lists and custom facts, and track records."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.economics import BASES
from mlscore.scoring.features.feature import Column, Feature, Vocabularies, signed_log
from mlscore.scoring.features.standard import STANDARD
from mlscore.scoring.policy import Criterion, CustomFact, Op, Policy
from mlscore.scoring.rules import ROUTES, Codes, unknown_facts_of
from mlscore.scoring.track_record import FIRM, column_of, statistics_of, subjects_of
from mlscore.scoring.verdict import Verdicts

LEARNED_VOCABULARIES = ("region", "source", "funnel")
"""Text facts whose levels no policy lists: training learns them and the bundle carries them."""

DIRECTIONS = {"more_is_better": 1, "less_is_better": -1, "none": 0}


def features_of(policy: Policy, vocabularies: Vocabularies) -> tuple[Feature, ...]:
    """Return every feature under a policy, in matrix order; `vocabularies` hold the levels learned in training."""
    return (
        *STANDARD,
        *(f for c in policy.criteria for f in _criterion_features(c)),
        Feature("route", "rules", 0, tuple(ROUTES), lambda judged: judged.lead.route.astype(np.float64)),
        Feature("profit_basis", "profit_if_won", 0, BASES, lambda judged: judged.economy.basis.astype(np.float64)),
        _listed("industry", tuple(i.code for i in policy.industries), lambda judged: judged.facts.industry),
        _listed("product_category", tuple(c.code for c in policy.categories), lambda judged: judged.facts.category),
        *(_category(name, name, vocabularies.get(name, ())) for name in LEARNED_VOCABULARIES),
        *(_custom(fact) for fact in policy.custom_facts),
        *_track_record(policy),
    )


def matrix(features: tuple[Feature, ...], judged: Verdicts, *, tracked: Floats | None = None) -> Floats:
    """Return deals x features, NaN unknown; what is `tracked` stands as in that matrix, where one is given."""
    made = np.empty((len(judged), len(features))) if tracked is None else tracked
    for position, one in enumerate(features):
        if tracked is None or not one.is_tracked:
            made[:, position] = one.column(judged)
    return made


def named(features: tuple[Feature, ...], judged: Verdicts) -> NDArray[np.bool_]:
    """Return deals x features: where a deal states a name, whether or not it is one of the feature's levels."""
    stated = np.zeros((len(judged), len(features)), dtype=np.bool_)
    for position, one in enumerate(features):
        if one.is_named:
            stated[:, position] = judged.facts.text(one.fact).astype(np.bool_)
    return stated


def _criterion_features(criterion: Criterion) -> Iterator[Feature]:
    fact = unknown_facts_of(criterion)

    def answer(judged: Verdicts) -> Floats:
        return judged.lead.criteria[judged.policy.criteria.index(criterion)]

    yield Feature(f"criterion_{criterion.code}", fact, 1, None, answer)
    value = criterion.value
    if criterion.op in {Op.IN, Op.IS} or not isinstance(value, int | float):
        return
    sign = -1 if criterion.op in {Op.BELOW, Op.AT_MOST} else 1
    threshold = float(signed_log(np.array(float(value))))

    def margin_to_threshold(judged: Verdicts) -> Floats:
        return sign * (signed_log(judged.facts.number(criterion.field)) - threshold)

    yield Feature(f"margin_{criterion.code}", fact, 1, None, margin_to_threshold)


def _listed(name: str, levels: tuple[str, ...], positions: Callable[[Verdicts], Codes]) -> Feature:
    def column(judged: Verdicts) -> Floats:
        found = positions(judged)
        return np.where(found < 0, np.nan, found)

    return Feature(name, name, 0, levels, column, is_named=True)


def _category(name: str, fact: str, levels: tuple[str, ...]) -> Feature:
    codes = {level: float(code) for code, level in enumerate(levels)}

    def read(deals: Deals) -> Floats:
        return np.array([codes.get(text, np.nan) for text in deals.texts(fact).tolist()], dtype=np.float64)

    def column(judged: Verdicts) -> Floats:
        return judged.facts.deals.derived((fact, levels), fact, read)

    return Feature(name, fact, 0, levels, column, is_named=True)


def _custom(fact: CustomFact) -> Feature:
    # Prefixed: a firm may call its own fact "margin" or "route", as features of ours are called.
    name = f"custom_{fact.name}"
    if fact.kind == "category":
        return _category(name, fact.name, fact.levels)
    columns: dict[str, Column] = {
        "number": lambda judged: signed_log(judged.facts.number(fact.name)),
        "yes_no": lambda judged: judged.facts.number(fact.name),
        "date": lambda judged: judged.facts.number(fact.name) - judged.facts.today,
    }
    return Feature(name, fact.name, DIRECTIONS[fact.direction], None, columns[fact.kind])


def _track_record(policy: Policy) -> Iterator[Feature]:
    """Yield what earlier deals say of the firm, and of every subject it tells deals apart by.

    None has a direction: the figures overlap, and each says what the others left out.
    """
    for statistic in statistics_of(FIRM):
        yield _tracked(FIRM, statistic, fact="market")
    for subject, fact in subjects_of(policy).items():
        for statistic in statistics_of(subject):
            yield _tracked(subject, statistic, fact=fact)


def _tracked(subject: str, statistic: str, *, fact: str) -> Feature:
    name = column_of(subject, statistic)
    return Feature(name.replace(".", "_"), fact, 0, None, lambda judged: judged.facts.number(name), is_tracked=True)
