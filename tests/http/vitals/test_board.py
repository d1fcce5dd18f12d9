"""The board shows how things are now, and forgets what has left."""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from mlscore.http.vitals.board import Board
from mlscore.http.vitals.pulse import Pulse
from mlscore.http.vitals.watch import Watch
from mlscore.ports import Serving, Standing
from tests.fakes import FakeClock, Outage
from tests.models import a_model


def value(board_of: CollectorRegistry, name: str, **labels: str) -> float | None:
    return board_of.get_sample_value(f"mlscore_{name}", labels)


def show(board: Board, *standings: Standing) -> None:
    board.show(standings, away_seconds=None, is_draining=False)


def test_each_refusal_is_counted_once() -> None:
    board = Board(registry := CollectorRegistry())
    show(board, Standing(firm="main", serving=Serving(model=None), failures=2))
    show(board, Standing(firm="main", serving=Serving(model=None), failures=2))
    show(board, Standing(firm="main", serving=Serving(model=None), failures=3, challenger_failures=1))
    assert value(registry, "model_load_failures_total", firm="main", role="champion") == 3
    assert value(registry, "model_load_failures_total", firm="main", role="challenger") == 1


def test_a_champion_that_left_is_gone() -> None:
    board = Board(registry := CollectorRegistry())
    labels = {"firm": "main", "model": "profitable", "version": "7"}
    show(board, Standing(firm="main", serving=Serving(model=a_model())))
    assert value(registry, "model_loaded_info", **labels) == 1
    show(board, Standing(firm="main", serving=Serving(model=None)))
    assert value(registry, "model_loaded_info", **labels) is None


def test_the_ages_of_both_registries_are_told_apart() -> None:
    board = Board(registry := CollectorRegistry())
    read_at, followed_at = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    serving = Serving(model=None)
    show(board, Standing(firm="main", serving=serving, shelf_read_at=read_at, followed_at=followed_at))
    assert value(registry, "registry_last_ok_timestamp", firm="main", registry="shelf") == read_at.timestamp()
    assert value(registry, "registry_last_ok_timestamp", firm="main", registry="tracking") == followed_at.timestamp()


def test_how_long_the_database_has_been_away_is_told_until_it_is_back() -> None:
    clock, answers = FakeClock(), Outage()
    board = Board(registry := CollectorRegistry())
    watch = Watch(
        board=board,
        pulse=Pulse(answers.strike),
        standings=list,
        is_draining=lambda: False,
        spooled=lambda: 4,
        monotonic=clock.monotonic,
    )

    def look() -> tuple[float | None, ...]:
        watch.look()
        return tuple(value(registry, name) for name in ("database_up", "key_cache_age_seconds", "spool_receipts"))

    assert look() == (1, 0, 4)
    answers.is_on = True
    look()
    clock.wait(90)
    assert look() == (0, 90, 4)
    answers.is_on = False
    assert look() == (1, 0, 4)
