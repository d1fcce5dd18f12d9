"""Whoever is killed, wherever: what is done again leads to the same receipts, the same cards and the same outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mlscore.scoring.deal import Status
from mlscore.service.in_step.working import LEASE
from mlscore.store import Store, open_store
from tests.builders import roubles
from tests.service.in_step.crm import deal
from tests.service.in_step.world import World

STEPS = {
    *("claim", "done", "put_off", "tell", "of", "keep", "fetch", "write", "record", "newest", "already_kept", "find"),
    *("changed_since", "stale", "open_items", "history"),
}
"""Everything a worker asks of the world."""


class KilledError(BaseException):
    """What SIGKILL is to a test: no code of ours may catch it."""


@dataclass
class Killer:
    """Kills at the n-th step of a worker: before it is taken, or when it is taken and nobody has heard of it."""

    at: int
    is_after: bool
    taken: int = 0

    def around(self, port: Any) -> Any:
        return _Guarded(port, self)

    def __call__(self, step: Any, *arguments: Any, **named: Any) -> Any:
        self.taken += 1
        is_the_one = self.taken == self.at
        if is_the_one and not self.is_after:
            raise KilledError
        answer = step(*arguments, **named)
        if is_the_one:
            raise KilledError
        return answer


class _Guarded:
    def __init__(self, port: Any, killer: Killer) -> None:
        self._port, self._killer = port, killer

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in STEPS:
            return found
        return lambda *arguments, **named: self._killer(found, *arguments, **named)


@pytest.fixture
def database(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    opened.migrate()
    yield opened
    opened.close()


def a_day(world: World) -> Iterator[None]:
    """Let a deal be made and changed, one end, one reopen, one vanish, one be told of while nothing changed."""
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    world.crm.put(deal(2))
    world.crm.put(deal(3))
    world.crm.put(deal(4))
    yield
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    world.crm.end(deal(2), Status.LOST)
    world.crm.delete(deal(3))
    world.tell(deal(4))
    yield
    world.crm.reopen(deal(2))
    yield


def live(world: World, killer: Killer) -> None:
    """Live through the day, begin anew after the kill, and go on until nothing is left to do."""
    for _ in a_day(world):
        try:
            world.around = killer.around
            world.settle(world.worker("killed"))
        except KilledError:
            world.around = lambda port: port
            world.clock.wait(LEASE.total_seconds() + 1)
            world.settle(world.worker("next"))


def said(world: World) -> object:
    """Return what the day came to: moments and names of receipts apart, for who is killed loses time."""
    cards = {item.item_id: seen.shown["VERDICT"] for item, seen in sorted(world.crm.items.items())}
    receipts = {number: [one.deal.profit_if_won for one in world.receipts(number)] for number in range(1, 5)}
    outcomes = world.store.outcomes.newest(world.firm, [f"D_{number}" for number in range(1, 5)])
    ends = {deal_id: (one.version, one.outcome.status) for deal_id, one in outcomes.items()}
    mirrors = {number: (world.mirror(number).is_open, world.mirror(number).scores) for number in range(1, 5)}
    written = sorted((one.item.item_id, one.shown["VERDICT"]) for one in world.crm.writings)
    return cards, receipts, ends, mirrors, written


@pytest.mark.parametrize("is_after", [False, True], ids=["before a step", "after a step"])
def test_a_kill_at_any_step_changes_nothing_of_what_comes_out(database: Store, is_after: bool) -> None:
    undisturbed, never = World(database), Killer(at=0, is_after=is_after)
    live(undisturbed, never)
    expected = said(undisturbed)
    assert never.taken > 40
    unlike = []
    for at in range(1, never.taken + 1):
        world = World(database)
        live(world, Killer(at=at, is_after=is_after))
        if said(world) != expected:
            unlike.append((at, said(world)))
    assert unlike == []
    assert expected == (
        {"1": "refuse", "2": "accept", "4": "accept"},
        {1: [roubles(3_000), roubles(12_000)], **{number: [roubles(12_000)] for number in (2, 3, 4)}},
        {"D_2": (2, Status.REOPENED)},
        {1: (True, 2), 2: (True, 1), 3: (False, 1), 4: (True, 1)},
        [("1", "accept"), ("1", "refuse"), ("2", "accept"), ("3", "accept"), ("4", "accept")],
    )


def test_two_workers_who_have_the_same_item_in_hand_score_it_once(database: Store) -> None:
    world = World(database)
    world.crm.put(deal(1))
    slow, quick = world.worker("slow"), world.worker("quick")
    scored = slow.looking.rescoring.scoring.score

    def overtaken(*arguments: Any, **named: Any) -> Any:
        receipts = scored(*arguments, **named)
        world.clock.wait(LEASE.total_seconds() + 1)  # so long that its claim is another's by now
        world.settle(quick)
        return receipts

    object.__setattr__(slow.looking.rescoring, "scoring", _Scoring(overtaken))
    world.deliver()
    slow.turn()
    world.settle(world.worker("third"))
    assert len(world.receipts()) == 1
    assert world.crm.items[deal(1)].shown["RECEIPT"] == world.receipts()[0].receipt_id


class _Scoring:
    def __init__(self, score: Any) -> None:
        self.score = score
