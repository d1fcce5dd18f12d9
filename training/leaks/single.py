"""Leaks that are too good: one fact that tells the outcome alone, or by being unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import comparison
from mlscore.scoring.deal import Floats
from training.leaks.hearing import Hearing
from training.leaks.leak import Leak

COPY_RIGHT = 0.85
"""A fact is told of where it may be a copy of the outcome that is right so often, as far as so many deals can tell."""

ALONE_SUSPECTED = 0.80
"""AUC of one fact from which on it may be refused, and the others are asked without it."""

BEYOND_THE_OTHERS, SURELY_BEYOND = 0.05, 0.02
"""How far it must lie above that of all unsuspected facts to be refused: as measured, and 19 times in 20."""

A_LIST_REFUSED = 0.97

FEW_LEVELS = 5
"""A category of more levels is a list of things, such as products: it may tell much and be honest, up to 0.97."""

UNKNOWNS_WARNED, UNKNOWNS_REFUSED = (0.65, 0.60), (0.80, 0.70)
"""AUC of whether a fact is known: as measured, and 19 times in 20."""

_CHANCE_ERRORS = 2.5
_MONEY_OF_A_DEAL = frozenset({"amount", "budget_amount", "profit_if_won", "cost"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One fact heard alone: its answers, their AUC, and the AUC of whether it is known."""

    fact: str
    answers: Floats
    auc: float
    unknowns_auc: float


def hear_every(hearing: Hearing) -> list[Heard]:
    """Hear every fact alone."""
    return [_heard(hearing, fact) for fact in hearing.facts]


def leaks_by_themselves(hearing: Hearing, heard: Sequence[Heard], *, vouched: Collection[str] = ()) -> Iterator[Leak]:
    """Suspect what tells too much; what is vouched for is no suspect, and counts among the others.

    Where every deal was won the floor alone tells good ones from bad: how large a deal is may then tell everything.
    """
    for one in heard:
        if one.fact not in vouched and (leak := _by_unknowns(hearing, one)) is not None:
            yield leak
    limit, table = auc_of_a_copy(hearing.y[hearing.judged]), hearing.table
    is_floor_alone = table.label == "profitable" and bool(table.won[hearing.rows].all())
    honest = {*vouched, *(_MONEY_OF_A_DEAL if is_floor_alone else ())}
    telling = [one for one in heard if one.auc >= limit and one.fact not in honest]
    if not telling:
        return
    suspects = {one.fact for one in telling if one.auc >= ALONE_SUSPECTED}
    others = hearing.answers(*hearing.features_of({one.fact for one in heard} - suspects))
    for one in telling:
        yield _too_good(hearing, one, others)


def leaks_of_winning(hearing: Hearing, heard: Sequence[Heard], *, vouched: Collection[str] = ()) -> Iterator[Leak]:
    """Suspect what tells won deals from lost ones too well, where profitable ones are learned.

    The floor parts won deals of their own accord: against the label a copy of the win looks no better than an honest
    fact. The facts are not heard anew, for what tells a win orders deals by it whatever was asked.
    """
    if (of_wins := hearing.of_wins()) is None:
        return
    again = [Heard(one.fact, one.answers, _auc(of_wins, one.answers), 0.0) for one in heard]
    for leak in leaks_by_themselves(of_wins, again, vouched=vouched):
        yield replace(leak, sentence=leak.sentence.replace("good deals from bad ones", "won deals from lost ones", 1))


def _heard(hearing: Hearing, fact: str) -> Heard:
    answers = hearing.answers(*hearing.features_of({fact}))
    by_unknowns = min(_auc(hearing, hearing.unknowns(fact, among)) for among in hearing.asked_where(fact))
    return Heard(fact, answers, _auc(hearing, answers), by_unknowns)


def _too_good(hearing: Hearing, one: Heard, others: Floats) -> Leak:
    rows = hearing.judged
    y, own, rest = hearing.y[rows], one.answers[rows], others[rows]
    ahead = comparison.bootstrap(
        lambda drawn: comparison.auc(y[drawn], own[drawn]) - comparison.auc(y[drawn], rest[drawn]),
        len(rows),
        seed=hearing.seed,
    )
    stands_out = ahead.value >= BEYOND_THE_OTHERS and ahead.low >= SURELY_BEYOND
    is_refused = stands_out and one.auc >= (A_LIST_REFUSED if _is_a_list(hearing, one.fact) else ALONE_SUSPECTED)
    return Leak(
        fact=one.fact,
        way="too_good",
        severity="refuse" if is_refused else "warn",
        figure=one.auc,
        sentence=f"{one.fact} alone tells good deals from bad ones with an AUC of {one.auc:.3f}, the others together "
        f"with {one.auc - ahead.value:.3f}: "
        + ("no honest fact stands out so." if is_refused else "see that it is known before a deal closes."),
    )


def auc_of_a_copy(y: NDArray[np.bool_]) -> float:
    """Return the least AUC that a copy of these outcomes, right so often, has but by rare chance."""
    positives = int(y.sum())
    error = np.sqrt(COPY_RIGHT * (1 - COPY_RIGHT) * (1 / positives + 1 / (len(y) - positives))) / 2
    return float(COPY_RIGHT - _CHANCE_ERRORS * error)


def _by_unknowns(hearing: Hearing, one: Heard) -> Leak | None:
    if one.unknowns_auc < UNKNOWNS_WARNED[0]:
        return None
    rows = hearing.judged
    y, places = hearing.y[rows], hearing.unknowns(one.fact, np.ones(len(hearing.rows), dtype=np.bool_))[rows]
    auc = comparison.bootstrap(lambda drawn: comparison.auc(y[drawn], places[drawn]), len(rows), seed=hearing.seed)
    if auc.low < UNKNOWNS_WARNED[1]:
        return None
    is_refused = one.unknowns_auc >= UNKNOWNS_REFUSED[0] and auc.low >= UNKNOWNS_REFUSED[1]
    return Leak(
        fact=one.fact,
        way="unknowns",
        severity="refuse" if is_refused else "warn",
        figure=one.unknowns_auc,
        sentence=f"Whether {one.fact} is known tells good deals from bad ones with an AUC of {one.unknowns_auc:.3f}: "
        + ("it seems to be filled in once a deal has closed." if is_refused else "see when it is filled in."),
    )


def _auc(hearing: Hearing, answers: Floats) -> float:
    """Return the AUC over the deals answered; 0 where they all ended alike: that proves nothing."""
    answered = np.flatnonzero(~np.isnan(answers))
    auc = comparison.auc(hearing.y[answered], answers[answered])
    return 0.0 if np.isnan(auc) else auc


def _is_a_list(hearing: Hearing, fact: str) -> bool:
    column = hearing.columns[fact]
    return column.dtype == object and len(set(column[hearing.is_known(fact)].tolist())) > FEW_LEVELS
