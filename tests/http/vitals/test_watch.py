"""The watch looks again and again, whatever one look came to, and tells how late it woke."""

import asyncio
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry

from mlscore.http.vitals.board import Board
from mlscore.http.vitals.pulse import Pulse
from mlscore.http.vitals.watch import Watch
from mlscore.ports import Standing
from tests.serving import until


def watched(
    registry: CollectorRegistry, standings: Callable[[], Sequence[Standing]], *, is_so: Callable[[], bool]
) -> None:
    """Watch until something is so; fail where it does not become so."""
    watch = Watch(
        board=Board(registry),
        pulse=Pulse(lambda: None),
        standings=standings,
        is_draining=lambda: False,
        spooled=lambda: 0,
        every_seconds=0.001,
    )

    async def run() -> None:
        async with watch.running():
            await asyncio.to_thread(until, is_so, seconds=10)

    asyncio.run(run())


def test_a_look_that_fails_is_not_the_last() -> None:
    looks: list[str] = []

    def standings() -> Sequence[Standing]:
        looks.append("once more")
        if len(looks) == 1:
            raise ZeroDivisionError
        return []

    watched(CollectorRegistry(), standings, is_so=lambda: len(looks) > 2)


def test_how_late_the_event_loop_wakes_is_told() -> None:
    registry = CollectorRegistry()
    watched(registry, list, is_so=lambda: bool(registry.get_sample_value("mlscore_event_loop_lag_seconds")))
