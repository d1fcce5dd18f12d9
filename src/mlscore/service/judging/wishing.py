"""Asks for another model: to be promoted, or the one before to come back; `mlscore follow` does it."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.ports import Clock, ModelShelf, Wish, Wishes, WishKind
from mlscore.scoring.errors import NotFoundError
from mlscore.service.judging.reasons import reason_of


@dataclass(frozen=True, slots=True)
class Wishing:
    """Lets people ask for another champion, with a reason."""

    wishes: Wishes
    shelf: ModelShelf
    clock: Clock

    def promote(self, firm: str, version: str, *, why: str, by: str) -> Wish:
        """Ask for a version on the shelf.

        Raises NotFoundError for another, FaultyInputError without a reason, ConflictError while a wish is not done.
        """
        if version not in self.shelf.versions(firm):
            raise NotFoundError(f"No model {version} lies on the shelf.")
        return self._ask(firm, "promote", version, why=why, by=by)

    def roll_back(self, firm: str, *, why: str, by: str) -> Wish:
        """Ask for the champion before; raises as `promote` does, NotFoundError where there is none."""
        return self._ask(firm, "roll_back", self.shelf.would_roll_back_to(firm), why=why, by=by)

    def _ask(self, firm: str, kind: WishKind, version: str, *, why: str, by: str) -> Wish:
        wish = Wish(kind=kind, version=version, why=reason_of(why), by=by, at=self.clock())
        return self.wishes.ask(firm, wish)
