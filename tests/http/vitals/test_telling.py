"""The board shows what webhooks were told of and what they are still to be told, and nothing where nobody is told."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from mlscore.http.vitals.telling import TellingBoard
from mlscore.ports import TellingFigures
from tests.builders import NOON

FOUND = TellingFigures(webhook_id="w", delivered=7, failed=3, waiting=2, dead=1, oldest_at=NOON - timedelta(minutes=5))
OVER = TellingFigures(webhook_id="w", delivered=9, failed=3, waiting=0, dead=0, oldest_at=None)


def lines(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_every_figure_is_shown_and_one_that_is_over_is_nought_again() -> None:
    board = TellingBoard(registry := CollectorRegistry(), now=lambda: NOON)
    board.show([FOUND])
    assert set(lines(registry)) == {
        'mlscore_webhook_tries{outcome="delivered",webhook="w"} 7.0',
        'mlscore_webhook_tries{outcome="failed",webhook="w"} 3.0',
        'mlscore_webhook_scores{state="waiting",webhook="w"} 2.0',
        'mlscore_webhook_scores{state="dead",webhook="w"} 1.0',
        'mlscore_webhook_oldest_undelivered_seconds{webhook="w"} 300.0',
    }
    board.show([OVER])
    assert 'mlscore_webhook_oldest_undelivered_seconds{webhook="w"} 0.0' in lines(registry)
    assert 'mlscore_webhook_tries{outcome="delivered",webhook="w"} 9.0' in lines(registry)


def test_a_webhook_that_ended_is_shown_no_more() -> None:
    board = TellingBoard(registry := CollectorRegistry())
    board.show([FOUND])
    board.show([])
    assert lines(registry) == []
