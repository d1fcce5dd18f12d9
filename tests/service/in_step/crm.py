"""A CRM in memory, and the service that keeps it in step over a store of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mlscore.ports import ChangedItem, GoneItem, Item, SeenItem, Shown, Writing, WrittenItem
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import CrmRefusedError, MlscoreError
from mlscore.scoring.receipt import Receipt
from tests.builders import a_good_deal
from tests.fakes import FakeClock

ALONG = {"RECEIPT", "AT"}


def deal(number: int) -> Item:
    return Item(kind="deal", item_id=str(number))


def deal_id_of(item: Item) -> str:
    return f"{'D' if item.kind == 'deal' else 'L'}_{item.item_id}"


@dataclass
class FakeCrm:
    """Keeps items; `events` are those it has fired, for our own writing too, in order and never again.

    `fault` is raised by every call while it is there, `poison` items by any call that names one; `stubborn` fields
    show what they like. `refused` items are not written.
    """

    clock: FakeClock
    name: str = "bitrix24"
    at_once: int = 5
    fault: MlscoreError | None = None
    items: dict[Item, SeenItem] = field(default_factory=dict)
    events: list[Item] = field(default_factory=list)
    poison: dict[Item, Exception] = field(default_factory=dict)
    refused: dict[Item, str] = field(default_factory=dict)
    stubborn: dict[str, str] = field(default_factory=dict)
    writings: list[Writing] = field(default_factory=list)
    fetched: list[Sequence[Item]] = field(default_factory=list)
    writing_takes: float = 0.0
    """Seconds that go by while it is written to."""

    def put(self, item: Item, **facts: Any) -> Item:
        """Make a deal, or change its facts."""
        shown = self.items[item].shown if item in self.items else {"VERDICT": "", "RECEIPT": "", "AT": ""}
        made = a_good_deal(deal_id=deal_id_of(item), **facts)
        self._change(SeenItem(item=item, deal=replace(made, as_of=None), is_open=True, shown=shown))
        return item

    def end(self, item: Item, status: Status = Status.WON) -> None:
        outcome = Outcome(deal_id=deal_id_of(item), status=status, closed_at=self.clock())
        self._change(replace(self.items[item], is_open=False, outcome=outcome))

    def reopen(self, item: Item) -> None:
        self._change(replace(self.items[item], is_open=True, outcome=None))

    def show(self, item: Item, **shown: str) -> None:
        self._change(replace(self.items[item], shown={**self.items[item].shown, **shown}))

    def delete(self, item: Item) -> None:
        del self.items[item]
        self.events.append(item)

    def fetch(self, items: Sequence[Item]) -> Sequence[SeenItem | GoneItem]:
        self._strike(items)
        self.fetched.append(tuple(items))
        return [self.items.get(item) or GoneItem(item=item) for item in items]

    def shown_for(self, seen: SeenItem, receipt: Receipt) -> Shown:
        said = {"VERDICT": receipt.answer.rule.verdict.value}
        if all(seen.shown.get(name) == text for name, text in said.items()):
            return seen.shown
        return {**said, "RECEIPT": receipt.receipt_id, "AT": receipt.scored_at.isoformat()}

    def note_for(self, seen: SeenItem, receipt: Receipt) -> str | None:
        return f"{receipt.answer.rule.verdict}!"

    def write(self, writings: Sequence[Writing]) -> Sequence[WrittenItem]:
        self._strike([writing.item for writing in writings])
        self.clock.wait(self.writing_takes)
        return [self._write(writing) for writing in writings]

    def changed_since(self, moment: datetime | None) -> Iterator[ChangedItem]:
        self._strike(())
        for item, seen in self.items.items():
            at = seen.changed_at
            if seen.is_open if moment is None else at is not None and at >= moment:
                yield ChangedItem(item=item, changed_at=at)

    def _write(self, writing: Writing) -> WrittenItem:
        item = writing.item
        if item not in self.items:
            return WrittenItem(item=item, refused="NOT_FOUND", is_gone=True)
        if item in self.refused:
            return WrittenItem(item=item, refused=self.refused[item])
        self.writings.append(writing)
        self._change(replace(self.items[item], shown={**self.items[item].shown, **writing.shown, **self.stubborn}))
        unlike = tuple(name for name, text in writing.shown.items() if self.items[item].shown[name] != text)
        return WrittenItem(item=item, changed_at=self.items[item].changed_at, unlike=unlike)

    def _change(self, seen: SeenItem) -> None:
        at = self.clock().replace(microsecond=0)
        self.items[seen.item] = replace(seen, changed_at=at)
        self.events.append(seen.item)

    def _strike(self, items: Sequence[Item]) -> None:
        if self.fault is not None:
            raise self.fault
        for item in items:
            if item in self.poison:
                raise self.poison[item]


def refusing() -> CrmRefusedError:
    return CrmRefusedError("The CRM refuses.", reason="ACCESS_DENIED")


LONG = timedelta(minutes=5)
