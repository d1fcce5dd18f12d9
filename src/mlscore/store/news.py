"""News: which deals something was told of once they had ended, so that who keeps count reads no more than that."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, func, select

from mlscore.store.engine import ReadyQuery, chunks, insert, lock
from mlscore.store.tables import news, outcomes

_ENDED_AMONG = ReadyQuery(
    select(outcomes.c.deal_id)
    .distinct()
    .where(outcomes.c.firm == bindparam("of_firm"), outcomes.c.deal_id.in_(bindparam("ids", expanding=True)))
)


def share_with_outcomes(connection: Connection, firm: str) -> None:
    """Let no outcome be recorded until this transaction ends: a receipt and its outcome would not see each other."""
    lock(connection, "outcomes", firm, is_shared=True)


def tell(connection: Connection, firm: str, deal_ids: Collection[str]) -> None:
    """Note news of deals that have ended. Comes last in its transaction: until that ends, others who tell wait."""
    if not deal_ids:
        return
    lock(connection, "news", firm)
    number = newest(connection, firm) + 1
    statement = insert(connection, news)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["firm", "deal_id"], set_={"number": statement.excluded["number"]}
        ),
        [{"firm": firm, "deal_id": deal_id, "number": number} for deal_id in sorted(set(deal_ids))],
    )


def ended_among(connection: Connection, firm: str, deal_ids: Sequence[str]) -> list[str]:
    """Return which of these deals have an outcome."""
    asked = (_ENDED_AMONG.rows(connection, of_firm=firm, ids=list(ids)) for ids in chunks(deal_ids))
    return [deal_id for rows in asked for (deal_id,) in rows]


def newest(connection: Connection, firm: str) -> int:
    """Return the number of the newest news, 0 where there is none."""
    return connection.scalar(select(func.max(news.c.number)).where(news.c.firm == firm)) or 0


def since(connection: Connection, firm: str, number: int) -> list[str]:
    """Return the deals that there was news of after this number."""
    return list(connection.scalars(select(news.c.deal_id).where(news.c.firm == firm, news.c.number > number)))
