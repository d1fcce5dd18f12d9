"""Told to end once a service waits a while; told twice it does not, and is not told a third time by itself."""

import asyncio
import signal
from collections.abc import Iterator

import pytest
from starlette.datastructures import State

from mlscore.http.vitals.ending import not_ready_first


@pytest.fixture
def told() -> Iterator[list[int]]:
    """Stand in for the server's own handler: hold what it was told."""
    signals: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: signals.append(number))
    yield signals
    signal.signal(signal.SIGTERM, before)


def begun(seconds: float) -> State:
    state = State()
    state.draining = False
    not_ready_first(state, seconds=seconds)
    return state


async def some_turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_told_once_it_is_not_ready_and_the_server_is_told_later(told: list[int]) -> None:
    async def story() -> None:
        state = begun(0.0)
        signal.raise_signal(signal.SIGTERM)
        assert (state.draining, told) == (True, [])
        await some_turns()
        assert told == [signal.SIGTERM]

    asyncio.run(story())


def test_told_twice_the_server_is_told_at_once_and_its_first_wait_is_the_only_one(told: list[int]) -> None:
    async def story() -> None:
        begun(0.0)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert told == [signal.SIGTERM]
        await some_turns()
        assert told == [signal.SIGTERM] * 2

    asyncio.run(story())
