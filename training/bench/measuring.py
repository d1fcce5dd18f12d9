"""Holds the service and the classics to the same deals, and measures what each of them said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS, Floats
from training.bench.classics import CLASSICS, answers_of
from training.bench.histories import BenchHistory
from training.bench.protocol import Protocol, cut_down, draws_of, sizes_within, turn_of
from training.contest import Round, Setting
from training.contest.holding import field_of, play
from training.contest.setting import choose_settings
from training.dataset import Rows, Table
from training.evaluate import SERVICE, interval_groups, rank_of, share_within
from training.split import Fold

Progress = Callable[[str], None]


@dataclass(slots=True)
class Said:
    """What one scorer said of the deals of one pass, fold by fold; `more`: the service's further columns, by name."""

    rows: list[Rows] = field(default_factory=list)
    probability: list[Floats] = field(default_factory=list)
    more: dict[str, list[Floats]] = field(default_factory=lambda: defaultdict(list))

    def of_the_service(self, name: str) -> Floats:
        """Return a further column, in the order of the rows."""
        return np.concatenate(self.more[name])


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
    """Return every scorer's figures at every size of history, all on the same deals; of several passes their mean.

    Sizes that no fold could learn are left out. Raises TrainingError where none is left.
    """
    passes, found = protocol.passes(history.table, seed=setting.seed), []
    for size in sizes_within(sizes, passes):
        figures = [
            _figures_of(history, folds, size, setting, draw=draw, tell=progress)
            for folds in passes
            for draw in range(min(draws_of(size, fold) for fold in folds))
        ]
        found += [mean_of(same) for same in zip(*figures, strict=True)]
    return found


def mean_of(each: Sequence[Measured]) -> Measured:
    """Return the mean of every figure of one scorer, over those that have it; None where none has."""
    first, numbers = asdict(each[0]), [asdict(one) for one in each]
    told = {
        name: [one[name] for one in numbers if one[name] is not None]
        for name in first.keys() - {"scorer", "size", "deals"}
    }
    return Measured(**{**first, **{name: float(np.mean(values)) if values else None for name, values in told.items()}})


def mean_of_all(histories: Sequence[Sequence[Measured]]) -> list[Measured]:
    """Return the mean over several histories, scorer by scorer, at the sizes that all of them could measure."""
    by = [{(one.scorer, one.size): one for one in measured} for measured in histories]
    return [mean_of([of[key] for of in by]) for key in by[0] if all(key in of for of in by)]


def _figures_of(
    history: BenchHistory,
    folds: Sequence[Fold],
    size: int | None,
    setting: Setting,
    *,
    draw: int,
    tell: Progress,
) -> list[Measured]:
    said = defaultdict[str, Said](Said)
    for place, fold in enumerate(folds):
        learn = cut_down(history.table, fold, size, draw=draw, seed=setting.seed + place)
        tell(f"{len(learn)} deals learned, fold {place + 1} of {len(folds)}, draw {draw + 1}")
        table, test = _alone(history, fold, learn, is_all=size is None)
        for name in (*CLASSICS, SERVICE):
            said[name].rows.append(fold.answer)
        for name in CLASSICS:
            said[name].probability.append(answers_of(name, table, test.learn, test.answer, setting))
        served, own = serve(table, test, setting), said[SERVICE]
        own.probability.append(served.probability()[test.answer])
        for column in ("low", "high", "expected_profit", "abstained"):
            own.more[column].append(getattr(served, column)[test.answer].astype(np.float64))
    return [_measured(history, name, size, one) for name, one in said.items()]


def _alone(history: BenchHistory, fold: Fold, learn: Rows, *, is_all: bool) -> tuple[Table, Fold]:
    """Return the table of these deals alone, and the fold within it: track records know no others."""
    if is_all:
        return history.table, Fold(learn, fold.answer, fold.start, is_test=True)
    rows = np.union1d(learn, fold.answer)
    own = Fold(np.searchsorted(rows, learn), np.searchsorted(rows, fold.answer), fold.start, is_test=True)
    return history.of_these(rows), own


def serve(table: Table, test: Fold, setting: Setting) -> Round:
    """Run the service's whole pipeline on the rows of a fold, as a retraining would, and answer it."""
    by_time = not np.isnan(test.start)
    turn = turn_of(table, test, seed=setting.seed)
    settings = choose_settings(table, turn, setting) if by_time else (setting,) * len(turn)
    return play(table, turn, field_of(table, is_all=False), settings, by_time=by_time)


def _measured(history: BenchHistory, scorer: str, size: int | None, said: Said) -> Measured:
    table = history.table
    rows, p = np.concatenate(said.rows), np.concatenate(said.probability)
    y, profit = table.y[rows], table.profit[rows] / MINOR_UNITS
    own = _of_the_service(table, rows, p, said) if scorer == SERVICE else {}
    rank = own.pop("rank", p)
    worked = comparison.deals_the_team_can_work(table.as_of[rows], deals_a_month=table.policy.economics.deals_worked)
    return Measured(
        scorer=scorer,
        size=size,
        deals=len(rows),
        log_loss=comparison.log_loss(y, p),
        auc=comparison.auc(y, p),
        brier=comparison.brier(y, p),
        ece=comparison.calibration_error(y, p),
        captured=comparison.profit_captured(rank, profit, worked=worked) if table.has_profit else None,
        captured_half=comparison.profit_captured(rank, profit, worked=len(rows) // 2) if table.has_profit else None,
        gap=None if history.chance is None else gap_of(history.chance[rows], p),
        **own,
    )


def _of_the_service(table: Table, rows: Rows, p: Floats, said: Said) -> dict[str, Any]:
    low, high, expected, abstained = map(said.of_the_service, ("low", "high", "expected_profit", "abstained"))
    found: dict[str, Any] = {
        "abstained": float(abstained.mean()),
        "covered": share_within(interval_groups(table.y[rows], p, low=low, high=high)),
    }
    if not table.has_profit:
        return found
    profit, cost = table.profit[rows], table.policy.economics.cost_per_worked_deal
    accepted = (expected >= cost) & (abstained == 0)
    found["rank"] = rank_of(expected, p, abstained > 0)
    found["accepted"] = None if np.isnan(expected).all() else float(profit[accepted].sum()) / MINOR_UNITS
    if not np.isnan(expected).any():
        found |= {"expected": float(expected.sum()) / MINOR_UNITS, "realised": float(profit.sum()) / MINOR_UNITS}
    return found


def gap_of(chance: Floats, probability: Floats) -> float:
    """Return (log loss - oracle) / (prior - oracle), expected under the true chances: 0 is perfect, 1 the prior."""
    prior = np.full(len(chance), chance.mean())
    loss, oracle, base = (_expected_loss(chance, p) for p in (probability, chance, prior))
    return (loss - oracle) / (base - oracle)


def _expected_loss(chance: Floats, probability: Floats) -> float:
    bounded = np.clip(probability, 1e-9, 1.0 - 1e-9)
    return float(-np.mean(chance * np.log(bounded) + (1.0 - chance) * np.log1p(-bounded)))
