"""What makes a score older than it may be, as SQL says it of a mirror."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, and_

from mlscore.ports import Current, Why
from mlscore.store.in_step.items import KEY, ItemColumns
from mlscore.store.tables import mirrors

_m = mirrors.c


def _of_another_policy(current: Current) -> ColumnElement[bool]:
    return _m.policy_version.is_distinct_from(current.policy_version)


def _of_another_champion(current: Current) -> ColumnElement[bool]:
    return _m.model_version.is_distinct_from(current.model_version)


def _of_another_day(current: Current) -> ColumnElement[bool]:
    return and_(_m.fresh_until.is_not(None), _m.fresh_until <= current.at)


STALE: Mapping[Why, Callable[[Current], ColumnElement[bool]]] = {
    "policy": _of_another_policy,
    "champion": _of_another_champion,
    "days": _of_another_day,
}
"""What ages a score while its facts stay, in the order in which one reason is named."""


def is_same_item(one: ItemColumns, other: ItemColumns) -> ColumnElement[bool]:
    """Return the condition that two rows are of one item."""
    return and_(*(getattr(one, name) == getattr(other, name) for name in KEY))
