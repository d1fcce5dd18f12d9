"""Trees boosted from the logistic's own answers learn what it left over, and naive Bayes only counts."""

import numpy as np
import pytest

from mlscore.scoring.comparison import log_loss
from mlscore.scoring.model import Boosted, Inputs, Linear
from mlscore.scoring.model.calibration import sigmoid
from tests.training.histories import a_closed_deal, a_table
from training.estimators import Lesson, NaiveBayes, candidates


def neither_alone(deals: int = 500):
    """Return deals that are good where just one of two facts holds: each fact alone tells nothing."""
    rng = np.random.default_rng(2)
    one, other = rng.random(deals) < 0.5, rng.random(deals) < 0.5
    good = rng.random(deals) < np.where(one != other, 0.9, 0.1)
    return a_table(
        [
            a_closed_deal(f"D-{n}", day=n, won=bool(good[n]), asap=bool(one[n]), trial_order=bool(other[n]))
            for n in range(deals)
        ]
    )


def test_trees_find_what_the_logistic_cannot() -> None:
    table = neither_alone()
    [candidate] = [one for one in candidates(table, seed=1, threads=1) if one.name == "boosted_logistic"]
    member = candidate.fit(Lesson.of(table, np.arange(len(table))))
    assert isinstance(member, Boosted)
    alone, together = (log_loss(table.y, sigmoid(m.log_odds(table.inputs))) for m in (member.start, member))
    assert alone > 0.65
    assert together < 0.45


def counted(**facts: list[object]):
    """Return the table of deals of which every other was won, with these facts, and what naive Bayes learned."""
    size = len(next(iter(facts.values())))
    table = a_table(
        [
            a_closed_deal(f"D-{n}", day=n, won=n % 2 == 0, **{name: values[n] for name, values in facts.items()})
            for n in range(size)
        ]
    )
    return table, NaiveBayes().fit(Lesson.of(table, np.arange(size)))


def test_naive_bayes_adds_the_evidence_of_yes_no_and_categories() -> None:
    half = [True, False] * 30
    table, member = counted(asap=half, industry=["dairy", "meat"] * 30)
    assert isinstance(member, Linear)
    asap, industry = ([f.name for f in table.features].index(name) for name in ("asap", "industry"))
    parts = member.contributions(table.inputs)
    assert (parts[::2, [asap, industry]] > 2).all()
    assert (parts[1::2, [asap, industry]] < -2).all()


def test_naive_bayes_reads_no_numbers_no_track_record_and_takes_the_unknown_for_nothing() -> None:
    table, member = counted(employees=[50.0 + n for n in range(60)], asap=[True, None] * 30, source=["site"] * 60)
    silent = [
        place
        for place, f in enumerate(table.features)
        if f.is_tracked or f.name in {"employees", "season_sine", "unknown_answers"}
    ]
    parts = member.contributions(table.inputs)
    assert silent
    assert not parts[:, silent].any()
    unknown = Inputs(np.full((1, len(table.features)), np.nan), np.zeros(1, dtype=np.intp))
    assert member.log_odds(unknown)[0] == pytest.approx(0.0, abs=1e-9)
