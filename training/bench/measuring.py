"""Holds the service and the classics to the same deals, and measures what each of them said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.model.calibration import sigmoid
from training.bench.classics import CLASSICS, answers_of
from training.bench.histories import BenchHistory
from training.bench.protocol import Protocol, cut_down, turn_of
from training.contest import Round, Setting
from training.contest.holding import play
from training.contest.setting import choose_setting
from training.dataset import Rows, Table
from training.estimators import BLENDED, FALLBACK, candidates
from training.split import Fold

SERVICE = "service"
GROUP = 100

Progress = Callable[[str], None]


@dataclass(slots=True)
class Said:
    """What one scorer said of the answered deals, fold by fold."""

    rows: list[Rows] = field(default_factory=list)
    probability: list[Floats] = field(default_factory=list)
    expected_profit: list[Floats] = field(default_factory=list)
    low: list[Floats] = field(default_factory=list)
    high: list[Floats] = field(default_factory=list)
    abstained: list[NDArray[np.bool_]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures of one scorer that learned so many deals (None: all there were); money in whole units."""

    scorer: str
    size: int | None
    deals: int
    log_loss: float
    auc: float
    brier: float
    ece: float
    captured: float | None
    captured_half: float | None
    gap: float | None = None
    accepted: float | None = None
    abstained: float | None = None
    expected: float | None = None
    realised: float | None = None
    covered: float | None = None


def measure(
    history: BenchHistory,
    protocol: Protocol,
    sizes: Sequence[int | None],
    setting: Setting,
    *,
    progress: Progress = lambda _: None,
) -> list[Measured]:
    """Return every scorer's figures at every size of history, all on the same deals."""
    table = history.table
    folds = list(protocol.tests(table, seed=setting.seed))
    found = []
    for size in sizes:
        said: Mapping[str, Said] = defaultdict(Said)
        for place, fold in enumerate(folds):
            learn = cut_down(table, fold, size, seed=setting.seed + place)
            progress(f"n = {'all' if size is None else size}: fold {place + 1} of {len(folds)}, {len(learn)} learned")
            _answer(table, fold, learn, setting, said)
        found += [_measured(history, name, size, one) for name, one in said.items()]
    return found


def _answer(table: Table, fold: Fold, learn: Rows, setting: Setting, said: Mapping[str, Said]) -> None:
    for name in CLASSICS:
        said[name].rows.append(fold.answer)
        said[name].probability.append(answers_of(name, table, learn, fold.answer, setting))
    served, own = serve(table, fold, learn, setting), said[SERVICE]
    own.rows.append(fold.answer)
    own.probability.append(served.probability()[fold.answer])
    own.expected_profit.append(served.expected_profit[fold.answer])
    own.low.append(served.low[fold.answer])
    own.high.append(served.high[fold.answer])
    own.abstained.append(served.abstained[fold.answer])


def serve(table: Table, fold: Fold, learn: Rows, setting: Setting) -> Round:
    """Run the service's whole pipeline on some rows, as a retraining would, and answer a fold's."""
    turn = turn_of(table, learn, fold, seed=setting.seed)
    chosen = choose_setting(table, turn, setting)
    entrants = candidates(table, seed=chosen.seed, threads=chosen.threads, is_tracked=chosen.is_tracked)
    blended = [entrant for entrant in entrants if entrant.name in (*BLENDED, FALLBACK)]
    test = Fold(learn, fold.answer, fold.start, is_test=True)
    return play(table, (*turn[:-1], test), blended, chosen, by_time=not np.isnan(fold.start))


def _measured(history: BenchHistory, scorer: str, size: int | None, said: Said) -> Measured:
    table = history.table
    rows, p = np.concatenate(said.rows), np.concatenate(said.probability)
    y, profit = table.y[rows], table.profit[rows] / MINOR_UNITS
    expected = np.concatenate([np.zeros(0), *said.expected_profit]) / MINOR_UNITS
    is_service = scorer == SERVICE
    by_money = is_service and table.has_profit and not np.isnan(expected).any()
    rank = _last(expected, np.concatenate(said.abstained)) if by_money else p
    worked = comparison.deals_the_team_can_work(table.as_of[rows], deals_a_month=table.policy.economics.deals_worked)
    return Measured(
        scorer=scorer,
        size=size,
        deals=len(rows),
        log_loss=comparison.log_loss(y, p),
        auc=_mean_auc(table, said),
        brier=comparison.brier(y, p),
        ece=comparison.calibration_error(y, p),
        captured=comparison.profit_captured(rank, profit, worked=worked) if table.has_profit else None,
        captured_half=comparison.profit_captured(rank, profit, worked=len(rows) // 2) if table.has_profit else None,
        gap=None if history.chance is None else gap_of(history.chance[rows], p),
        **(_of_the_service(history, rows, said, expected, by_money=by_money) if is_service else {}),
    )


def _of_the_service(
    history: BenchHistory, rows: Rows, said: Said, expected: Floats, *, by_money: bool
) -> dict[str, float | None]:
    table = history.table
    abstained, profit = np.concatenate(said.abstained), table.profit[rows] / MINOR_UNITS
    cost = table.policy.economics.cost_per_worked_deal / MINOR_UNITS
    p, low, high = (np.concatenate(part) for part in (said.probability, said.low, said.high))
    return {
        "accepted": float(profit[(expected >= cost) & ~abstained].sum()) if by_money else None,
        "abstained": float(abstained.mean()),
        "expected": float(expected.sum()) if by_money else None,
        "realised": float(profit.sum()) if by_money else None,
        "covered": coverage(table.y[rows].astype(np.float64), p, low, high),
    }


def gap_of(chance: Floats, probability: Floats) -> float:
    """Return (log loss - oracle) / (prior - oracle), expected under the true chances: 0 is perfect, 1 the prior."""
    prior = np.full(len(chance), chance.mean())
    loss, oracle, base = (_expected_loss(chance, p) for p in (probability, chance, prior))
    return (loss - oracle) / (base - oracle)


def coverage(y: Floats, probability: Floats, low: Floats, high: Floats) -> float | None:
    """Return the share of groups of 100 deals, next to each other in probability, whose share lies in the interval."""
    count = len(y) // GROUP
    if not count:
        return None
    groups = np.array_split(np.argsort(probability, kind="stable")[: count * GROUP], count)
    within = [low[group].mean() <= y[group].mean() <= high[group].mean() for group in groups]
    return float(np.mean(within))


def _mean_auc(table: Table, said: Said) -> float:
    """Return the AUC over repeats: folds that answer a row again begin another repeat."""
    found, seen = list[float](), set[int]()
    rows, p = list[Rows](), list[Floats]()
    for answered, probability in zip(said.rows, said.probability, strict=True):
        if seen & set(answered.tolist()):
            found.append(comparison.auc(table.y[np.concatenate(rows)], np.concatenate(p)))
            seen, rows, p = set(), [], []
        seen |= set(answered.tolist())
        rows.append(answered)
        p.append(probability)
    found.append(comparison.auc(table.y[np.concatenate(rows)], np.concatenate(p)))
    return float(np.mean(found))


def _last(expected: Floats, abstained: NDArray[np.bool_]) -> Floats:
    """Rank by money; deals the model will not speak of come last."""
    least = float(expected.min()) if len(expected) else 0.0
    return np.where(abstained, least - 2.0 + sigmoid(expected / 1000.0), expected)


def _expected_loss(chance: Floats, probability: Floats) -> float:
    bounded = np.clip(probability, 1e-9, 1.0 - 1e-9)
    return float(-np.mean(chance * np.log(bounded) + (1.0 - chance) * np.log1p(-bounded)))
