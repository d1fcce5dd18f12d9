"""What a check of the watch says: how it stands, in one sentence, with what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a check stands, the worst last; one with too few deals says nothing."""

    CANNOT_SAY = "cannot say"
    OK = "ok"
    WARN = "warn"
    ALARM = "alarm"


_WORSE = {standing: height for height, standing in enumerate(Standing)}


def worst(standings: Iterable[Standing]) -> Standing:
    """Return the worst of some; nothing to say where there is none."""
    return max(standings, key=_WORSE.__getitem__, default=Standing.CANNOT_SAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One check: its name, how it stands, and what was found and what to do, in one sentence."""

    check: str
    standing: Standing
    sentence: str


def grown(size: float, *, warn: float, alarm: float) -> Standing:
    """Grade a size that ought to be small."""
    return Standing.ALARM if size >= alarm else Standing.WARN if size >= warn else Standing.OK
