"""Of several workers one calls the CRM; the others wait, and one of them goes on within seconds of its death."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread
from typing import cast

from structlog.testing import capture_logs

from mlscore.ports import Holds
from mlscore.scoring.errors import StoreUnavailableError, UnreachableError
from mlscore.service.in_step.holding import HELD_FOR, SAYS_EVERY_SECONDS, Holding
from mlscore.service.in_step.working import POLL_SECONDS
from tests.builders import roubles
from tests.service.in_step.crm import deal
from tests.service.in_step.world import World
from tests.serving import until


def test_who_does_not_hold_the_crm_never_calls_it(world: World) -> None:
    first, second = world.worker("one"), world.worker("two")
    world.crm.put(deal(1))
    first.turn()
    world.deliver()
    world.crm.fault = UnreachableError("it was called", host="portal")
    for _ in range(30):
        first.holding.is_mine()
        assert second.turn() == POLL_SECONDS  # no rest: nothing was refused
        world.clock.wait(1.0)
    world.crm.fault = None
    world.settle(first)
    assert len(world.receipts()) == 1


def test_a_worker_goes_on_within_seconds_of_the_death_of_another(world: World) -> None:
    world.crm.put(deal(1))
    world.settle(world.worker("one"))
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    world.deliver()
    [_] = world.store.tasks.claim(
        world.firm, world.crm.name, by="one", at=world.clock(), until=world.clock() + 100 * HELD_FOR, at_most=1
    )
    second = world.worker("two")
    second.turn()
    world.clock.wait(HELD_FOR.total_seconds() + SAYS_EVERY_SECONDS)
    world.settle(second, turns=5)
    assert len(world.receipts()) == 2


def test_it_is_said_once_who_holds_the_crm(world: World) -> None:
    first, second = world.worker("one"), world.worker("two")
    with capture_logs() as said:
        for _ in range(20):
            first.turn()
            second.turn()
            world.clock.wait(1.0)
    told = [(line["event"], line["by"]) for line in said if "by" in line]
    assert told == [("holding", "one"), ("waiting: another worker holds the CRM", "two")]


def test_a_worker_that_rests_holds_on_so_that_no_other_calls_a_crm_that_is_busy(world: World) -> None:
    live = {"clock": lambda: datetime.now(UTC), "monotonic": time.monotonic}
    first = world.worker("one")
    first.holding = replace(first.holding, **live, _says_at=0.0)
    world.crm.fault = UnreachableError("busy", host="portal")
    stop = Event()
    running = Thread(target=first.run, args=(stop,))
    running.start()
    try:
        until(lambda: _held(world, first.holding) is not None)
        before = _held(world, first.holding)
        until(lambda: _held(world, first.holding) != before)
    finally:
        stop.set()
        running.join()
    assert _held(world, first.holding) is None


def test_while_the_store_is_away_nobody_thinks_that_he_holds_it_for_longer_than_it_lasts(world: World) -> None:
    worker = world.worker("one")
    assert worker.holding.is_mine()
    worker.holding.holds = cast("Holds", _Away())
    world.clock.wait(HELD_FOR.total_seconds())
    assert worker.turn() >= 1.0
    assert world.worker("two").holding.is_mine()


class _Away:
    def take(self, *_: object, **__: object) -> None:
        raise StoreUnavailableError("away")


def _held(world: World, holding: Holding) -> datetime | None:
    found = world.store.holds.look(world.firm, world.crm.name, at=holding.clock())
    return found.until if found else None


def test_what_another_has_kept_meanwhile_is_not_written_over_by_who_came_too_late(world: World) -> None:
    world.crm.put(deal(1))
    late = world.worker("late")
    late.looking = replace(late.looking, rescoring=replace(late.looking.rescoring, may_keep=late.holding.is_still_mine))
    world.crm.writing_takes = HELD_FOR.total_seconds() + 1.0
    late.turn()
    world.crm.writing_takes = 0.0
    assert len(world.crm.writings) == 1
    assert world.store.mirrors.of(world.firm, world.crm.name, [deal(1)]) == {}
    world.settle(world.worker("next"))
    assert world.mirror().receipt_id == world.receipts()[0].receipt_id
    assert len(world.receipts()) == 1
