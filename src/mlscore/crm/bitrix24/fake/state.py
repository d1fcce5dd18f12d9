"""What a portal holds: items, goods, stages, user fields, and what happened to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain

from mlscore.crm.bitrix24.fake.fields import DEAL, LEAD, STANDARD, Fields, UserField

MOSCOW = timezone(timedelta(hours=3))
"""A portal tells times in its own zone, to the second."""

KINDS = tuple(STANDARD)

_PROFILE: Fields = {
    "ID": "1",
    "ADMIN": True,
    "NAME": "Вадим",
    "LAST_NAME": "Валеев",
    "PERSONAL_GENDER": "",
    "TIME_ZONE": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An entry of a directory: a stage with its semantics (S won, F lost, else None), an industry, a source."""

    directory: str
    code: str
    name: str
    semantics: str | None = None
    extra: str | None = None
    color: str = ""
    is_system: bool = False
    category: int | None = None
    number: int | None = None


@dataclass(slots=True)
class PortalState:
    """A portal's data; whoever changes it holds the portal's lock."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    items: dict[int, dict[int, Fields]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    user_fields: dict[int, dict[str, UserField]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    goods: dict[tuple[str, int], list[Fields]] = field(default_factory=dict)
    products: dict[int, Fields] = field(default_factory=dict)
    funnels: list[Fields] = field(default_factory=list)
    directories: list[Stage] = field(default_factory=list)
    history: dict[int, dict[int, list[Fields]]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    comments: list[Fields] = field(default_factory=list)
    profile: Fields = field(default_factory=lambda: dict(_PROFILE))
    has_leads: bool = True
    _numbers: dict[str, int] = field(default_factory=dict)

    def now(self) -> str:
        """Return the moment as the portal writes it."""
        return self.clock().astimezone(MOSCOW).isoformat(timespec="seconds")

    def number(self, what: str, *, at_least: int = 0) -> int:
        """Return the next number of a kind of thing; numbers are never given twice."""
        number = max(self._numbers.get(what, 0) + 1, at_least)
        self._numbers[what] = number
        return number

    def stage(self, kind: int, item: Fields) -> Stage | None:
        """Return the stage an item stands at."""
        return self.stages(kind, int(item.get("categoryId") or 0)).get(str(item.get("stageId")))

    def stages(self, kind: int, category: int = 0) -> dict[str, Stage]:
        """Return a funnel's stages by code, in the order of the board; leads have one funnel."""
        name = "STATUS" if kind == LEAD else "DEAL_STAGE" if category == 0 else f"DEAL_STAGE_{category}"
        return {one.code: one for one in self.directories if one.directory == name}

    def name_in(self, directory: str, code: str) -> str | None:
        """Return what a code of a directory is called."""
        return next((one.name for one in self.directories if (one.directory, one.code) == (directory, code)), None)

    def note_stage(self, kind: int, item: Fields, type_id: int, *, at: str) -> None:
        """Write into the history where an item has come to: 1 made, 2 under way, 3 final, 5 another funnel."""
        if kind not in {LEAD, DEAL}:
            return
        row = {
            "ID": self.number("history"),
            "TYPE_ID": type_id,
            "OWNER_ID": item["id"],
            "CREATED_TIME": at,
        }
        semantics, stage = item["stageSemanticId"], item["stageId"]
        if kind == LEAD:
            row |= {"STATUS_SEMANTIC_ID": semantics, "STATUS_ID": stage}
        else:
            row |= {"CATEGORY_ID": item["categoryId"], "STAGE_SEMANTIC_ID": semantics, "STAGE_ID": stage}
        self.history[kind].setdefault(item["id"], []).append(row)

    def history_of(self, kind: int, owners: Iterable[int] | None) -> Iterator[Fields]:
        """Yield the history of some items, or of all."""
        every = self.history[kind]
        return chain.from_iterable(every.values() if owners is None else (every.get(one, []) for one in owners))
