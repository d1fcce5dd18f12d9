"""A small firm with deals to look at: scored live by rules and model, some again, some closed, of two sellers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mlscore.bootstrap import build_service
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.service.application import Application
from mlscore.settings import Settings
from tests.builders import NOON, a_good_deal, roubles
from tests.fakes import FakeClock, FixedChampions
from tests.models import a_model

DEALS = 60
HOUR = timedelta(hours=1)


@contextmanager
def a_firm(folder: Path) -> Iterator[tuple[Application, Settings]]:
    """Open the firm; the folder holds its store."""
    settings = Settings(database=f"sqlite:///{folder / 'mlscore.db'}", models=folder / "models", spool=folder / "spool")
    with build_service(settings) as application:
        champions = FixedChampions(a_model())
        assert application.office is not None
        looking_back = replace(application.office.looking_back, champions=champions)
        scoring = replace(application.scoring, champions=champions)
        desk = replace(application.office.desk, scoring=scoring)
        yield (
            replace(
                application,
                scoring=scoring,
                comparing=replace(application.comparing, champions=champions),
                office=replace(application.office, looking_back=looking_back, desk=desk),
                champions=champions,
            ),
            settings,
        )


def with_deals(application: Application) -> None:
    """Score the firm's deals, the first of them three times, and close every third."""
    clock = FakeClock(NOON)
    scoring = replace(application.scoring, clock=clock)
    for number in range(1, DEALS + 1):
        clock.wait(HOUR.total_seconds())
        scoring.score(application.firm, [deal(number)])
    for facts in ({"asap": False}, {"asap": None, "budget_allocated": None}):
        clock.wait(24 * HOUR.total_seconds())
        scoring.score(application.firm, [replace(deal(1), as_of=clock(), **facts)])
    outcomes = [outcome(number) for number in range(3, DEALS + 1, 3)]
    application.outcomes.record(application.firm, outcomes)


def deal(number: int) -> Deal:
    """Return one of the deals: the higher its number, the more it brings; unlike in what is known of them."""
    return a_good_deal(
        deal_id=f"D-{number}",
        as_of=NOON + number * HOUR,
        stage="deal",
        company_id=f"C-{number % 7}",
        seller_id=f"S-{number % 2 + 1}",
        amount=roubles(1_000 * number),
        cost=None,
        profit_if_won=None if number % 11 == 0 else roubles(300 * number),
        budget_allocated=None if number % 4 == 0 else number % 5 != 0,
        in_nomenclature=number % 9 != 0,
        extra={},
    )


def outcome(number: int) -> Outcome:
    """Return how one of them ended."""
    is_won = number % 2 == 0
    return Outcome(
        deal_id=f"D-{number}",
        status=Status.WON if is_won else Status.LOST,
        closed_at=NOON + 90 * 24 * HOUR,
        realised_profit=roubles(250 * number) if is_won else None,
    )
