"""Sides are kept version by version, and nobody writes over another."""

import pytest

from mlscore.ports import DeedsAsked, Side
from mlscore.scoring.errors import ConflictError
from tests.store.builders import DAY, NOON


def a_side(deal_id="D-1", **said):
    return Side(**{"deal_id": deal_id, "side": "model", "why": "I know them", "by": "Анна", "at": NOON, **said})


def test_a_deal_has_every_side_taken_of_it_newest_first(store, firm):
    first = store.sides.take(firm, a_side(), known=0)
    second = store.sides.take(firm, a_side(side="rules", by="Пётр", at=NOON + DAY), known=1)
    assert store.sides.of_deal(firm, "D-1") == [second, first]
    assert (first.version, second.version) == (1, 2)
    assert store.sides.of_deal(firm, "D-2") == []


def test_who_did_not_see_the_newest_side_is_told(store, firm):
    store.sides.take(firm, a_side(), known=0)
    with pytest.raises(ConflictError) as told:
        store.sides.take(firm, a_side(side="rules"), known=0)
    assert told.value.code == "web.side.meanwhile"
    assert len(store.sides.of_deal(firm, "D-1")) == 1


def test_the_newest_of_each_deal_is_found_at_once(store, firm):
    store.sides.take(firm, a_side("D-1"), known=0)
    newest = store.sides.take(firm, a_side("D-1", side="rules"), known=1)
    other = store.sides.take(firm, a_side("D-2"), known=0)
    store.sides.take(f"{firm}-2", a_side("D-3"), known=0)
    assert store.sides.newest(firm) == {"D-1": newest, "D-2": other}
    assert store.sides.newest(firm, ["D-2", "D-9"]) == {"D-2": other}
    assert store.sides.newest(firm, []) == {}


def test_a_side_taken_stands_in_the_log_with_the_one_before(store, firm):
    store.sides.take(firm, a_side(), known=0)
    store.sides.take(firm, a_side(side="rules", why="They never pay", by="Пётр"), known=1)
    newer, older = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (older.who, older.what, older.subject, older.before) == ("Анна", "side.taken", "D-1", None)
    assert older.after == {"side": "model", "why": "I know them"}
    assert (newer.before, newer.after["side"]) == (older.after, "rules")
