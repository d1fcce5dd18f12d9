"""Models and bundles for tests: small, seeded, and of every kind a bundle can hold."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from mlscore.registry import BoosterMember, BoosterRatio, write_bundle
from mlscore.registry.manifest import MANIFEST, sealed
from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.features import features_of, matrix
from mlscore.scoring.model import (
    Boosted,
    Design,
    Far,
    FittedModel,
    Knots,
    Linear,
    Member,
    PartedProfit,
    Rates,
    SameRatio,
    Sigmoid,
    Staged,
    prior_model,
)
from mlscore.scoring.model.design import NUMBER, UNKNOWN
from mlscore.scoring.policy import CustomFact, Policy, default_policy
from mlscore.scoring.verdict import CELLS, judge

FILES = ("manifest.json", "model.json", "policy.json", "golden.json", "facts.json", "card.md", "booster-1.lgb")
"""The files of a bundle with a booster."""

VOCABULARIES = {"region": ("north", "south"), "source": ("fair", "site")}
FACTS: Mapping[str, object] = {"created_at": "2026-01-15T09:00:00+00:00", "gates": []}


@cache
def a_policy() -> Policy:
    """Return the shipped policy with a custom fact of every kind."""
    kinds = {"colour": "category", "weight": "number", "urgent": "yes_no", "tender_on": "date"}
    levels = {"colour": ("red", "green")}
    custom = tuple(CustomFact(name=n, kind=k, levels=levels.get(n, ())) for n, k in kinds.items())
    return replace(default_policy(), custom_facts=custom)


def some_deals(count: int, *, seed: int = 7) -> Deals:
    """Return deals that know about half of what they might."""
    chance, as_of = random.Random(seed), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def maybe(*values: Any) -> Any:
        return chance.choice((None, *values))

    def a_deal(number: int) -> Deal:
        return Deal(
            deal_id=f"D-{number}",
            as_of=as_of + timedelta(days=number % 300),
            industry=maybe(*(i.code for i in a_policy().industries)),
            steam_tph=maybe(2.0, 12.0, 30.0),
            annual_turnover_rub=maybe(1e7, 2e9),
            region=maybe("north", "south", "moon"),
            in_nomenclature=maybe(True, False),
            need_defined=maybe(True, False),
            budget_allocated=maybe(True, False),
            profit_if_won=maybe(100_000, 900_000, 2_500_000),
            amount=maybe(5_000_000, 40_000_000),
            extra={"weight": maybe(1.5, 80.0), "colour": maybe("red", "green")},
        )

    return Deals([a_deal(number) for number in range(count)])


@cache
def a_design() -> Design:
    """Return a design of every feature: numbers as they are, a column a level and one for the unknown."""
    columns = []
    for place, feature in enumerate(features_of(a_policy(), VOCABULARIES)):
        levels = [NUMBER] if feature.levels is None else [*range(len(feature.levels)), UNKNOWN]
        columns += [(place, level) for level in levels]
    return Design(*np.array(columns, dtype=float).T)


@cache
def a_booster(boosting: str = "gbdt", objective: str = "binary") -> lightgbm.Booster:
    """Return five small trees fitted on the design's columns of 200 deals."""
    columns = a_design()(matrix(features_of(a_policy(), VOCABULARIES), judge(some_deals(200), a_policy())))
    target = np.nan_to_num(columns[:, 0]) + np.random.default_rng(3).normal(size=200) > 0.4
    params = {"objective": objective, "boosting": boosting, "num_threads": 1, "verbose": -1, "min_data_in_leaf": 5}
    forest = {"bagging_freq": 1, "bagging_fraction": 0.7} if boosting == "rf" else {}
    data = lightgbm.Dataset(columns, target.astype(float))
    return lightgbm.train(params | forest, data, num_boost_round=5)


def a_linear(features: int) -> Linear:
    """Return a logistic regression with drawn weights."""
    draws = np.random.default_rng(5)
    return Linear(
        intercept=-0.3,
        center=draws.normal(size=features),
        scale=draws.uniform(0.5, 2.0, size=features),
        weight=draws.normal(size=features) / 9,
        unknown_weight=draws.normal(size=features) / 9,
        level_weights=draws.normal(size=(features, 4)) / 9,
        knots=np.sort(draws.normal(size=(features, 3)), axis=1),
        bends=draws.normal(size=(features, 3)) / 9,
        reach=4.0,
    )


