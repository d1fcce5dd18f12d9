"""Keeps the backtests of closed deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Insert, func, select

from mlscore.ports import Backtest
from mlscore.store.engine import CHUNK_ROWS, Database, insert
from mlscore.store.tables import backtests


@dataclass(frozen=True, slots=True)
class SqlBacktests:
    """The port `Backtests`, in SQL."""

    database: Database

    def keep(self, firm: str, backtests: Sequence[Backtest]) -> None:
        """Store all of them or none; a later backtest of the same receipt takes the earlier one's place."""
        with self.database.writing() as connection:
            for start in range(0, len(backtests), CHUNK_ROWS):
                chunk = backtests[start : start + CHUNK_ROWS]
                connection.execute(_upsert(connection), [_backtest_row(firm, b) for b in chunk])


def backtests_of(connection: Connection, firm: str, ids: Sequence[str]) -> dict[str, Backtest]:
    """Return the backtests of these receipts, by receipt."""
    b = backtests.c
    query = select(b.receipt_id, b.model_version, b.probability, b.expected_profit).where(
        b.firm == firm, b.receipt_id.in_(ids)
    )
    return {
        receipt_id: Backtest(
            receipt_id=receipt_id,
            model_version=model_version,
            probability=probability,
            expected_profit=expected_profit,
        )
        for receipt_id, model_version, probability, expected_profit in connection.execute(query)
    }


def kept_backtests(connection: Connection, firm: str) -> str:
    """Return what changes as a training keeps backtests: each writes all of its own, under its model's version."""
    b = backtests.c
    query = select(func.count(), func.min(b.model_version), func.max(b.model_version)).where(b.firm == firm)
    return "-".join(map(str, connection.execute(query).one()))


def _upsert(connection: Connection) -> Insert:
    statement = insert(connection, backtests)
    return statement.on_conflict_do_update(
        index_elements=["firm", "receipt_id"],
        set_={name: statement.excluded[name] for name in ("model_version", "probability", "expected_profit")},
    )


def _backtest_row(firm: str, backtest: Backtest) -> dict[str, object]:
    return {
        "firm": firm,
        "receipt_id": backtest.receipt_id,
        "model_version": backtest.model_version,
        "probability": backtest.probability,
        "expected_profit": backtest.expected_profit,
    }
