"""Fills in what the store knows of a company's other deals; what was given beats what was counted."""

from __future__ import annotations

from collections.abc import Sequence

from mlscore.ports import HistoryFacts, Receipts
from mlscore.scoring.deal import Deal, changed
from mlscore.scoring.policy import Policy

_FACTS = tuple(HistoryFacts.__dataclass_fields__)


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
        open_facts = {name: getattr(facts, name) for name in _open_facts(deals[row])}
        if any(value is not None for value in open_facts.values()):
            filled[row] = changed(deals[row], open_facts)
    return filled


def has_open_history(deal: Deal) -> bool:
    """Tell whether the store could say more of a deal's company than was given."""
    return bool(deal.company_id and deal.as_of and _open_facts(deal))


def _open_facts(deal: Deal) -> list[str]:
    return [name for name in _FACTS if getattr(deal, name) is None]
