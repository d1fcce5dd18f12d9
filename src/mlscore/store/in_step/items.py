"""Names a CRM's items in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, bindparam, or_

from mlscore.ports import Item, ItemKind
from mlscore.store.engine import chunks

KEY = ("firm", "crm", "kind", "item_id")


def among(columns: Any, firm: str, crm: str, items: Sequence[Item]) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401 - of any table
    """Yield conditions that together name the items, each short enough for one statement."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item.item_id)
    for kind, ids in by_kind.items():
        for some in chunks(ids):
            yield of_crm(columns, firm, crm) & (columns.kind == kind) & columns.item_id.in_(some)


def any_of(columns: Any, firm: str, crm: str, items: Sequence[Item]) -> ColumnElement[bool]:  # noqa: ANN401 - of any table
    """Return one condition that names a few items."""
    return or_(*among(columns, firm, crm, items))


def of_crm(columns: Any, firm: str, crm: str) -> ColumnElement[bool]:  # noqa: ANN401 - of any table
    """Return the condition of everything of a firm's CRM."""
    return cast("ColumnElement[bool]", (columns.firm == firm) & (columns.crm == crm))


def this_item(columns: Any) -> ColumnElement[bool]:  # noqa: ANN401 - of any table
    """Return the condition of one item, for a statement executed for many of them with `key_of`."""
    return cast("ColumnElement[bool]", _all([getattr(columns, name) == bindparam(f"of_{name}") for name in KEY]))


def key_of(firm: str, crm: str, item: Item) -> Mapping[str, str]:
    """Return what `this_item` asks for."""
    values = (firm, crm, item.kind, item.item_id)
    return {f"of_{name}": value for name, value in zip(KEY, values, strict=True)}


def item_of(kind: str, item_id: str) -> Item:
    """Read an item."""
    return Item(kind=cast("ItemKind", kind), item_id=item_id)


def _all(conditions: Sequence[Any]) -> Any:  # noqa: ANN401 - an SQL condition
    first, *others = conditions
    for other in others:
        first = first & other
    return first
