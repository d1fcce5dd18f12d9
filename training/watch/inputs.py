"""Whether the deals asked about lately are like those the champion learned from: facts, scores, unknowns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.ports import AskedDeal
from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.policy.facts import Facts
from training.watch.columns import columns
from training.watch.drift import Column, Drift, drift_of
from training.watch.limits import Limits
from training.watch.material import Material, answers_of
from training.watch.observation import Observation, Standing, grown, worst

SCORE = "probability"
_NAMED = 3


def drifts(material: Material, limits: Limits) -> tuple[Drift, ...]:
    """Measure every fact, the one that has moved most first; none where there are too few deals to compare."""
    policy, sides = material.model.policy, (material.before, material.lately)
    if min(map(len, sides)) < limits.deals_min:
        return ()
    then, now = (Facts(Deals([one.deal for one in side]), policy) for side in sides)
    return tuple(sorted(map(drift_of, columns(then, now)), key=lambda drift: -drift.excess))


def standing_of(drift: Drift, limits: Limits, *, among: int) -> Standing:
    """Grade one fact `among` so many: the chance of a false finding is shared out between them and both measures."""
    surely = limits.chance / (2 * max(among, 1))
    by_psi = grown(drift.excess, warn=limits.psi_warn, alarm=limits.psi_alarm)
    by_ks = grown(drift.ks or 0.0, warn=limits.ks_warn, alarm=limits.ks_alarm)
    measured = ((by_psi, drift.p_psi), (by_ks, 1.0 if drift.p_ks is None else drift.p_ks))
    return worst([Standing.OK, *(standing for standing, p in measured if p < surely)])


def unknowns_standing(drift: Drift, limits: Limits, *, among: int) -> Standing:
    """Grade how the share of unknowns of one fact has changed."""
    change = abs(drift.unknown_now - drift.unknown_then)
    standing = grown(change, warn=limits.unknown_warn, alarm=limits.unknown_alarm)
    return standing if drift.p_unknown < limits.chance / max(among, 1) else Standing.OK


def facts_observed(found: Sequence[Drift], material: Material, limits: Limits) -> Observation:
    """Say which facts have drifted."""
    return _of_many(_FACTS, found, material, limits)


def unknowns_observed(found: Sequence[Drift], material: Material, limits: Limits) -> Observation:
    """Say of which facts more, or less, is known than the champion was used to."""
    by_change = sorted(found, key=lambda drift: -abs(drift.unknown_now - drift.unknown_then))
    return _of_many(_UNKNOWNS, by_change, material, limits)


def scores_observed(material: Material, limits: Limits) -> tuple[Observation, Drift | None]:
    """Say whether the scores themselves have moved: those given now against the backtests kept at training.

    Nobody's score of a deal it had learned from is looked at: such a score knows the end.
    """
    then = _backtested(material, material.before)
    now = _unseen_scores(material)
    if min(len(then), len(now)) < limits.deals_min:
        sentence = (
            f"There are {len(then)} backtests and {len(now)} scores of deals model {material.model.version} had not "
            f"learned from, fewer than {limits.deals_min:.0f}: look again when more deals have been asked about."
        )
        return Observation(check="scores", standing=Standing.CANNOT_SAY, sentence=sentence), None
    drift = drift_of(Column(fact=SCORE, then=then, now=now))
    standing = standing_of(drift, limits, among=1)
    sentence = (
        f"Scores lie as they did in the backtests of model {material.model.version} ({_figures(drift)}): nothing to do."
        if standing is Standing.OK
        else f"Scores no longer lie as they did in the backtests of model {material.model.version} "
        f"({_figures(drift)}): look at the facts above, and expect fixed cut-offs to let through another share."
    )
    return Observation(check="scores", standing=standing, sentence=sentence), drift


def _unseen_scores(material: Material) -> Floats:
    known = {one.receipt_id for one in material.learned}
    version = material.model.version
    unseen = [one for one in material.lately if one.receipt_id not in known or one.model_version == version]
    seen = [one for one in material.lately if one.receipt_id in known and one.model_version != version]
    return np.append(answers_of(material.model, unseen, material.track_record), _backtested(material, seen))


def _backtested(material: Material, asked: Sequence[AskedDeal]) -> Floats:
    """Return the model's own backtests: after a promotion by hand those kept are another's."""
    version, kept = material.model.version, [one.backtest for one in asked if one.backtest]
    return np.array([one.probability for one in kept if one.model_version == version], dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked of every fact, and the words of the answer."""

    check: str
    grade: Callable[..., Standing]
    told: Callable[[Drift], str]
    same: str
    other: str
    to_do: str


def _of_many(asked: _Question, found: Sequence[Drift], material: Material, limits: Limits) -> Observation:
    sides, version = (len(material.before), len(material.lately)), material.model.version
    if min(sides) < limits.deals_min:
        sentence = (
            f"{sides[0]} deals learned from before and {sides[1]} asked about lately, fewer than "
            f"{limits.deals_min:.0f}, are too few to compare: look again when there are more."
        )
        return Observation(check=asked.check, standing=Standing.CANNOT_SAY, sentence=sentence)
    grades = [asked.grade(drift, limits, among=len(found)) for drift in found]
    raised = [drift for drift, standing in zip(found, grades, strict=True) if standing is not Standing.OK]
    if not raised:
        sentence = asked.same.format(facts=len(found), version=version)
        return Observation(check=asked.check, standing=Standing.OK, sentence=sentence)
    which = f"{len(raised)} of {len(found)} facts {'is' if len(raised) == 1 else 'are'}"
    named = "; ".join(asked.told(drift) for drift in raised[:_NAMED]) + ("; ..." if len(raised) > _NAMED else "")
    sentence = f"{which} {asked.other.format(version=version)} - {named}: {asked.to_do}."
    return Observation(check=asked.check, standing=worst(grades), sentence=sentence)


def _figures(drift: Drift) -> str:
    ks = "" if drift.ks is None else f", KS {drift.ks:.2f}"
    return f"PSI {drift.psi:.2f} where chance gives {drift.psi_by_chance:.2f}{ks}, {drift.moved}"


_FACTS = _Question(
    check="facts",
    grade=standing_of,
    told=lambda drift: f"{drift.fact} ({_figures(drift)})",
    same="All {facts} facts are like those of the earlier deals model {version} learned from: nothing to do.",
    other="no longer like those of the earlier deals model {version} learned from",
    to_do="ask what changed in the CRM or the market, and retrain once enough such deals have closed",
)
_UNKNOWNS = _Question(
    check="unknowns",
    grade=unknowns_standing,
    told=lambda drift: f"{drift.fact} (unknown {drift.unknown_then:.0%} -> {drift.unknown_now:.0%})",
    same="As much is known of all {facts} facts as in the earlier deals model {version} learned from: nothing to do.",
    other="known in another share of deals than of the earlier ones model {version} learned from",
    to_do="see that the CRM still sends what it sent, or retrain where it now sends more",
)
