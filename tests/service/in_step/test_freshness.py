"""Freshness is counted now and then, and told as often as anybody asks."""

from dataclasses import dataclass, field

from mlscore.ports import Current, Freshness
from mlscore.service.in_step import FreshnessWatch
from tests.builders import NOON
from tests.fakes import FakeClock, Outage

FOUND = Freshness(open=4, stale=1, by_why={"days": 1}, waiting=0, set_aside=0, oldest_task_at=None)


@dataclass
class Counted:
    """Counts how often it was counted."""

    outage: Outage = field(default_factory=Outage)
    times: int = 0

    def freshness(self, firm: str, crm: str, current: Current) -> Freshness:
        self.outage.strike()
        self.times += 1
        return FOUND


def a_watch(mirrors: Counted, clock: FakeClock, *, is_connected: bool = True) -> FreshnessWatch:
    return FreshnessWatch(
        firm="main",
        crm="bitrix24",
        mirrors=mirrors,
        current=lambda: Current(policy_version="p1", model_version=None, at=NOON),
        is_connected=lambda: is_connected,
        monotonic=clock.monotonic,
    )


def test_where_no_crm_is_connected_there_is_nothing_to_count() -> None:
    mirrors = Counted()
    assert a_watch(mirrors, FakeClock(), is_connected=False)() == {}
    assert mirrors.times == 0


def test_it_is_counted_every_quarter_of_a_minute_however_often_it_is_asked() -> None:
    mirrors, clock = Counted(), FakeClock()
    watch = a_watch(mirrors, clock)
    for _ in range(30):
        assert watch() == {"bitrix24": FOUND}
        clock.wait(1)
    assert mirrors.times == 2


def test_while_the_store_is_away_the_last_count_goes_on() -> None:
    mirrors, clock = Counted(), FakeClock()
    watch = a_watch(mirrors, clock)
    mirrors.outage.is_on = True
    assert watch() == {}
    mirrors.outage.is_on = False
    assert watch() == {"bitrix24": FOUND}
    mirrors.outage.is_on = True
    clock.wait(60)
    assert watch() == {"bitrix24": FOUND}
