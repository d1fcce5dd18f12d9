"""Leaks by timing: dates that only the close explains, and moments that lie after the facts' own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlscore.scoring.deal import SECONDS_A_DAY, Floats
from mlscore.scoring.policy.facts import UNIX_EPOCH_DAY
from training.dataset import Table
from training.leaks.leak import Leak

DATED_ROWS_MIN = 20
ON_THE_CLOSE_REFUSED, ON_THE_CLOSE_WARNED = 0.3, 0.1
"""Shares of deals, beyond what chance gives, whose date lies within a day of their close."""

AFTER_THE_FACTS_REFUSED, AFTER_THE_FACTS_WARNED = 0.05, 0.01
_NEIGHBOURS = 5
_WITHIN_DAYS = 1.0


def leaks_by_timing(table: Table) -> Iterator[Leak]:
    """Look at every date of a dated history; one with fewer than 20 deals to look at is passed over."""
    if not table.is_dated:
        return
    for name in ("delivery_needed_by", *(f.name for f in table.policy.custom_facts if f.kind == "date")):
        if (leak := _on_the_close(table, name)) is not None:
            yield leak
    if (leak := _after_the_facts(table, "created_at")) is not None:
        yield leak


def _on_the_close(table: Table, name: str) -> Leak | None:
    day = table.deals.numbers(name)
    closed = _days(np.where(np.isnan(table.closed_at), table.first_known_at, table.closed_at))
    rows = np.flatnonzero(~np.isnan(day) & ~np.isnan(closed))
    if len(rows) < DATED_ROWS_MIN:
        return None
    ahead, lasted = (moments[rows] - _days(table.as_of[rows]) for moments in (day, closed))
    # What lay in the past when the deal was scored cannot come from its close.
    share = float(((ahead > 0) & (np.abs(ahead - lasted) <= _WITHIN_DAYS)).mean())
    beyond = share - max(_by_lead_times(ahead, lasted), _by_calendar(ahead, day[rows], closed[rows]))
    if beyond < ON_THE_CLOSE_WARNED:
        return None
    return Leak(
        fact=name,
        way="timing",
        severity="refuse" if beyond >= ON_THE_CLOSE_REFUSED else "warn",
        figure=share,
        sentence=f"{name} lies within a day of the close for {share:.0%} of {len(rows)} deals ({share - beyond:.0%} by "
        "chance): it seems to be written down when the deal closes.",
    )


def _by_lead_times(ahead: Floats, lasted: Floats) -> float:
    """Return the share that any date as far ahead would hit: all deals may simply take a month."""
    ordered = np.sort(lasted)
    hits = np.searchsorted(ordered, ahead + _WITHIN_DAYS, "right") - np.searchsorted(ordered, ahead - _WITHIN_DAYS)
    return float((hits * (ahead > 0)).mean() / len(lasted))


def _by_calendar(ahead: Floats, day: Floats, closed: Floats) -> float:
    """Return the share that hits the close of a neighbour in time: much may fall on the month's last day."""
    shares = []
    for step in range(1, _NEIGHBOURS + 1):
        hits = (ahead[step:] > 0) & (np.abs(day[step:] - closed[:-step]) <= _WITHIN_DAYS)
        shares.append(float(hits.mean()))
    return float(np.mean(shares))


def _after_the_facts(table: Table, name: str) -> Leak | None:
    moments = table.deals.numbers(name)
    known = np.flatnonzero(~np.isnan(moments))
    if len(known) < DATED_ROWS_MIN:
        return None
    share = float((moments[known] - table.as_of[known] > SECONDS_A_DAY).mean())
    if share < AFTER_THE_FACTS_WARNED:
        return None
    return Leak(
        fact=name,
        way="timing",
        severity="refuse" if share >= AFTER_THE_FACTS_REFUSED else "warn",
        figure=share,
        sentence=f"{name} lies more than a day after as_of for {share:.0%} of {len(known)} deals: these facts were not "
        "known when they are said to have been.",
    )


def _days(moments: Floats) -> Floats:
    return np.floor(moments / SECONDS_A_DAY) + UNIX_EPOCH_DAY
