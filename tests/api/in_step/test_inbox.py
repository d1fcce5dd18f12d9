"""Events that come at once are stored together, each before it is answered; all of them are told of a failure."""

import asyncio
import threading

import pytest

from mlscore.api.in_step.inbox import Inbox
from mlscore.ports import Item
from mlscore.scoring.errors import StoreUnavailableError
from tests.fakes import FakeClock, Outage, ToldTasks


class SlowTasks(ToldTasks):
    """Tasks whose store is slow: `calls` says how many items came in each call."""

    def __init__(self, **of_fake):
        super().__init__(**of_fake)
        self.calls, self.begun, self.go_on = [], threading.Event(), threading.Event()

    def tell(self, firm, crm, items, *, why, at):
        self.calls.append(len(items))
        self.begun.set()
        assert self.go_on.wait(10)
        super().tell(firm, crm, items, why=why, at=at)


def an_inbox(tasks) -> Inbox:
    return Inbox(tasks, "main", "bitrix24", FakeClock())


def deal(number) -> Item:
    return Item(kind="deal", item_id=str(number))


async def put_all(inbox, numbers, *, then):
    puts = [asyncio.ensure_future(inbox.put([deal(number)])) for number in numbers]
    await asyncio.sleep(0)
    then()
    return await asyncio.gather(*puts, return_exceptions=True)


def test_the_first_is_stored_alone_and_those_that_come_meanwhile_together():
    tasks = SlowTasks()

    async def burst():
        inbox = an_inbox(tasks)
        first = asyncio.ensure_future(inbox.put([deal(0)]))
        assert await asyncio.to_thread(tasks.begun.wait, 10)
        await put_all(inbox, range(1, 50), then=tasks.go_on.set)
        await first

    asyncio.run(burst())
    assert tasks.calls == [1, 49]
    assert {item for *_, item, _ in tasks.told} == {deal(number) for number in range(50)}


def test_an_item_told_of_by_many_is_stored_once():
    tasks = SlowTasks()
    asyncio.run(put_all(an_inbox(tasks), [7] * 20, then=tasks.go_on.set))
    assert tasks.calls == [1]


def test_whoever_waits_for_a_store_that_fails_is_told_so_and_the_next_is_stored():
    outage = Outage(is_on=True)
    tasks = SlowTasks(outage=outage)
    tasks.go_on.set()

    async def through_an_outage():
        inbox = an_inbox(tasks)
        failed = await put_all(inbox, range(3), then=lambda: None)
        outage.is_on = False
        await inbox.put([deal(9)])
        return failed

    failed = asyncio.run(through_an_outage())
    assert [type(error) for error in failed] == [StoreUnavailableError] * 3
    assert [item for *_, item, _ in tasks.told] == [deal(9)]


def test_who_stops_waiting_changes_nothing():
    tasks = SlowTasks()

    async def impatient():
        inbox = an_inbox(tasks)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await inbox.put([deal(1)])
        tasks.go_on.set()
        await inbox.put([deal(2)])

    asyncio.run(impatient())
    assert [item for *_, item, _ in tasks.told] == [deal(1), deal(2)]


def test_a_loop_that_ended_in_the_middle_of_it_does_not_hold_up_the_next():
    tasks = SlowTasks()
    inbox = an_inbox(tasks)

    async def ends_at_once():
        left = asyncio.ensure_future(inbox.put([deal(1)]))
        await asyncio.sleep(0)
        assert not left.done()

    tasks.go_on.set()
    asyncio.run(ends_at_once())
    asyncio.run(inbox.put([deal(2)]))
    assert deal(2) in {item for *_, item, _ in tasks.told}
