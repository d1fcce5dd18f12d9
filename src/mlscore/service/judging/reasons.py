"""Why a person decided so: every decision has a reason, said in one paragraph."""

from __future__ import annotations

from mlscore.scoring.errors import FaultyInputError

REASON_LENGTH = 500


def reason_of(text: str) -> str:
    """Return a reason without stray blanks. Raises FaultyInputError for none, or for one too long."""
    why = " ".join(text.split())
    if not 1 <= len(why) <= REASON_LENGTH:
        raise FaultyInputError(
            f"A reason takes 1 to {REASON_LENGTH} characters.", code="web.side.reason", most=REASON_LENGTH
        )
    return why
