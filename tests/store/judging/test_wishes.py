"""One wish at a time, granted or refused, and each step in the log."""

import pytest

from mlscore.ports import DeedsAsked, Wish
from mlscore.scoring.errors import ConflictError
from tests.store.builders import DAY, NOON


def a_wish(**said):
    return Wish(**{"kind": "promote", "version": "2", "why": "It earns more", "by": "Анна", "at": NOON, **said})


def test_a_wish_waits_until_it_is_done(store, firm):
    asked = store.wishes.ask(firm, a_wish())
    assert store.wishes.pending(firm) == asked
    store.wishes.done(firm, asked.number, at=NOON + DAY)
    assert store.wishes.pending(firm) is None
    [kept] = store.wishes.every(firm)
    assert (kept.done_at, kept.fault) == (NOON + DAY, None)


def test_a_second_wish_waits_for_the_first_and_firms_are_apart(store, firm):
    first = store.wishes.ask(firm, a_wish())
    with pytest.raises(ConflictError) as told:
        store.wishes.ask(firm, a_wish(version="3"))
    assert told.value.code == "web.models.pending"
    store.wishes.ask(f"{firm}-2", a_wish(version="3"))
    store.wishes.done(firm, first.number, at=NOON, fault="It is damaged.")
    second = store.wishes.ask(firm, a_wish(version="3", kind="roll_back"))
    assert [one.number for one in store.wishes.every(firm)] == [second.number, first.number]
    assert store.wishes.every(firm)[1].fault == "It is damaged."


def test_what_was_asked_and_what_came_of_it_stand_in_the_log(store, firm):
    asked = store.wishes.ask(firm, a_wish())
    store.wishes.done(firm, asked.number, at=NOON, fault="It is damaged.")
    refused, wished = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (wished.who, wished.what, wished.after) == (
        "Анна",
        "champion.asked",
        {"version": "2", "why": "It earns more"},
    )
    assert (refused.who, refused.what) == ("mlscore follow", "champion.refused")
    assert refused.after == {"version": "2", "why": "It is damaged."}
