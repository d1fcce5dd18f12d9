"""What took long is made once a version, and shown as it was while it is made anew."""

from threading import Event, Thread
from threading import enumerate as enumerate_threads

import pytest

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.service.looking_back import Remembered, remembering


def test_it_is_made_once_a_version():
    made, remembered = [], Remembered()
    for version in ("1", "1", "2", "2"):
        assert remembered.of("past", version, lambda: made.append(1) or len(made)) == int(version)
    assert len(made) == 2


def test_what_it_is_of_is_kept_apart():
    remembered = Remembered()
    assert [remembered.of(what, "1", lambda what=what: what) for what in ("a", "b", "a")] == ["a", "b", "a"]


def test_many_who_ask_at_once_wait_for_one():
    remembered, begun, may_end, made, got = Remembered(), Event(), Event(), [], []

    def make():
        begun.set()
        may_end.wait(10)
        made.append(1)
        return "made"

    asking = [Thread(target=lambda: got.append(remembered.of("past", "1", make))) for _ in range(4)]
    for one in asking:
        one.start()
    begun.wait(10)
    may_end.set()
    for one in asking:
        one.join()
    assert (got, made) == (["made"] * 4, [1])


def test_what_takes_long_is_shown_as_it_was_until_it_is_made(monkeypatch):
    monkeypatch.setattr(remembering, "WORTH_WAITING_S", -1.0)
    remembered, may_end = Remembered(), Event()
    remembered.of("past", "1", lambda: "old")

    def make():
        may_end.wait(10)
        return "new"

    assert remembered.of("past", "2", make) == "old"
    assert remembered.of("past", "2", make) == "old"
    may_end.set()
    for one in enumerate_threads():
        if one.name == "looking back":
            one.join(10)
    assert remembered.of("past", "2", lambda: "never") == "new"


def test_what_fails_is_told_and_made_the_next_time():
    remembered = Remembered()

    def make():
        raise StoreUnavailableError("away")

    with pytest.raises(StoreUnavailableError):
        remembered.of("past", "1", make)
    assert remembered.of("past", "1", lambda: "made") == "made"


def test_the_least_asked_for_go_first():
    remembered, made = Remembered(), []
    for number in range(remembering.KEPT_AT_MOST + 1):
        remembered.of(number, "1", lambda: made.append(1))
        remembered.of(0, "1", lambda: made.append(0))
    remembered.of(1, "1", lambda: made.append("again"))
    assert made.count("again") == 1
    assert made.count(0) == 0
