"""The sweep finds what events lost, and tells of nothing that was seen."""

from dataclasses import replace
from datetime import timedelta

from mlscore.ports import ChangedItem, Item
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import UnreachableError
from tests.builders import roubles
from tests.service.in_step.crm import deal
from tests.service.in_step.world import World

HOUR = timedelta(hours=1)


def lose_events(world: World) -> None:
    world.crm.events.clear()


def in_an_hour(world: World) -> None:
    world.clock.wait(HOUR.total_seconds())


def test_the_first_sweep_tells_of_everything_that_is_open(world: World) -> None:
    for number in (1, 2, 3):
        world.crm.put(deal(number))
    world.crm.end(deal(3))
    lose_events(world)
    world.settle()
    assert [len(world.receipts(number)) for number in (1, 2, 3)] == [1, 1, 0]


def test_a_change_whose_event_was_lost_is_found_within_a_minute(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle()
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    world.crm.put(Item(kind="lead", item_id="7"))
    lose_events(world)
    world.clock.wait(60)
    world.settle(worker)
    assert world.shown() == "refuse"
    assert world.store.receipts.of_deal(world.firm, "L_7") != []


def test_an_end_whose_event_was_lost_is_found_too(world: World) -> None:
    world.crm.put(deal(1))
    worker = world.settle()
    in_an_hour(world)
    world.crm.end(deal(1), Status.LOST)
    lose_events(world)
    world.settle(worker)
    assert world.store.outcomes.newest(world.firm, ["D_1"])["D_1"].outcome.status is Status.LOST


def test_what_was_seen_is_told_of_no_more(world: World) -> None:
    world.crm.put(deal(1))
    worker = world.settle()
    world.clock.wait(60)
    assert worker.sweep.sweep() <= 1  # of the same second as our look, it may have come after
    world.settle(worker)
    looks = len(world.crm.fetched)
    for _ in range(5):
        world.clock.wait(60)
        assert worker.sweep.sweep() == 0
    assert len(world.crm.fetched) == looks
    in_an_hour(world)
    assert world.worker().sweep.sweep() == 0


def test_a_change_in_the_very_second_of_the_look_is_looked_at_once_more(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.worker()
    world.deliver()
    worker.turn()
    world.crm.put(deal(1), profit_if_won=roubles(3_000))  # no second has passed, and its event is lost
    lose_events(world)
    world.clock.wait(60)
    world.settle(worker)
    assert world.shown() == "refuse"


def test_a_change_in_the_very_second_of_one_the_sweep_found_is_found_too(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle()
    in_an_hour(world)
    world.crm.put(deal(1), profit_if_won=roubles(9_000))
    lose_events(world)
    assert worker.sweep.sweep() == 1
    worker.turn()
    world.crm.put(deal(1), profit_if_won=roubles(3_000))  # no second has passed
    lose_events(world)
    world.clock.wait(60)
    world.settle(worker)
    assert world.shown() == "refuse"


def test_an_item_that_another_changed_is_told_of_once_and_not_each_minute(world: World) -> None:
    world.crm.put(deal(1))
    worker = world.settle()
    in_an_hour(world)
    world.settle(worker)
    seen = world.crm.items[deal(1)]
    at = world.clock()

    def with_their_company(moment: object) -> object:
        yield ChangedItem(item=seen.item, changed_at=at)

    world.crm.changed_since = with_their_company
    told = []
    for _ in range(4):
        world.clock.wait(60)
        told.append(worker.sweep.sweep())
    assert told == [1, 0, 0, 0]


def test_once_a_night_all_that_is_open_is_held_against_the_mirrors(world: World) -> None:
    world.crm.put(deal(1))
    world.crm.put(deal(2))
    worker = world.settle()
    world.clock.wait(60)
    world.settle(worker)
    del world.crm.items[deal(1)]  # deleted, and nothing in the CRM tells of it
    world.clock.wait(HOUR.total_seconds() * 11)  # two in the morning in Moscow
    assert worker.sweep.sweep() == 0
    world.clock.wait(HOUR.total_seconds())
    assert [worker.sweep.sweep() for _ in range(2)] == [1, 0]
    worker.turn()
    assert not world.mirror(1).is_open
    assert world.mirror(2).is_open


def test_a_search_that_fails_begins_where_the_last_one_ended(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle()
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    lose_events(world)
    world.crm.fault = UnreachableError("away", host="portal")
    in_an_hour(world)
    assert worker.turn() > 0
    in_an_hour(world)
    world.crm.fault = None
    world.settle(worker)
    assert world.shown() == "refuse"


def test_a_change_of_another_century_does_not_keep_the_later_ones_from_being_found(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle()
    world.clock.wait(60)
    slipped = world.crm.put(deal(2))
    world.crm.items[slipped] = replace(world.crm.items[slipped], changed_at=world.clock() + 40_000 * 24 * HOUR)
    lose_events(world)
    world.settle(worker)
    assert len(world.receipts(2)) == 1
    in_an_hour(world)
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    lose_events(world)
    world.settle(worker)
    assert world.shown() == "refuse"


def test_a_search_that_once_began_at_such_a_change_begins_anew(world: World) -> None:
    world.crm.put(deal(1), profit_if_won=roubles(12_000))
    worker = world.settle()
    slip = world.clock() + 40_000 * 24 * HOUR
    worker.sweep.cursors.keep(world.firm, "bitrix24 swept", slip.isoformat())
    in_an_hour(world)
    world.crm.put(deal(1), profit_if_won=roubles(3_000))
    lose_events(world)
    world.settle(worker)
    assert world.shown() == "refuse"
    assert worker.sweep.cursors.value(world.firm, "bitrix24 swept") == world.crm.items[deal(1)].changed_at.isoformat()
