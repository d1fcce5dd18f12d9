"""Fake portals for tests: with a clock that stands, and with whatever a golden answer needs to be there."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mlscore.crm.bitrix24.fake import FakePortal, Limits
from mlscore.crm.bitrix24.fake.fields import UserField
from mlscore.crm.bitrix24.fake.firm import Firm
from mlscore.crm.bitrix24.fake.state import Stage

NO_LIMITS = Limits(drains=1e9, block_above=1e9, operating_seconds=1e9)
START = datetime(2026, 11, 25, 9, tzinfo=UTC)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def a_portal(*, limits: Limits = NO_LIMITS, clock: Clock | None = None, seed: int = 1) -> FakePortal:
    """Return the made-up firm's portal, empty."""
    at = clock or Clock()
    portal = FakePortal(seed=seed, limits=limits, clock=at, monotonic=at.monotonic, code="secret")
    Firm(portal.editor, seed)
    return portal


def asked(portal: FakePortal, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    return portal.answer(portal.user, portal.code, method, params)


def result_of(portal: FakePortal, method: str, **params: Any) -> Any:
    status, body = asked(portal, method, **params)
    assert status == 200, body
    return body["result"]


def put(portal: FakePortal, kind: int, item: Mapping[str, Any], *, own: Mapping[str, str] | None = None) -> None:
    """Put an item there as it is, `own` giving its user fields their original names and types of their own."""
    held = {name: value for name, value in item.items() if name != "entityTypeId"}
    for other, name in (own or {}).items():
        if other in held:
            held[name] = held.pop(other)
        field_type = "double" if isinstance(held.get(name), int | float) else "string"
        portal.state.user_fields[kind].setdefault(name, UserField(number=1, name=name, type=field_type, label=name))
    portal.state.items[kind][held["id"]] = held


def documented_portal() -> FakePortal:
    """Return a portal that holds nothing, with the funnels and stages that the documents speak of."""
    portal = FakePortal(limits=NO_LIMITS, code="secret")
    portal.state.directories.extend(
        [
            Stage(directory="STATUS", code="NEW", name="Не обработан"),
            Stage(directory="STATUS", code="IN_PROCESS", name="В работе"),
            Stage(directory="DEAL_STAGE_9", code="C9:UC_NYL06U", name="В работе"),
        ]
    )
    return portal
