from mlscore.http.access.rates import Rates
from mlscore.ports import Key
from tests.builders import NOON
from tests.fakes import FakeClock


def a_key(name="crm", **of_key):
    return Key(key_id=name, firm="main", name=name, prefix="mlscore_abcd", created_at=NOON, **of_key)


def test_a_key_may_make_so_many_requests_a_minute_and_then_waits():
    clock = FakeClock()
    rates = Rates(3, monotonic=clock.monotonic)
    assert [rates.take(a_key()).is_spent for _ in range(5)] == [False, False, False, True, True]
    clock.wait(59.5)
    assert rates.take(a_key()).is_spent
    clock.wait(0.5)
    assert not rates.take(a_key()).is_spent


def test_what_is_left_and_when_it_begins_anew_is_told_as_the_draft_has_it():
    clock = FakeClock()
    rates = Rates(3, monotonic=clock.monotonic)
    rates.take(a_key())
    clock.wait(20.4)
    assert rates.take(a_key()).headers() == {"RateLimit-Policy": '"key";q=3;w=60', "RateLimit": '"key";r=1;t=40'}


def test_keys_do_not_spend_each_others_rate():
    rates = Rates(1)
    assert not rates.take(a_key("one")).is_spent
    assert not rates.take(a_key("other")).is_spent


def test_a_keys_own_rate_goes_before_the_services():
    rates = Rates(1)
    assert rates.take(a_key(rate_per_minute=7)).at_most == 7
    assert rates.take(a_key("free", rate_per_minute=0)) is None


def test_without_a_rate_nothing_is_counted():
    assert Rates(0).take(a_key()) is None


def test_several_workers_share_a_rate_and_each_tells_its_share():
    shares = [Rates(100, workers=3).take(a_key()) for _ in range(3)]
    assert [share.at_most for share in shares] == [34, 34, 34]
    assert Rates(1, workers=4).take(a_key()).at_most == 1


def test_counts_of_keys_long_silent_are_let_go():
    clock = FakeClock()
    rates = Rates(1, monotonic=clock.monotonic)
    for number in range(10_000):
        rates.take(a_key(str(number)))
    clock.wait(61)
    rates.take(a_key("new"))
    assert len(rates.windows) == 1
