"""Names a CRM's items in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from sqlalchemy import ColumnElement, and_, bindparam, or_

from mlscore.ports import Item, ItemKind
from mlscore.store.engine import chunks
from mlscore.store.tables.crm import MirrorColumns, TaskColumns

KEY = ("firm", "crm", "kind", "item_id")
ItemColumns: TypeAlias = TaskColumns | MirrorColumns
"""The columns of a table with a row an item."""


def among(columns: ItemColumns, firm: str, crm: str, items: Sequence[Item]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together name the items, each short enough for one statement."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item.item_id)
    for kind, ids in by_kind.items():
        for some in chunks(ids):
            yield of_crm(columns, firm, crm) & (columns.kind == kind) & columns.item_id.in_(some)


def any_of(columns: ItemColumns, firm: str, crm: str, items: Sequence[Item]) -> ColumnElement[bool]:
    """Return one condition that names a few items."""
    return or_(*among(columns, firm, crm, items))


def of_crm(columns: ItemColumns, firm: str, crm: str) -> ColumnElement[bool]:
    """Return the condition of everything of a firm's CRM."""
    return and_(columns.firm == firm, columns.crm == crm)


def this_item(columns: ItemColumns) -> ColumnElement[bool]:
    """Return the condition of one item, for a statement executed for many of them with `key_of`."""
    return and_(*(getattr(columns, name) == bindparam(f"of_{name}") for name in KEY))


def key_of(firm: str, crm: str, item: Item) -> Mapping[str, str]:
    """Return what `this_item` asks for."""
    values = (firm, crm, item.kind, item.item_id)
    return {f"of_{name}": value for name, value in zip(KEY, values, strict=True)}


def item_of(kind: str, item_id: str) -> Item:
    """Read an item."""
    return Item(kind=cast("ItemKind", kind), item_id=item_id)
