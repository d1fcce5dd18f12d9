"""Keeps what an unfinished import has read, beside the cursors; whoever forgets a deal lets go of all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, delete, select

from mlscore.ports import Page, PastItem
from mlscore.scoring.deal import Outcome
from mlscore.store.codec import read_facts, write_facts
from mlscore.store.engine import Database, insert
from mlscore.store.tables import cursors

_PREFIX = "page of "


@dataclass(frozen=True, slots=True)
class SqlPages:
    """The port `Pages`, in SQL."""

    database: Database

    def keep(self, firm: str, name: str, page: Page) -> None:
        """Keep a page; it is on the disk when this returns. Raises StoreUnavailableError."""
        value = json.dumps(_written(page), ensure_ascii=False)
        row = {"firm": firm, "name": f"{_PREFIX}{name}: {page.last:012}", "value": value}
        with self.database.writing() as connection:
            statement = insert(connection, cursors).values(row)
            connection.execute(statement.on_conflict_do_update(index_elements=["firm", "name"], set_={"value": value}))

    def of(self, firm: str, name: str) -> Iterator[Page]:
        """Yield the pages of an import in the order of their numbers. Raises StoreUnavailableError."""
        mine = (cursors.c.firm == firm) & cursors.c.name.startswith(f"{_PREFIX}{name}: ", autoescape=True)
        with self.database.reading() as connection:
            found = connection.execute(select(cursors.c.name, cursors.c.value).where(mine)).all()
        for row in sorted(found, key=lambda row: row.name):
            yield _read(json.loads(row.value))

    def drop(self, firm: str) -> None:
        """Let go of every page of the firm. Raises StoreUnavailableError."""
        with self.database.writing() as connection:
            drop_pages(connection, firm)


def drop_pages(connection: Connection, firm: str) -> None:
    """Let go of every page of the firm, in a transaction that has begun."""
    connection.execute(delete(cursors).where(*_all_of(firm)))


def _all_of(firm: str) -> tuple[ColumnElement[bool], ...]:
    return cursors.c.firm == firm, cursors.c.name.startswith(_PREFIX, autoescape=True)


def _written(page: Page) -> dict[str, Any]:
    deals = [
        {
            "deal_id": past.deal.deal_id,
            "facts": write_facts(past.deal),
            "outcome": None if past.outcome is None else _outcomes().dump_python(past.outcome, mode="json"),
        }
        for past in page.deals
    ]
    return {"deals": deals, "left_out": dict(page.left_out), "as_made": dict(page.as_made), "last": page.last}


def _read(written: dict[str, Any]) -> Page:
    deals = [
        PastItem(
            deal=read_facts(one["deal_id"], one["facts"]),
            outcome=None if one["outcome"] is None else _outcomes().validate_python(one["outcome"]),
        )
        for one in written["deals"]
    ]
    return Page(deals=deals, left_out=written["left_out"], as_made=written["as_made"], last=written["last"])


@cache
def _outcomes() -> TypeAdapter[Outcome]:
    return TypeAdapter(Outcome)
