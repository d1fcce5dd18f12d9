"""Fills in what the store knows of a company's other deals; what was given beats what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from mlscore.ports import HistoryFacts, Receipts
from mlscore.scoring.deal import Deal, Deals, as_number, changed
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.scoring.policy import Policy

_FACTS = tuple(HistoryFacts.__dataclass_fields__)
_STATED = attrgetter(*_FACTS)


def with_history(firm: str, deals: Sequence[Deal], *, receipts: Receipts, policy: Policy) -> Sequence[Deal]:
    """Return the deals with their open history facts as they stood at each deal's `as_of`.

    The store is not asked of deals without a company or a moment, nor where nothing is open.
    Raises StoreUnavailableError.
    """
    rows = [row for row, deal in enumerate(deals) if has_open_history(deal)]
    if not rows:
        return deals
    counted = receipts.history(firm, [deals[row] for row in rows], policy=policy)
    filled = list(deals)
    for row, facts in zip(rows, counted, strict=True):
        both = zip(_FACTS, _STATED(deals[row]), _STATED(facts), strict=True)
        found = {name: value for name, stated, value in both if stated is None and value is not None}
        if found:
            filled[row] = changed(deals[row], found)
    return filled


def with_history_columns(firm: str, deals: Deals, *, receipts: Receipts, policy: Policy) -> Deals:
    """Return deals given as columns with their open history facts, as `with_history` would.

    Every deal has a moment. While the store is away they stay unknown.
    """
    facts = {name: deals.numbers(name).copy() for name in _FACTS}
    is_open = np.isnan(np.column_stack(list(facts.values()))).any(axis=1)
    companies = deals.texts("company_id")
    rows = np.flatnonzero(is_open & np.array([bool(company) for company in companies.tolist()], dtype=np.bool_))
    if not len(rows):
        return deals
    asked = _named(deals.select(rows))
    try:
        counted = receipts.history(firm, asked, policy=policy)
    except StoreUnavailableError:
        return deals
    once = {id(history): history for history in counted}  # deals of companies nobody knows share one answer
    place = dict(zip(once, range(len(once)), strict=True))
    which = np.array([place[id(history)] for history in counted], dtype=np.intp)
    for name, column in facts.items():
        said = np.array([as_number(getattr(history, name)) for history in once.values()])[which]
        column[rows] = np.where(np.isnan(column[rows]), said, column[rows])
    return deals.having(facts)


class _Asking(NamedTuple):
    """As much of a deal as its history is asked by."""

    deal_id: str
    company_id: str | None
    as_of: datetime | None


def _named(deals: Deals) -> list[_Asking]:
    seconds = deals.numbers("as_of").tolist()
    moments = {moment: datetime.fromtimestamp(moment, UTC) for moment in set(seconds)}
    at = map(moments.__getitem__, seconds)
    return list(map(_Asking, deals.texts("deal_id").tolist(), deals.texts("company_id").tolist(), at))


def has_open_history(deal: Deal) -> bool:
    """Tell whether the store could say more of a deal's company than was given."""
    return bool(deal.company_id and deal.as_of and None in _STATED(deal))
