"""The gates on what a challenger achieves: enough history, losses, calibration, ranks and money."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.model.calibration import sigmoid
from training.contest.calibrate import errors_of_calibration, slope_and_intercept
from training.evaluate import is_all_workable, noise_of_ece, worked_of
from training.gates.evidence import Evidence, Gate

EACH_CLASS_MIN = 40
WORSE_MAX = 0.5
CHANCE = 0.5
SLOPE_MIN, SLOPE_MAX, INTERCEPT_MAX, ECE_ABOVE_NOISE_MAX = 0.7, 1.4, 0.3, 0.02
CHANCE_ALLOWED_MAX = 0.3
"""Bounds give way to chance by no more: a slope of 0.25, or answers all 0.7 too high, are wrong at few deals too."""

NEW_ROWS_MIN = 20

_ROUNDS = 1000


def enough_history(evidence: Evidence) -> Gate:
    """Ask for 40 positive and 40 negative deals."""
    positives = int(evidence.table.y.sum())
    negatives = len(evidence.table) - positives
    return Gate(
        code="enough_history",
        passed=min(positives, negatives) >= EACH_CLASS_MIN,
        sentence=f"The history needs {EACH_CLASS_MIN} positive and {EACH_CLASS_MIN} negative deals; "
        f"it has {positives} and {negatives}.",
        said="enough_history",
        figures={"positives": positives, "negatives": negatives, "needed": EACH_CLASS_MIN},
    )


def tells_deals_apart(evidence: Evidence) -> Gate:
    """Ask that good deals rank above bad ones more often than chance would have it."""
    y, z = evidence.y > 0, evidence.challenger
    if y.all() or not y.any():
        return _not_judged("tells_deals_apart", "It must tell good deals from bad ones better than chance", y)
    auc = comparison.bootstrap(lambda rows: comparison.auc(y[rows], z[rows]), len(y), seed=evidence.seed)
    return Gate(
        code="tells_deals_apart",
        passed=bool(auc.low > CHANCE),
        sentence=f"It must tell good deals from bad ones better than chance: AUC {auc.value:.3f}, 90 % interval "
        f"between {auc.low:.3f} and {auc.high:.3f}, all of it above {CHANCE}.",
        said="tells_deals_apart",
        figures={"auc": auc.value, "low": auc.low, "high": auc.high, "chance": CHANCE},
    )


def not_worse_than_the_rules(evidence: Evidence) -> Gate:
    """Compare log loss with the rule rates, deal by deal."""
    if not len(evidence.rows):
        return _not_judged("log_loss_rules", "Its log loss must not be worse than the rules' own rates", evidence.y)
    return _not_worse(evidence, "rules", "the rules' own rates", evidence.rules, np.ones(len(evidence.rows), np.bool_))


def not_worse_than_the_champion(evidence: Evidence) -> Gate:
    """Compare log loss with the champion on the deals that closed after it learned: those it has not seen either."""
    if evidence.champion is None:
        return Gate(
            code="log_loss_champion",
            passed=True,
            sentence="There is no approved champion to compare with.",
            said="log_loss.no_champion",
        )
    if isinstance(evidence.champion, str):
        return Gate(
            code="log_loss_champion",
            passed=False,
            sentence=f"The champion cannot be read, so nothing can be held against it ({evidence.champion}) "
            "Promote this version by hand if it is right.",
            said="log_loss.champion_unread",
        )
    answers, until = evidence.champion
    # A correction dates an outcome anew; the champion had learned the deal all the same.
    first_known = evidence.table.first_known_at[evidence.rows]
    unseen = np.zeros(len(first_known), dtype=np.bool_) if until is None else first_known > until
    if int(unseen.sum()) < NEW_ROWS_MIN:
        return Gate(
            code="log_loss_champion",
            passed=True,
            sentence=f"Only {int(unseen.sum())} judged deals closed after the champion learned (fewer than "
            f"{NEW_ROWS_MIN}): it cannot be compared fairly, and is not.",
            said="log_loss.too_few",
            figures={"new_deals": float(unseen.sum()), "needed": NEW_ROWS_MIN},
        )
    return _not_worse(evidence, "champion", "the champion's", answers, unseen)


def _not_worse(evidence: Evidence, code: str, whose: str, other: Floats, among: NDArray[np.bool_]) -> Gate:
    y = evidence.y[among] > 0
    own, others = (comparison.log_losses(y, sigmoid(z[among])) for z in (evidence.challenger, other))
    worse = chance_of_worse(own - others, seed=evidence.seed)
    # Where the figures told are the same, the one is not worse than the other.
    is_equal = len(y) > 0 and f"{own.mean():.4f}" == f"{others.mean():.4f}"
    return Gate(
        code=f"log_loss_{code}",
        passed=worse <= WORSE_MAX or is_equal,
        sentence=f"Its log loss must not be worse than {whose}: {own.mean():.4f} against {others.mean():.4f} on "
        f"{len(y)} deals, worse in {worse:.0%} of resamples.",
        said="log_loss",
        figures={
            "log_loss": float(own.mean()),
            "other": float(others.mean()),
            "p_worse": worse,
            "deals": float(len(y)),
        },
    )


def chance_of_worse(difference: Floats, *, seed: int) -> float:
    """Return the share of paired resamples in which the mean difference (own - other) is above 0; 1 without deals."""
    if not len(difference):
        return 1.0
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(difference), np.full(len(difference), 1 / len(difference)), size=_ROUNDS)
    return float(((counts @ difference) > 0).mean())


def calibrated(evidence: Evidence) -> Gate:
    """Hold slope, intercept and calibration error within their bounds, which chance widens where deals are few."""
    y, z = evidence.y, evidence.challenger
    if not 0 < y.sum() < len(y):
        return _not_judged("calibrated", "Its probabilities must mean what they say", y > 0)
    slope, intercept = slope_and_intercept(z, y)
    p = sigmoid(z)
    noise = noise_of_ece(p, seed=evidence.seed)
    ece = comparison.calibration_error(y > 0, p)
    slope_noise, intercept_noise = (min(error, CHANCE_ALLOWED_MAX) for error in errors_of_calibration(z))
    low, high, off_max = SLOPE_MIN - slope_noise, SLOPE_MAX + slope_noise, INTERCEPT_MAX + intercept_noise
    is_straight = low <= slope <= high and abs(intercept) <= off_max
    return Gate(
        code="calibrated",
        passed=bool(is_straight and ece <= noise + ECE_ABOVE_NOISE_MAX),
        sentence=f"Its probabilities must mean what they say: slope {slope:.2f} ({low:.2f}-{high:.2f}), intercept "
        f"{intercept:+.2f} (within {off_max:.2f}), calibration error {ece:.3f} (at most "
        f"{noise + ECE_ABOVE_NOISE_MAX:.3f}).",
        said="calibrated",
        figures={
            "slope": slope,
            "slope_least": low,
            "slope_most": high,
            "intercept_most": off_max,
            "ece_most": noise + ECE_ABOVE_NOISE_MAX,
            "intercept": intercept,
            "ece": ece,
            "ece_noise": noise,
            "slope_noise": slope_noise,
            "intercept_noise": intercept_noise,
        },
    )


def earns_as_much(evidence: Evidence) -> Gate:
    """Compare the profit of the deals ranked highest with that of the rules' choice, at the team's capacity."""
    table, rows = evidence.table, evidence.rows
    if not table.has_profit:
        return Gate(
            code="profit_captured",
            passed=True,
            sentence="No profit is recorded, so none can be compared.",
            said="profit_captured.none",
        )
    if not len(rows):
        return _not_judged("profit_captured", "It must bring no less profit than the rules' choice", evidence.y)
    worked = worked_of(table, rows)
    is_half = is_all_workable(table, rows)
    half = " (half of those judged: the team could work all)" if is_half else ""
    ranks = (evidence.challenger_rank, table.judged.rank[rows])
    own, others = (comparison.profit_captured(rank, table.profit[rows], worked=worked) / MINOR_UNITS for rank in ranks)
    return Gate(
        code="profit_captured",
        passed=own >= others,
        sentence=f"Working the {worked} deals it ranks highest{half}, also where it abstains, must bring no less than "
        f"the rules' choice: {own:,.0f} against {others:,.0f} {table.policy.currency}.",
        said="profit_captured.half" if is_half else "profit_captured",
        figures={"worked": worked, "profit": own, "rules": others},
    )


def _not_judged(code: str, asked: str, y: NDArray[Any]) -> Gate:
    """Refuse where there is nothing to measure: an unknown figure fulfils nothing."""
    why = f"all {len(y)} judged deals ended alike" if len(y) else "no deal is old enough to be judged by time"
    return Gate(
        code=code,
        passed=False,
        sentence=f"{asked}: it cannot be told, for {why}.",
        said="alike" if len(y) else "too_young",
        figures={"judged": float(len(y))},
    )
