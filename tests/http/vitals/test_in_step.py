"""The board shows how fresh the scores in a CRM are, and nothing where none is connected."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from mlscore.http.vitals.in_step import InStepBoard
from mlscore.ports import Freshness
from tests.builders import NOON

FOUND = Freshness(
    open=9,
    stale=3,
    by_why={"policy": 2, "event": 1},
    waiting=1,
    set_aside=2,
    oldest_task_at=NOON - timedelta(minutes=2),
)


def test_every_figure_is_shown_and_one_that_is_over_is_nought_again() -> None:
    board = InStepBoard(registry := CollectorRegistry(), now=lambda: NOON)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"mlscore_in_step_{name}", {"crm": "bitrix24", **labels})

    board.show({"bitrix24": FOUND})
    assert (value("items", state="open"), value("items", state="stale")) == (9, 3)
    assert (value("stale_items", why="policy"), value("stale_items", why="days")) == (2, 0)
    assert (value("tasks", state="waiting"), value("tasks", state="set_aside")) == (1, 2)
    assert value("oldest_task_seconds") == 120
    board.show({"bitrix24": Freshness(open=9, stale=0, by_why={}, waiting=0, set_aside=0, oldest_task_at=None)})
    assert (value("stale_items", why="policy"), value("oldest_task_seconds")) == (0, 0)


def test_without_a_crm_there_is_no_series_to_alarm_about() -> None:
    board = InStepBoard(registry := CollectorRegistry())
    board.show({})
    assert not any(line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#"))
