"""Reads what models said of closed deals: live from receipts in brief, else from backtests."""

from __future__ import annotations

from sqlalchemy import Connection, and_, case, or_, select

from mlscore.ports import Backtest, Said
from mlscore.store.tables import backtests, briefs

_b, _t = briefs.c, backtests.c


def said_of_closed(connection: Connection, firm: str) -> dict[str, Said]:
    """Return what models said of every receipt of a closed deal, by receipt; nothing of what no model answered."""
    is_live = _b.origin == "live"
    live = (case((is_live, _b[name])) for name in ("model_version", "probability", "expected_profit", "abstained"))
    query = (
        select(_b.receipt_id, *live, _t.model_version, _t.probability, _t.expected_profit)
        .select_from(briefs.outerjoin(backtests, and_(_t.firm == _b.firm, _t.receipt_id == _b.receipt_id)))
        .where(_b.firm == firm, _b.status.is_not(None))
        .where(or_(_t.receipt_id.is_not(None), and_(is_live, _b.probability.is_not(None))))
    )
    return {
        receipt_id: Said(version, probability, expected, abstained, _backtest(receipt_id, *tested))
        for receipt_id, version, probability, expected, abstained, *tested in connection.execute(query)
    }


def _backtest(
    receipt_id: str, model_version: str | None, probability: float | None, expected_profit: float | None
) -> Backtest | None:
    if model_version is None or probability is None:
        return None
    return Backtest(
        receipt_id=receipt_id,
        probability=probability,
        expected_profit=expected_profit,
        model_version=model_version,
    )
