"""From which size on a finding matters, and how sure it must be: every number the watch may be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any

from mlscore.scoring.errors import FaultyInputError


def limit(default: float, meaning: str) -> Any:  # noqa: ANN401 - stands in for a field's default
    """Declare a limit with what it means."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit of the watch. An alarm needs size and certainty: above its limit, and not by chance."""

    chance: float = limit(0.01, "how often a check may raise a finding where nothing changed, all facts together")
    deals_min: float = limit(50, "with fewer deals on either side, facts and scores are not compared")
    psi_warn: float = limit(0.1, "PSI above what chance gives: look")
    psi_alarm: float = limit(0.25, "PSI above what chance gives: alarm")
    ks_warn: float = limit(0.1, "KS distance of a number: look")
    ks_alarm: float = limit(0.25, "KS distance of a number: alarm")
    unknown_warn: float = limit(0.1, "change in the share of unknowns of a fact: look")
    unknown_alarm: float = limit(0.25, "change in the share of unknowns of a fact: alarm")
    closed_min: float = limit(30, "with fewer deals closed since the champion learned, nothing is said of calibration")
    calibration_warn: float = limit(1.1, "observed over expected, or expected over observed: look")
    calibration_alarm: float = limit(1.25, "observed over expected, or expected over observed: alarm")
    stale_days: float = limit(30, "days after which the score of an open deal is too old")
    rescore_days: float = limit(1, "days a new champion has until open deals scored before it count as stale")
    stale_warn: float = limit(0.05, "share of stale scores among the open deals: look")
    stale_alarm: float = limit(0.2, "share of stale scores among the open deals: alarm")
    won_min: float = limit(10, "with fewer won deals nothing is said of a seller")
    profit_warn: float = limit(0.9, "realised over stated profit, a seller's against the others': look below it")
    profit_alarm: float = limit(0.75, "realised over stated profit, a seller's against the others': alarm below it")


LIMITS: Mapping[str, Field[Any]] = {one.name: one for one in fields(Limits)}
"""Every limit by its name."""


def read_limits(given: Sequence[str]) -> Limits:
    """Read limits written as NAME=VALUE; the others keep their defaults. Raises FaultyInputError."""
    return Limits(**dict(_read(text) for text in given))


def _read(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in LIMITS:
        raise FaultyInputError(f"There is no limit {name!r}. Use one of: {', '.join(LIMITS)}.")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0.0 < number < float("inf"):
        raise FaultyInputError(
            f"The limit {name} is {value!r}; write a number above 0, such as {LIMITS[name].default}."
        )
    return name, number
