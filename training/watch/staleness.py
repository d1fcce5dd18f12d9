"""Open deals whose score is older than what it stands on: another policy, another champion, the passing of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mlscore.ports import AskedDeal
from mlscore.scoring.deal import SECONDS_A_DAY, Deals, as_number
from mlscore.scoring.policy import fingerprint
from mlscore.scoring.policy.facts import Facts
from mlscore.scoring.receipt import Verdict
from mlscore.scoring.rules import judge_bant
from training.watch.limits import Limits
from training.watch.material import Material
from training.watch.observation import Observation, Standing, grown

TURNED_AWAY = {Verdict.REFUSE, Verdict.REJECT, Verdict.NURTURE}
"""Verdicts after which nobody waits for a score: such deals often get no outcome, and would be stale for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """How many open deals have a stale score, and by which causes; a deal may have several.

    `policy`: scored under another policy; `champion`: by another model or none; `urgency`: its answer has changed with
    the days; `age`: older than the limit. `turned_away` deals are open, and not looked at; `not_yet`, none of them
    stale, were scored before a champion promoted only lately, and not since: no cause.
    """

    open_deals: int
    turned_away: int
    stale: int
    policy: int
    champion: int
    urgency: int
    age: int
    not_yet: int = 0

    @property
    def share(self) -> float:
        """The share of open deals whose score is stale."""
        return self.stale / self.open_deals if self.open_deals else 0.0

    @property
    def causes(self) -> dict[str, int]:
        """The counts by cause."""
        return {"policy": self.policy, "champion": self.champion, "urgency": self.urgency, "age": self.age}


def staleness_of(material: Material, limits: Limits) -> Staleness:
    """Count stale scores among the open deals that were not turned away."""
    waiting = [one for one in material.open_now if one.verdict not in TURNED_AWAY]
    in_force, champion = fingerprint(material.policy), material.model.version
    is_another = np.array([one.model_version != champion for one in waiting], dtype=np.bool_)
    not_yet = is_another & _scored_before_a_new_champion(material, waiting, limits)
    causes = (
        np.array([one.policy_version != in_force for one in waiting], dtype=np.bool_),
        is_another & ~not_yet,
        _urgency_changed(material, waiting),
        np.array([_days_old(material, one) > limits.stale_days for one in waiting], dtype=np.bool_),
    )
    policy, model, urgency, age = (int(cause.sum()) for cause in causes)
    is_stale = np.logical_or.reduce(causes)
    return Staleness(
        open_deals=len(waiting),
        turned_away=len(material.open_now) - len(waiting),
        stale=int(is_stale.sum()),
        policy=policy,
        champion=model,
        urgency=urgency,
        age=age,
        not_yet=int((not_yet & ~is_stale).sum()),
    )


def staleness_observed(found: Staleness, limits: Limits) -> Observation:
    """Say how many scores are stale, and why."""
    if not found.open_deals:
        sentence = "No open deal waits for a score: nothing to look at until one is asked about."
        return Observation(check="staleness", standing=Standing.CANNOT_SAY, sentence=sentence)
    standing = grown(found.share, warn=limits.stale_warn, alarm=limits.stale_alarm)
    words = {
        "policy": "another policy",
        "champion": "another champion or none",
        "urgency": "urgency changed by the passing of days",
        "age": f"older than {limits.stale_days:.0f} days",
    }
    causes = ", ".join(f"{count} {words[cause]}" for cause, count in found.causes.items() if count)
    figures = f"{found.stale} of {found.open_deals} open deals ({found.share:.0%}) have a stale score"
    to_do = "nothing to do" if standing is Standing.OK else "have the CRM score its open deals again"
    was = "was" if found.not_yet == 1 else "were"
    note = (
        f" {found.not_yet} more {was} scored before the champion was promoted and not yet since."
        if found.not_yet
        else ""
    )
    sentence = f"{figures}{f' ({causes})' if causes else ''}: {to_do}.{note}"
    return Observation(check="staleness", standing=standing, sentence=sentence)


def _scored_before_a_new_champion(material: Material, asked: Sequence[AskedDeal], limits: Limits) -> NDArray[np.bool_]:
    """Tell which were scored before the promotion, none once the CRM has had the time to ask again."""
    since = material.champion_since
    if since is None or material.at - since >= timedelta(days=limits.rescore_days):
        return np.zeros(len(asked), dtype=np.bool_)
    return np.array([one.scored_at < since for one in asked], dtype=np.bool_)


def _urgency_changed(material: Material, asked: Sequence[AskedDeal]) -> NDArray[np.bool_]:
    """Tell where today's answer to "is it urgent?" is another than at `as_of`; one of no known moment cannot tell."""
    deals = Deals([one.deal for one in asked])
    then = deals.numbers("as_of")
    answers = []
    for as_of in (then, np.full(len(asked), as_number(material.at))):
        columns = {name: deals.numbers(name) for name in ("delivery_needed_by", "asap")} | {"as_of": as_of}
        answers.append(judge_bant(Facts(Deals.of_columns(columns, size=len(asked)), material.policy)).urgency)
    before, after = answers
    is_same = (before == after) | (np.isnan(before) & np.isnan(after))
    return ~is_same & ~np.isnan(then)


def _days_old(material: Material, one: AskedDeal) -> float:
    return (material.at - (one.deal.as_of or one.scored_at)) / timedelta(seconds=SECONDS_A_DAY)
