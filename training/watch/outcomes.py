"""Whether the champion's probabilities come true in the large, on deals that ended after it had learned.

Every deal ends once. So while deals come in steadily, those that end within a stretch of time are like all deals;
those that came in within it and have ended already would be the quick ones only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mlscore.scoring.economics import has_paid
from training.watch.limits import Limits
from training.watch.material import Material, answers_of
from training.watch.observation import Observation, Standing

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How many deals ended well, how many the champion expected, and the ratio with its 95 % interval.

    The interval is that of the observed share (Clopper and Pearson, exact), over the mean probability. `answered` of
    the deals had the champion's answer when they were asked about; the others are answered now, by their facts of then.
    """

    deals: int
    answered: int
    observed: int
    expected: float
    ratio: float
    low: float
    high: float


def calibration_of(material: Material) -> Calibration | None:
    """Hold the champion's answers against what became of the deals; None where none has ended."""
    model = material.model
    ended = [one for one in material.ended if one.outcome is not None]
    paid = [has_paid(one.outcome, model.label, model.policy) for one in ended if one.outcome is not None]
    told = [(one, bool(good)) for one, good in zip(ended, paid, strict=True) if good is not None]
    if not told:
        return None
    asked, good = [one for one, _ in told], sum(good for _, good in told)
    expected = float(answers_of(model, asked, material.track_record).sum())
    share = stats.binomtest(good, len(told)).proportion_ci(confidence_level=LEVEL, method="exact")
    return Calibration(
        deals=len(told),
        answered=sum(one.model_version == model.version for one in asked),
        observed=good,
        expected=expected,
        ratio=good / expected,
        low=float(share.low) * len(told) / expected,
        high=float(share.high) * len(told) / expected,
    )


def calibration_observed(found: Calibration | None, material: Material, limits: Limits) -> Observation:
    """Say whether as many deals end well as were expected; a finding only where the whole interval lies outside."""
    label, version = material.model.label, material.model.version
    if found is None or found.deals < limits.closed_min:
        deals = 0 if found is None else found.deals
        sentence = (
            f"Only {deals} deals have ended since model {version} learned, fewer than {limits.closed_min:.0f}: "
            "look again when more have."
        )
        return Observation(check="calibration", standing=Standing.CANNOT_SAY, sentence=sentence)
    away = max(found.low, 1 / found.high if found.high else np.inf)
    standing = (
        Standing.ALARM
        if away >= limits.calibration_alarm
        else Standing.WARN
        if away >= limits.calibration_warn
        else Standing.OK
    )
    figures = (
        f"Of {found.deals} deals that ended since model {version} learned, {found.observed} were {label} and "
        f"{found.expected:.0f} were expected ({found.ratio:.2f} times as many, 95 % interval {found.low:.2f} to "
        f"{found.high:.2f})"
    )
    to_do = (
        "nothing to do"
        if standing is Standing.OK
        else "retrain now, and until then trust its order more than its figures"
    )
    return Observation(check="calibration", standing=standing, sentence=f"{figures}: {to_do}.")
