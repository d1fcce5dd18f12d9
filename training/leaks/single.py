"""Leaks that are too good: one fact that tells the outcome alone, or by being unknown."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from mlscore.scoring import comparison
from mlscore.scoring.deal import Floats
from training.leaks.hearing import Hearing
from training.leaks.leak import Leak

ALONE_WARNED, ALONE_REFUSED = 0.80, 0.97
BEYOND_THE_OTHERS = 0.05
"""How far a fact's AUC must lie above that of all unsuspected facts together to be refused."""

FEW_LEVELS = 5
"""A category of more levels than that is a list of things, such as products: it may well tell much, and be honest."""

UNKNOWNS_WARNED, UNKNOWNS_REFUSED = 0.65, 0.80


def leaks_by_themselves(hearing: Hearing, *, vouched: Collection[str] = ()) -> Iterator[Leak]:
    """Hear every fact alone; what is vouched for is no suspect, and counts among the others."""
    alone = {fact: hearing.answers(*hearing.features_of({fact})) for fact in hearing.facts}
    heard = {fact: _auc(hearing, answers) for fact, answers in alone.items()}
    suspects = {fact for fact, auc in heard.items() if auc >= ALONE_WARNED} - set(vouched)
    for fact in heard.keys() - set(vouched):
        auc = min(_auc(hearing, hearing.unknowns(fact, among)) for among in hearing.asked_where(fact))
        if auc >= UNKNOWNS_WARNED:
            yield _by_unknowns(fact, auc)
    if not suspects:
        return
    others = hearing.answers(*hearing.features_of(set(heard) - suspects))
    for fact in sorted(suspects):
        yield _too_good(hearing, fact, alone[fact], others)


def _too_good(hearing: Hearing, fact: str, alone: Floats, others: Floats) -> Leak:
    rows = hearing.judged
    y, own, rest = hearing.y[rows], alone[rows], others[rows]
    auc, others_auc = comparison.auc(y, own), comparison.auc(y, rest)
    ahead = comparison.bootstrap(
        lambda drawn: comparison.auc(y[drawn], own[drawn]) - comparison.auc(y[drawn], rest[drawn]),
        len(rows),
        seed=hearing.seed,
    )
    stands_out = ahead.value >= BEYOND_THE_OTHERS and ahead.low > 0
    is_refused = stands_out and (auc >= ALONE_REFUSED or not _is_a_list(hearing, fact))
    said = (
        f"{fact} alone tells good deals from bad ones with an AUC of {auc:.3f}, all other facts with {others_auc:.3f}: "
    )
    return Leak(
        fact=fact,
        way="too_good",
        severity="refuse" if is_refused else "warn",
        figure=auc,
        sentence=said
        + ("no honest fact stands out so." if is_refused else "see that it is known before a deal closes."),
    )


def _by_unknowns(fact: str, auc: float) -> Leak:
    is_refused = auc >= UNKNOWNS_REFUSED
    return Leak(
        fact=fact,
        way="unknowns",
        severity="refuse" if is_refused else "warn",
        figure=auc,
        sentence=f"Whether {fact} is known tells good deals from bad ones with an AUC of {auc:.3f}: "
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
