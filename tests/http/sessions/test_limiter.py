"""Who guesses too often from one address waits; others do not."""

from mlscore.http.sessions.limiter import Limiter
from tests.fakes import FakeClock


def test_failures_of_a_minute_shut_an_address_out_and_no_other():
    clock = FakeClock()
    limiter = Limiter(at_most=3, monotonic=clock.monotonic)
    for _ in range(3):
        assert limiter.may_try("a")
        limiter.failed("a")
    assert not limiter.may_try("a")
    assert limiter.may_try("b")
    clock.wait(60)
    assert limiter.may_try("a")


def test_who_never_fails_is_never_shut_out():
    limiter = Limiter(at_most=1)
    assert all(limiter.may_try("a") for _ in range(50))
