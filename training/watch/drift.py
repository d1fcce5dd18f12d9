"""How far a column has moved from what it was: PSI and KS, held against what chance alone gives so many deals.

The PSI of two samples of one population is, approximately, (1/n + 1/m) x chi-squared with bins - 1 degrees of freedom
(B. Yurdakul, Statistical Properties of Population Stability Index, Western Michigan University, 2018): by chance alone
it is (bins - 1) x (1/n + 1/m) on average, which is 0.225 for ten bins and 50 deals against 200. The customary limits,
0.1 and 0.25, are meant for thousands; here they are counted from what chance gives, and a finding must be improbable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mlscore.scoring.deal import Floats

UNKNOWN = "unknown"
OTHER = "(other)"

EXPECTED_MIN = 5
"""A level expected less often on the smaller side is counted among the others: one deal more would look like drift."""

_HALF_A_DEAL = 0.5
"""Of the smaller side, added to every bin of both: an empty one weighs by what so few deals can say, not by ln 0."""

_KS_DEALS_MIN = 20
_WHOLE_FROM = 1000
_DECILES = np.linspace(0.1, 0.9, 9)

Counts = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One fact then and now, NaN unknown: numbers, or positions in `levels`."""

    fact: str
    then: Floats
    now: Floats
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far one fact has moved. `psi_by_chance` is its mean where nothing changed; KS only for numbers.

    `p_psi`, `p_ks`, `p_unknown`: how often so much or more comes by chance. `moved` says what moved most.
    """

    fact: str
    psi: float
    psi_by_chance: float
    p_psi: float
    ks: float | None
    p_ks: float | None
    unknown_then: float
    unknown_now: float
    p_unknown: float
    moved: str

    @property
    def excess(self) -> float:
        """PSI above what chance gives on average."""
        return max(self.psi - self.psi_by_chance, 0.0)


def drift_of(column: Column) -> Drift:
    """Measure one column; neither side may be empty."""
    names, then, now = _binned(column)
    psi, by_chance, p_psi = psi_of(then, now)
    ks, p_ks = (None, None) if column.levels is not None else ks_of(column.then, column.now)
    unknown = [float(np.isnan(side).mean()) for side in (column.then, column.now)]
    return Drift(
        fact=column.fact,
        psi=psi,
        psi_by_chance=by_chance,
        p_psi=p_psi,
        ks=ks,
        p_ks=p_ks,
        unknown_then=unknown[0],
        unknown_now=unknown[1],
        p_unknown=_p_of_shares(*(np.isnan(side) for side in (column.then, column.now))),
        moved=_moved(column, names, then, now),
    )


def psi_of(then: Counts, now: Counts) -> tuple[float, float, float]:
    """Return the PSI of counts a bin, what chance gives on average, and how often chance gives so much or more."""
    freedom = len(then) - 1
    if freedom < 1:
        return 0.0, 0.0, 1.0
    noise = float(1 / then.sum() + 1 / now.sum())
    share = _HALF_A_DEAL / min(then.sum(), now.sum())
    before, after = ((side / side.sum() + share) / (1 + share * len(side)) for side in (then, now))
    psi = float(np.sum((after - before) * np.log(after / before)))
    return psi, freedom * noise, float(stats.chi2.sf(psi / noise, freedom))


def ks_of(then: Floats, now: Floats) -> tuple[float | None, float | None]:
    """Return the largest distance between two distribution functions of known values, and how often chance gives it."""
    known = [side[~np.isnan(side)] for side in (then, now)]
    if min(len(side) for side in known) < _KS_DEALS_MIN:
        return None, None
    found = stats.ks_2samp(*known, method="asymp")
    return float(found.statistic), float(found.pvalue)


def _p_of_shares(then: NDArray[np.bool_], now: NDArray[np.bool_]) -> float:
    """Return how often two shares differ so much by chance: the pooled two-proportion test."""
    share = float(np.concatenate([then, now]).mean())
    spread = np.sqrt(share * (1 - share) * (1 / len(then) + 1 / len(now)))
    return 1.0 if spread == 0 else float(2 * stats.norm.sf(abs(float(then.mean()) - float(now.mean())) / spread))


def _binned(column: Column) -> tuple[list[str], Counts, Counts]:
    """Count both sides in the same bins: deciles of what was, or levels; what is unknown has a bin of its own."""
    names, then, now = _of_levels(column) if column.levels is not None else _of_deciles(column)
    unknown = [int(np.isnan(side).sum()) for side in (column.then, column.now)]
    then, now = np.append(then, unknown[0]), np.append(now, unknown[1])
    seen = then + now > 0
    return [name for name, is_seen in zip([*names, UNKNOWN], seen, strict=True) if is_seen], then[seen], now[seen]


def _of_deciles(column: Column) -> tuple[list[str], Counts, Counts]:
    known = [side[~np.isnan(side)] for side in (column.then, column.now)]
    edges = np.unique(np.quantile(known[0], _DECILES)) if len(known[0]) else np.zeros(0)
    then, now = (np.bincount(np.searchsorted(edges, side, side="left"), minlength=len(edges) + 1) for side in known)
    return [""] * (len(edges) + 1), then, now


def _of_levels(column: Column) -> tuple[list[str], Counts, Counts]:
    levels = column.levels or ()
    then, now = (
        np.bincount(side[~np.isnan(side)].astype(np.intp), minlength=len(levels)) for side in (column.then, column.now)
    )
    smaller, both = min(len(column.then), len(column.now)), len(column.then) + len(column.now)
    common = (then + now) / both * smaller >= EXPECTED_MIN
    names = [level for level, is_common in zip(levels, common, strict=True) if is_common]
    before, after = (np.append(side[common], side[~common].sum()) for side in (then, now))
    return [*names, OTHER], before, after


def _moved(column: Column, names: list[str], then: Counts, now: Counts) -> str:
    before, after = then / then.sum(), now / now.sum()
    most = int(np.abs(after - before).argmax())
    if names[most]:
        return f"{names[most]} {before[most]:.0%} -> {after[most]:.0%}"
    medians = [float(np.nanmedian(side)) for side in (column.then, column.now) if not np.isnan(side).all()]
    return f"median {' -> '.join(map(_rounded, medians))}"


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= _WHOLE_FROM else f"{number:.3g}"
