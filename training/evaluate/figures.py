"""Measures rules and candidates on the same deals, none of which any of them had seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.model.calibration import sigmoid
from training.contest import Round
from training.contest.calibrate import slope_and_intercept
from training.dataset import Rows, Table
from training.evaluate.ranking import money_rank, worked_of

RULES = "rules"
SERVICE = "service"

_NOISE_ROUNDS = 200
_NOISE_QUANTILE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good one scorer's answers were. The rules rank and give no probability: None where one is needed.

    `profit_captured` in whole units of the policy's currency, for the `worked` deals ranked highest.
    """

    scorer: str
    deals: int
    auc: float
    average_precision: float
    profit_captured: float | None
    log_loss: float | None = None
    brier: float | None = None
    ece: float | None = None
    ece_noise: float | None = None
    slope: float | None = None
    intercept: float | None = None

    def numbers(self) -> dict[str, float]:
        """Return the finite figures by name."""
        found = {k: v for k, v in asdict(self).items() if isinstance(v, int | float) and k != "deals"}
        return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def measure(
    table: Table, rows: Rows, *, scorer: str, log_odds: Floats | None, rank: Floats, worked: int, seed: int = 0
) -> Figures:
    """Measure answers given for `rows`; `log_odds` and `rank` have one entry a row."""
    y = table.y[rows]
    captured = comparison.profit_captured(rank, table.profit[rows], worked=worked) / MINOR_UNITS
    ranks = rank if log_odds is None else log_odds
    plain = {
        "scorer": scorer,
        "deals": len(rows),
        "auc": comparison.auc(y, ranks),
        "average_precision": comparison.average_precision(y, ranks),
        "profit_captured": float(captured) if table.has_profit else None,
    }
    if log_odds is None:
        return Figures(**plain)  # type: ignore[arg-type]  # the names are the fields'
    p = sigmoid(log_odds)
    slope, intercept = slope_and_intercept(log_odds, y.astype(np.float64))
    return Figures(
        **plain,  # type: ignore[arg-type]  # the names are the fields'
        log_loss=comparison.log_loss(y, p),
        brier=comparison.brier(y, p),
        ece=comparison.calibration_error(y, p),
        ece_noise=noise_of_ece(p, seed=seed),
        slope=slope,
        intercept=intercept,
    )


def noise_of_ece(probability: Floats, *, seed: int) -> float:
    """Return the calibration error that chance alone gives so many perfectly calibrated answers, 19 times in 20 less.

    By simulation: outcomes are drawn from the probabilities themselves.
    """
    if not len(probability):
        return float("nan")
    rng = np.random.default_rng(seed)
    drawn = (rng.random(len(probability)) < probability for _ in range(_NOISE_ROUNDS))
    errors = [comparison.calibration_error(y, probability) for y in drawn]
    return float(np.quantile(errors, _NOISE_QUANTILE))


def figures_of(table: Table, rows: Rows, rounds: Sequence[Round], *, seed: int = 0) -> tuple[Figures, ...]:
    """Return the figures of the rules, of every candidate and of the service, averaged over the rounds.

    Candidates are ranked by probability; the service as it would be used.
    """
    worked = worked_of(table, rows)
    rules = measure(table, rows, scorer=RULES, log_odds=None, rank=table.judged.rank[rows], worked=worked)
    found = [rules]
    for name in rounds[0].raw:
        each = [
            measure(
                table,
                rows,
                scorer=name,
                log_odds=r.log_odds[name][rows],
                rank=r.log_odds[name][rows],
                worked=worked,
                seed=seed,
            )
            for r in rounds
        ]
        found.append(_mean(each))
    service = [
        measure(
            table,
            rows,
            scorer=SERVICE,
            log_odds=r.service[rows],
            rank=money_rank(table, r)[rows],
            worked=worked,
            seed=seed,
        )
        for r in rounds
    ]
    return (*found, _mean(service))


def _mean(each: Sequence[Figures]) -> Figures:
    first = each[0]
    numbers = [figures.numbers() for figures in each]
    averaged = {name: float(np.mean([n[name] for n in numbers])) for name in numbers[0]}
    return Figures(**{**asdict(first), **averaged})
