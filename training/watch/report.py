"""The story of a watch: look at facts, scores, unknowns, calibration, staleness and stated profits in turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from training.watch.drift import Drift
from training.watch.inputs import drifts, facts_observed, scores_observed, standing_of, unknowns_observed
from training.watch.limits import Limits
from training.watch.material import Material
from training.watch.observation import Observation, Standing, worst
from training.watch.outcomes import Calibration, calibration_observed, calibration_of
from training.watch.sellers import SellerProfit, seller_standing, sellers_observed, sellers_of
from training.watch.staleness import Staleness, staleness_observed, staleness_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything one watch saw: a sentence a check, and the figures behind them. Money in whole units.

    `learned`, `lately` and `ended` count deals, `before` the learned ones that `lately` are compared with; `window`
    says in words which `lately` are. `drifts` has every fact, the one that has moved most first; `scores` and
    `calibration` are None where there were too few deals.
    """

    firm: str
    at: datetime
    model_version: str
    learned_until: datetime
    window: str
    learned: int
    before: int
    lately: int
    ended: int
    limits: Limits
    observations: tuple[Observation, ...]
    drifts: tuple[Drift, ...]
    scores: Drift | None
    calibration: Calibration | None
    staleness: Staleness
    sellers: tuple[SellerProfit, ...]

    @property
    def standing(self) -> Standing:
        """The worst of all checks."""
        return worst(one.standing for one in self.observations)

    def standing_of(self, drift: Drift) -> Standing:
        """Grade one fact as the check of facts grades it."""
        return standing_of(drift, self.limits, among=len(self.drifts))

    def standing_of_seller(self, seller: SellerProfit) -> Standing:
        """Grade one seller as the check of profits grades him."""
        return seller_standing(seller, self.limits, among=len(self.sellers) - 1)


def watch(material: Material, limits: Limits, *, seed: int = 0) -> Report:
    """Look at everything; the same material gives the same report."""
    found, stale = drifts(material, limits), staleness_of(material, limits)
    scores_said, scores = scores_observed(material, limits)
    calibration, sellers = calibration_of(material), sellers_of(material, limits, seed=seed)
    return Report(
        firm=material.firm,
        at=material.at,
        model_version=material.model.version,
        learned_until=material.learned_until,
        window=material.window,
        learned=len(material.learned),
        before=len(material.before),
        lately=len(material.lately),
        ended=len(material.ended),
        limits=limits,
        observations=(
            facts_observed(found, material, limits),
            scores_said,
            unknowns_observed(found, material, limits),
            calibration_observed(calibration, material, limits),
            staleness_observed(stale, limits),
            sellers_observed(sellers, material, limits),
        ),
        drifts=found,
        scores=scores,
        calibration=calibration,
        staleness=stale,
        sellers=sellers,
    )
