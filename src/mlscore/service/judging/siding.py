"""Takes sides where rules and model part; neither answer is changed by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from mlscore.ports import Clock, Side, Sides, With
from mlscore.scoring.errors import FaultyInputError
from mlscore.service.judging.reasons import reason_of


@dataclass(frozen=True, slots=True)
class Siding:
    """Lets people take a side of a deal, with a reason."""

    sides: Sides
    clock: Clock

    def take(self, firm: str, deal_id: str, side: str, *, why: str, by: str, known: int) -> Side:
        """Keep a person's side; `known` is the version of the one that was seen before, 0 for none.

        Raises FaultyInputError without a side or a reason, ConflictError where somebody else was faster.
        """
        found = next((one for one in get_args(With) if one == side), None)
        if found is None:
            raise FaultyInputError("Take the side of the rules or of the model.", code="web.side.choose")
        taken = Side(deal_id=deal_id, side=found, why=reason_of(why), by=by, at=self.clock())
        return self.sides.take(firm, taken, known=known)
