from mlscore.http.access.uses import Uses
from tests.fakes import FakeClock, InMemoryKeys, Outage


def uses_of(keys, clock):
    return Uses(keys, clock=clock, monotonic=clock.monotonic)


def test_a_key_in_use_is_written_down_once_a_minute():
    keys, clock = InMemoryKeys(), FakeClock()
    uses = uses_of(keys, clock)
    for _ in range(100):
        uses.note("k")
    clock.wait(60)
    uses.note("k")
    uses.note("other")
    uses.close()
    assert [key_id for key_id, _ in keys.uses] == ["k", "k", "other"]


def test_while_the_store_is_away_nobody_is_kept_waiting_and_nothing_breaks():
    uses = uses_of(InMemoryKeys(outage=Outage(is_on=True)), FakeClock())
    uses.note("k")
    uses.close()
