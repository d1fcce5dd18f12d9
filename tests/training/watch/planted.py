"""A firm whose champion knows the truth, its deals asked about one after another, and what may be planted in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mlscore.ports import Backtest, ScoredOutcome
from mlscore.registry import Shelf, write_bundle
from mlscore.scoring.deal import Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import default_policy
from mlscore.scoring.verdict import judge
from mlscore.settings import Settings
from tests.models import a_planted_model
from tests.training.histories import START, a_history
from training.watch import Limits, Report, Window, gather, watch
from training.workshop import Workshop, open_workshop

FIRM = "main"
LEARNED_SHARE = 0.6


def a_champion(version: str = "7") -> FittedModel:
    """Return the model that `a_history` was drawn from: calibrated, as nobody is."""
    truth = {"budget_allocated": 2.2, "need_defined": 1.6, "role_economic": 1.2, "criterion_steam": 1.2}
    return replace(a_planted_model(intercept=-3.0, **truth), label="won", version=version)


def asked(deals: int = 1000, *, seed: int = 1, a_day: float = 8, last: datetime | None = None) -> list[ScoredOutcome]:
    """Return deals that came in evenly, the last of them at a moment; all have ended."""
    history = a_history(deals, seed=seed)
    span = timedelta(days=deals / a_day)
    first = START if last is None else last - span
    return [_moved(one, first + span * (place / deals)) for place, one in enumerate(history)]


def changed(
    history: Sequence[ScoredOutcome], change: Callable[[ScoredOutcome], ScoredOutcome], *, since: float = LEARNED_SHARE
) -> list[ScoredOutcome]:
    """Return the history with its newest part changed, `since` so large a share of it."""
    cut = round(len(history) * since)
    return [*history[:cut], *map(change, history[cut:])]


def with_facts(one: ScoredOutcome, **facts: Any) -> ScoredOutcome:
    """Return the deal with these facts."""
    return replace(one, receipt=replace(one.receipt, deal=replace(one.receipt.deal, **facts)))


def learned_until(history: Sequence[ScoredOutcome], share: float = LEARNED_SHARE) -> datetime:
    """Return when the oldest share of deals had come in: the champion learned from those that had ended by then."""
    as_of = history[round(len(history) * share) - 1].receipt.as_of
    assert as_of is not None
    return as_of


@contextmanager
def a_workshop(
    folder: Path,
    history: Sequence[ScoredOutcome],
    *,
    still_open: Sequence[str] = (),
    champion: FittedModel | None = None,
    until: datetime | None = None,
    promoted: datetime | None = None,
) -> Iterator[Workshop]:
    """Give a firm that was asked about these deals, and whose champion learned until a moment; promoted then."""
    model, until = champion or a_champion(), until or learned_until(history)
    settings = Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", firm=FIRM)
    with open_workshop(settings) as opened:
        workshop = replace(opened, shelf=Shelf(settings.models, clock=lambda: promoted or until))
        workshop.store.receipts.keep(FIRM, [one.receipt for one in history])
        ended = [one.outcome for one in history if one.outcome.deal_id not in set(still_open)]
        workshop.store.outcomes.record(FIRM, ended, at=START)
        workshop.store.backtests.keep(FIRM, _backtests(model, [one for one in history if _is_learned(one, until)]))
        write_bundle(
            folder / "bundle",
            model,
            card="",
            facts={"created_at": until.isoformat(), "history_until": until.isoformat()},
        )
        workshop.shelf.put(FIRM, model.version, folder / "bundle")
        workshop.shelf.point(FIRM, model.version, "champion")
        yield workshop


def seen(workshop: Workshop, *, at: datetime, limits: Limits | None = None, window: Window | None = None) -> Report:
    """Return what the watch sees at a moment."""
    return watch(gather(workshop, at=at, window=window or Window()), limits or Limits())


def last_moment(history: Sequence[ScoredOutcome]) -> datetime:
    """Return when every deal has come in and ended."""
    return max(one.outcome.closed_at for one in history if one.outcome.closed_at)


def _moved(one: ScoredOutcome, as_of: datetime) -> ScoredOutcome:
    closed_at, was = one.outcome.closed_at, one.receipt.as_of
    assert closed_at is not None
    assert was is not None
    ended = as_of + (closed_at - was)
    receipt = replace(one.receipt, as_of=as_of, scored_at=as_of, deal=replace(one.receipt.deal, as_of=as_of))
    return ScoredOutcome(receipt=receipt, outcome=replace(one.outcome, closed_at=ended, known_at=ended))


def _is_learned(one: ScoredOutcome, until: datetime) -> bool:
    return one.outcome.known_at is not None and one.outcome.known_at <= until


def _backtests(model: FittedModel, learned: Sequence[ScoredOutcome]) -> list[Backtest]:
    deals = Deals([one.receipt.deal for one in learned])
    probabilities = model.answers(deals, judged=judge(deals, default_policy())).probability
    return [
        Backtest(
            receipt_id=one.receipt.receipt_id, probability=float(p), expected_profit=None, model_version=model.version
        )
        for one, p in zip(learned, probabilities, strict=True)
    ]
