"""A side takes one of two, and a reason."""

from dataclasses import dataclass, field

import pytest

from mlscore.ports import Side
from mlscore.scoring.errors import FaultyInputError
from mlscore.service.judging import Siding
from tests.fakes import FakeClock


@dataclass
class Kept:
    """Keeps what it is given."""

    sides: list[Side] = field(default_factory=list)

    def take(self, firm, side, *, known):
        self.sides.append(side)
        return side


def test_a_side_is_kept_with_its_reason_tidied_its_taker_and_the_moment():
    kept, clock = Kept(), FakeClock()
    Siding(kept, clock).take("main", "D-1", "rules", why="  They \n never pay ", by="Анна", known=0)
    assert kept.sides == [Side(deal_id="D-1", side="rules", why="They never pay", by="Анна", at=clock())]


@pytest.mark.parametrize(
    ("side", "why", "code"),
    [("people", "x", "web.side.choose"), ("rules", "  ", "web.side.reason"), ("rules", "x" * 501, "web.side.reason")],
)
def test_without_a_side_or_a_reason_nothing_is_kept(side, why, code):
    kept = Kept()
    with pytest.raises(FaultyInputError) as told:
        Siding(kept, FakeClock()).take("main", "D-1", side, why=why, by="Анна", known=0)
    assert (told.value.code, kept.sides) == (code, [])
