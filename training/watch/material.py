"""What the watch looks at: the champion, what it learned from, and what the service has been asked since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from mlscore.ports import AskedDeal
from mlscore.registry import load_bundle
from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.model import FittedModel
from mlscore.scoring.model.prior import PRIOR_VERSION
from mlscore.scoring.policy import Policy
from mlscore.scoring.track_record import TrackRecord, is_late
from mlscore.scoring.verdict import judge
from training.workshop import NothingToTrainError, Workshop


class NothingToWatchError(NothingToTrainError):
    """There is no champion that learned from deals, or the store holds none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which deals count as asked lately: since a moment, or of the last days, but at least the newest `deals_min`."""

    since: datetime | None = None
    days: int = 30
    deals_min: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Deals in brief, one row each, taken from a deal's history as the champion's rows were.

    `learned` are those the champion knew the end of, `lately` the newest ones open or closed, `ended` those whose end
    became known after it had learned, `open_now` the newest receipts of open deals. `window` says in words what
    `lately` is; `champion_since` is when the model was promoted; `policy` is today's, and `track_record` what the
    champion reads of, None where it reads none.
    """

    firm: str
    at: datetime
    policy: Policy
    model: FittedModel
    champion_since: datetime | None
    track_record: TrackRecord | None
    learned_until: datetime
    learned: Sequence[AskedDeal]
    lately: Sequence[AskedDeal]
    window: str
    ended: Sequence[AskedDeal]
    open_now: Sequence[AskedDeal]

    @property
    def before(self) -> Sequence[AskedDeal]:
        """The learned deals from before those asked about lately: no deal is compared with itself."""
        moments = [one.deal.as_of for one in self.lately if one.deal.as_of is not None]
        if not moments:
            return self.learned
        first = min(moments)
        return [one for one in self.learned if one.deal.as_of is None or one.deal.as_of < first]

    @property
    def closed(self) -> Sequence[AskedDeal]:
        """Every closed deal."""
        return [*self.learned, *self.ended]


def gather(workshop: Workshop, *, at: datetime, window: Window) -> Material:
    """Read everything the watch looks at. Raises NothingToWatchError, and ModelError for a damaged champion."""
    firm = workshop.firm
    model, until = _champion(workshop)
    asked = workshop.store.asked.deals(firm, snapshot=workshop.policy.training.snapshot)
    closed = [(one, one.first_known_at) for one in asked if one.first_known_at is not None and not _is_late(one)]
    learned = [one for one, known_at in closed if known_at <= until]
    if not learned:
        raise NothingToWatchError(
            f"The store holds none of the deals that model {model.version} of {firm} learned from, so there is "
            "nothing to compare with: look whether MLSCORE_DATABASE and MLSCORE_MODELS belong together."
        )
    lately, words = choose_lately(asked, at=at, window=window)
    pointer = workshop.shelf.pointer(firm)
    return Material(
        firm=firm,
        at=at,
        policy=workshop.policy,
        model=model,
        champion_since=None if pointer is None else pointer.at,
        track_record=workshop.store.track_records.of(firm, model.policy) if model.reads_track_record else None,
        learned_until=until,
        learned=learned,
        lately=lately,
        window=words,
        ended=[one for one, known_at in closed if until < known_at <= at],
        open_now=workshop.store.asked.open_deals(firm),
    )


def choose_lately(asked: Sequence[AskedDeal], *, at: datetime, window: Window) -> tuple[Sequence[AskedDeal], str]:
    """Return the deals asked about lately and say in words which they are; undated ones are not known to be new."""
    dated = [one for one in asked if one.deal.as_of is not None and one.deal.as_of <= at]
    since = window.since or at - timedelta(days=window.days)
    chosen = [one for one in dated if one.deal.as_of is not None and one.deal.as_of >= since]
    if window.since is not None:
        return chosen, f"{len(chosen)} deals since {window.since:%Y-%m-%d}"
    if len(chosen) >= window.deals_min or len(chosen) == len(dated):
        return chosen, f"{len(chosen)} deals of the last {window.days} days"
    newest = dated[-window.deals_min :]
    return newest, (
        f"the newest {len(newest)} deals, back to {newest[0].deal.as_of:%Y-%m-%d}: the last {window.days} days had "
        f"only {len(chosen)}"
    )


def answers_of(model: FittedModel, asked: Sequence[AskedDeal], track_record: TrackRecord | None) -> Floats:
    """Return the champion's probabilities: as it gave them when asked, else worked out now from what was known then."""
    said = np.array(
        [one.probability if one.model_version == model.version else None for one in asked], dtype=np.float64
    )
    silent = np.flatnonzero(np.isnan(said))
    if len(silent):
        deals = Deals([asked[row].deal for row in silent.tolist()])
        if track_record is not None:
            deals = deals.having(track_record.columns(deals))
        said[silent] = model.answers(deals, judged=judge(deals, model.policy)).probability
    return said


def _champion(workshop: Workshop) -> tuple[FittedModel, datetime]:
    version = workshop.shelf.champion(workshop.firm)
    if version is not None:
        model = load_bundle(workshop.shelf.folder(workshop.firm, version), version=version)
        facts = workshop.shelf.facts(workshop.firm, version)
        if PRIOR_VERSION not in {version, facts.get("winner")} and model.why_unapproved != "abstain.prior_only":
            return model, datetime.fromisoformat(str(facts.get("history_until") or facts["created_at"]))
    raise NothingToWatchError(
        f"The firm {workshop.firm} is served by the policy's prior, which learned from no deal, so there is nothing "
        "to watch: train a model first, python -m training retrain."
    )


def _is_late(one: AskedDeal) -> bool:
    """Tell whether a deal was first scored after it had closed, so that no model may learn from it."""
    return one.outcome is not None and is_late(one.deal.as_of, one.outcome)
