"""Hears facts: what some of them tell of the outcome, learned from older deals and judged on newer ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import lightgbm
import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import FACTS, Deals, Floats, Kind, Texts
from mlscore.scoring.features import matrix
from mlscore.scoring.verdict import judge
from training.dataset import Rows, Table
from training.split import grouped_folds

LEARNED_MAX, JUDGED_MAX = 4000, 8000
LEARNED_MIN, CLASS_MIN = 20, 10
"""With fewer deals learned, or fewer judged of one outcome, facts cannot be heard one by one."""

_GOES = (0.4, 0.7, 1.0)
"""Judged are the newer three fifths, in two goes, each after learning everything known before it."""

_FOLDS = 5
_FOLLOWS = 0.99
_EVEN = 0.5
_TREES = 40
_NO_FACTS = {"as_of", "stage", "company_id", "request_text", "currency", "seller_id"}
"""Carried along with every deal: no feature stands on them alone."""

_ALWAYS_KNOWN = ("as_of", "stage", "currency")

Columns = Mapping[str, Floats | Texts]


@dataclass(frozen=True, slots=True)
class Hearing:
    """Some deals of a table, and who learns from whom among them (positions within `rows`).

    `columns` are their facts, `nothing` their features when no fact is known.
    """

    table: Table
    rows: Rows
    goes: tuple[tuple[Rows, Rows], ...]
    columns: Columns
    nothing: Floats
    seed: int
    threads: int

    @property
    def y(self) -> NDArray[np.bool_]:
        """What became of the deals."""
        return self.table.y[self.rows]

    def of_wins(self) -> Hearing | None:
        """Return the same hearing, asked what was won; None where that is asked already, or cannot be told."""
        is_asked = np.array_equal(self.table.won, self.table.y)
        if is_asked or not _has_both(self.table.won[self.rows][self.judged]):
            return None
        return replace(self, table=replace(self.table, y=self.table.won))

    @property
    def judged(self) -> Rows:
        """The positions that are answered."""
        return np.concatenate([answer for _, answer in self.goes])

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that are known of some deal, and may be heard."""
        return tuple(name for name in self.columns if name not in _NO_FACTS and bool(self.is_known(name).any()))

    def is_known(self, fact: str) -> NDArray[np.bool_]:
        """Tell of which deals a fact is known."""
        column = self.columns[fact]
        if column.dtype == object:
            return np.array([value is not None for value in column], dtype=np.bool_)
        return ~np.isnan(column.astype(np.float64))

    def features_of(self, facts: Collection[str]) -> tuple[Floats, list[int]]:
        """Return the features that these facts alone move, nothing else being known, and which are categories."""
        kept = {name: column for name, column in self.columns.items() if name in facts}
        known = _matrix(self.table, len(self.rows), self.columns, kept)
        same = (known == self.nothing) | (np.isnan(known) & np.isnan(self.nothing))
        moved = np.flatnonzero(~same.all(axis=0)).tolist()
        categories = [place for place, column in enumerate(moved) if self.table.features[column].levels]
        return known[:, moved], categories

    def answers(self, features: Floats, categories: Sequence[int]) -> Floats:
        """Return the places small trees over these features give the judged deals, NaN of the others.

        Places are within a go, 0 the least and 1 the most: a share of good deals that moves in time tells nothing of
        a fact.
        """
        answers = np.full(len(self.rows), np.nan)
        for learned, answered in self.goes:
            if not features.shape[1] or not 0 < self.y[learned].sum() < len(learned):
                answers[answered] = _EVEN
                continue
            data = lightgbm.Dataset(
                features[learned],
                label=self.y[learned].astype(float),
                categorical_feature=list(categories),
                params={"verbosity": -1},
            )
            booster = lightgbm.train(self._settings(len(learned)), data, num_boost_round=_TREES)
            said = np.asarray(booster.predict(features[answered], num_threads=1), dtype=np.float64)
            answers[answered] = places_of(said)
        return answers

    def unknowns(self, fact: str, among: NDArray[np.bool_]) -> Floats:
        """Return the places by whether a fact is known, NaN of deals not judged or not `among` these."""
        is_known = self.is_known(fact)
        answers = np.full(len(self.rows), np.nan)
        for learned, answered in self.goes:
            heard, asked = learned[among[learned]], answered[among[answered]]
            rates = [self._rate(heard[is_known[heard] == known]) for known in (False, True)]
            answers[asked] = places_of(np.where(is_known[asked], rates[1], rates[0]))
        return answers

    def asked_where(self, fact: str) -> Iterator[NDArray[np.bool_]]:
        """Yield all deals, and those of which a yes alone let a fact be known: a budget's amount follows a budget."""
        yield np.ones(len(self.rows), dtype=np.bool_)
        is_known = self.is_known(fact)
        for other in self.facts:
            column = self.columns[other]
            if other == fact or column.dtype == object or not np.isin(column[self.is_known(other)], (0.0, 1.0)).all():
                continue
            is_yes = column == 1.0
            if is_yes[is_known].mean() >= _FOLLOWS and _has_both(self.y[self.judged][is_yes[self.judged]]):
                yield is_yes

    def _rate(self, rows: Rows) -> float:
        return (float(self.y[rows].sum()) + float(self.y.mean())) / (len(rows) + 1.0)

    def _settings(self, learned: int) -> dict[str, object]:
        return {
            "objective": "binary",
            "learning_rate": 0.1,
            "num_leaves": 8,
            "min_data_in_leaf": max(5, min(40, learned // 40)),
            "min_data_per_group": max(5, min(50, learned // 40)),
            "cat_smooth": 20.0,
            "lambda_l2": 5.0,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads,
            "seed": self.seed,
            "verbosity": -1,
        }


def hearing_of(table: Table, *, seed: int, threads: int) -> Hearing | None:
    """Choose the deals to hear facts on: by time, or in grouped folds where nothing is dated; None where too few."""
    goes = tuple(_by_time(table)) if table.is_dated else tuple(_by_folds(table, seed))
    if not goes or min(len(learned) for learned, _ in goes) < LEARNED_MIN:
        return None
    if not _has_both(table.y[np.concatenate([answered for _, answered in goes])]):
        return None
    rows = np.unique(np.concatenate([one for go in goes for one in go]))
    within = tuple((np.searchsorted(rows, learned), np.searchsorted(rows, answered)) for learned, answered in goes)
    columns = _columns(table, rows)
    return Hearing(table, rows, within, columns, _matrix(table, len(rows), columns, {}), seed, threads)


def places_of(answers: Floats) -> Floats:
    """Return each answer's place among all, from 0 to 1; equal ones share the middle of theirs."""
    _, inverse, counts = np.unique(answers, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    places: Floats = (middle / max(len(answers), 1))[inverse]
    return places


def _has_both(y: NDArray[np.bool_]) -> bool:
    return bool(min(y.sum(), len(y) - y.sum()) >= CLASS_MIN)


def _by_time(table: Table) -> Iterator[tuple[Rows, Rows]]:
    ordered = np.argsort(table.as_of, kind="stable")
    edges = [round(len(ordered) * share) for share in _GOES]
    for first, last in pairwise(edges):
        answered = ordered[first:last][-JUDGED_MAX // 2 :]
        if not len(answered):
            continue
        start = table.as_of[answered].min()
        yield (
            ordered[(table.as_of[ordered] < start) & (table.first_known_at[ordered] <= start)][-LEARNED_MAX:],
            answered,
        )


def _by_folds(table: Table, seed: int) -> Iterator[tuple[Rows, Rows]]:
    if len(table) < LEARNED_MIN:
        return
    for fold in grouped_folds(table, _FOLDS, seed=seed):
        rng = np.random.default_rng(seed)
        learned, answered = fold.learn, fold.answer
        yield (
            np.sort(rng.choice(learned, min(len(learned), LEARNED_MAX), replace=False)),
            np.sort(rng.choice(answered, min(len(answered), JUDGED_MAX // _FOLDS), replace=False)),
        )


def _matrix(table: Table, size: int, columns: Columns, known: Columns) -> Floats:
    always = {name: columns[name] for name in _ALWAYS_KNOWN}
    return matrix(table.features, judge(Deals.of_columns({**always, **known}, size=size), table.policy))


def _columns(table: Table, rows: Rows) -> Columns:
    kinds = {name: fact.kind for name, fact in FACTS.items()}
    kinds |= {fact.name: fact.carried_as for fact in table.policy.custom_facts}
    return {
        name: (table.deals.texts(name) if kind is Kind.TEXT else table.deals.numbers(name))[rows]
        for name, kind in kinds.items()
    }