def trees(boosting: str = "gbdt") -> BoosterMember:
    """Return five trees on the columns of the design."""
    return BoosterMember(a_booster(boosting), a_design())


def staged() -> Staged:
    """Return two stages, the first of them made of two members itself."""
    return Staged(won=Boosted(start=a_linear(len(a_model().features)), trees=trees()), enough=trees("rf"))


def some_far(features: int) -> Far:
    """Return what lies far: numbers beyond a span, and a level never learned of a fact the model leans on."""
    least, learned = np.full(features, -np.inf), np.full((features, 2), np.nan)
    least[0] = np.nan
    learned[-1] = (1.0, 0.0)
    return Far(least=least, most=np.full(features, 1e7), learned=learned, leans_on=np.full(features, 0.2))


def some_rates() -> Rates:
    """Return rates of a history that filled some of the cells."""
    deals = np.random.default_rng(6).integers(0, 40, size=CELLS).astype(float)
    return Rates(deals=deals, positives=np.floor(deals / 3), base=0.31, worth=10.0)


def a_model(**changes: Any) -> FittedModel:
    """Return a model that has passed its gates: rates alone, unless a test says otherwise."""
    features = features_of(a_policy(), VOCABULARIES)
    rates = some_rates()
    model = FittedModel(
        version="7",
        policy=a_policy(),
        vocabularies=VOCABULARIES,
        features=features,
        members=((1.0, rates),),
        calibration=Sigmoid(slope=0.9, intercept=0.1),
        spread_at=np.array([-1.0, 0.1, 2.0]),
        spread_below=np.array([0.2, 1 / 3, 0.4]),
        spread_above=np.array([0.3, 0.2, 0.1]),
        profit=PartedProfit(good=SameRatio(0.91), bad=SameRatio(-0.017), margin=1 / 3, typical=1_234_567.8),
        rates=rates,
        far=some_far(len(features)),
        label="profitable",
        simulated=True,
        why_unapproved=None,
    )
    return replace(model, **changes)


def a_constant_model(probability: float, **changes: Any) -> FittedModel:
    """Return a model that says the same of every deal: its answer tells which model gave it."""
    rates = Rates(deals=np.zeros(CELLS), positives=np.zeros(CELLS), base=probability, worth=1.0)
    return a_model(members=((1.0, rates),), calibration=Sigmoid(), **changes)


def a_weighted_model() -> FittedModel:
    """Return a model with a member of every kind, and a learned profit."""
    return a_model(
        members=(
            (0.2, some_rates()),
            (0.2, a_linear(len(a_model().features))),
            (0.3, trees()),
            (0.1, trees("rf")),
            (0.2, staged()),
        ),
        calibration=Knots(at=np.array([-2.0, 0.1, 3.0]), value=np.array([-1.0, 0.2, 0.7])),
        profit=PartedProfit(
            good=BoosterRatio(a_booster(objective="regression"), a_design(), scale=1.7),
            bad=SameRatio(-0.1),
            margin=0.2,
            typical=7e5,
        ),
    )


def a_model_of(member: Member) -> FittedModel:
    """Return a model of one member."""
    return a_model(members=((1.0, member),))


EVERY_KIND: Mapping[str, Callable[[], FittedModel]] = {
    "the prior": lambda: prior_model(a_policy()),
    "rates": a_model,
    "linear": lambda: a_model_of(a_linear(len(a_model().features))),
    "booster": lambda: a_model_of(trees()),
    "forest": lambda: a_model_of(trees("rf")),
    "boosted": lambda: a_model_of(Boosted(start=some_rates(), trees=trees())),
    "staged": lambda: a_model_of(staged()),
    "weighted": a_weighted_model,
}


def a_bundle(folder: Path, model: FittedModel | None = None, **facts: object) -> Path:
    """Write a bundle and return where."""
    write_bundle(folder, model or a_model(), card="# A card\n", facts={**FACTS, **facts})
    return folder


def with_file(folder: Path, name: str, change: Callable[[str], str]) -> Path:
    """Change a file of a bundle and have the manifest agree, as whoever tampers with one would."""
    path = folder / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.name != MANIFEST}
    (folder / MANIFEST).write_bytes(sealed(files, created_at="2026-01-15"))
    return folder


def with_json(folder: Path, name: str, **changes: object) -> Path:
    """Change keys of a JSON file of a bundle and have the manifest agree."""
    return with_file(folder, name, lambda text: json.dumps(json.loads(text) | changes))
