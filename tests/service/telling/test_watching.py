"""How it stands with webhooks is counted now and then, and told as often as anybody asks."""

from dataclasses import dataclass, field
from typing import cast

from mlscore.ports import Deliveries, TellingFigures
from mlscore.service.telling.watching import TellingWatch
from tests.fakes import FakeClock, Outage

FOUND = TellingFigures(webhook_id="w", delivered=7, failed=3, waiting=0, dead=0, oldest_at=None)


@dataclass
class Counted:
    """Counts how often it was counted."""

    outage: Outage = field(default_factory=Outage)
    times: int = 0

    def figures(self, firm: str) -> list[TellingFigures]:
        self.outage.strike()
        self.times += 1
        return [FOUND]


def a_watch(counted: Counted, clock: FakeClock) -> TellingWatch:
    return TellingWatch(firm="main", deliveries=cast("Deliveries", counted), monotonic=clock.monotonic)


def test_it_is_counted_every_quarter_of_a_minute_however_often_it_is_asked() -> None:
    counted, clock = Counted(), FakeClock()
    watch = a_watch(counted, clock)
    for _ in range(30):
        assert watch() == [FOUND]
        clock.wait(1)
    assert counted.times == 2


def test_while_the_store_is_away_the_last_count_goes_on() -> None:
    counted, clock = Counted(), FakeClock()
    watch = a_watch(counted, clock)
    counted.outage.is_on = True
    assert watch() == ()
    counted.outage.is_on = False
    assert watch() == [FOUND]
    counted.outage.is_on = True
    clock.wait(60)
    assert watch() == [FOUND]
