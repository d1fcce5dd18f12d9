"""A model is asked for by its version on the shelf, with a reason."""

from dataclasses import dataclass, field

import pytest

from mlscore.scoring.errors import FaultyInputError, NotFoundError
from mlscore.service.judging import Wishing
from tests.fakes import FakeClock


@dataclass
class Kept:
    """Keeps what is asked for."""

    asked: list = field(default_factory=list)

    def ask(self, firm, wish):
        self.asked.append(wish)
        return wish


class OnTheShelf:
    """Two versions; 1 served before."""

    def versions(self, firm):
        return ("1", "2")

    def would_roll_back_to(self, firm):
        return "1"


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def wishing(kept):
    return Wishing(kept, OnTheShelf(), FakeClock())


def test_a_version_is_asked_for_with_its_reason_tidied(wishing, kept):
    wishing.promote("main", "2", why=" It  earns\nmore ", by="Анна")
    [wish] = kept.asked
    assert (wish.kind, wish.version, wish.why, wish.by) == ("promote", "2", "It earns more", "Анна")


def test_a_way_back_names_the_version_it_leads_to(wishing, kept):
    wishing.roll_back("main", why="Complaints", by="Анна")
    assert (kept.asked[0].kind, kept.asked[0].version) == ("roll_back", "1")


def test_what_is_not_there_or_has_no_reason_is_not_asked_for(wishing, kept):
    with pytest.raises(NotFoundError):
        wishing.promote("main", "3", why="x", by="Анна")
    for why in (" ", "x" * 501):
        with pytest.raises(FaultyInputError):
            wishing.promote("main", "2", why=why, by="Анна")
    assert kept.asked == []
