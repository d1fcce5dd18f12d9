"""Whatever changes an item, and what the portal tells of it: people, robots and REST all come this way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlscore.crm.bitrix24.fake.fields import DEAL, ENTITY_NAMES, LEAD, STANDARD, Fields, blank
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import not_found
from mlscore.crm.bitrix24.fake.state import PortalState
from mlscore.crm.bitrix24.fake.values import not_valid, standard_value, user_value

Tell = Callable[[str, int, int], None]
"""Tells of an event by its kind of change (ADD, UPDATE, DELETE), the type of item and its number."""

_MADE, _UNDER_WAY, _FINAL, _OTHER_FUNNEL = 1, 2, 3, 5
OWNER_TYPES = {LEAD: "L", DEAL: "D"}


@dataclass(frozen=True, slots=True)
class Editor:
    """Changes items, keeps their history and tells of it."""

    state: PortalState
    tell: Tell

    def make(self, kind: int, values: Mapping[str, Json], *, number: int = 0, at: str | None = None) -> Fields:
        """Make an item, `at` a past moment where it is to be an old one. Raises PortalRefusedError."""
        now = at or self.state.now()
        item = blank(kind) | dict.fromkeys(self.state.user_fields[kind])
        item["id"] = self.state.number(ENTITY_NAMES[kind], at_least=number)
        for moment in ("createdTime", "updatedTime", "movedTime", "lastActivityTime"):
            if moment in item:
                item[moment] = now
        if kind == DEAL:
            item["begindate"] = now
            item["categoryId"] = int(values.get("categoryId", 0))
            item["stageId"] = next(iter(self.state.stages(DEAL, item["categoryId"])), "NEW")
        item |= self._read(kind, item, values)
        self.state.items[kind][item["id"]] = item
        self._settle(kind, item, now)
        self.state.note_stage(kind, item, _MADE, at=now)
        self.tell("ADD", kind, item["id"])
        return item

    def update(self, kind: int, number: int, values: Mapping[str, Json], *, at: str | None = None) -> Fields:
        """Change an item; where nothing is unlike, nothing is saved and nothing told. Raises PortalRefusedError."""
        item = self.item(kind, number)
        read = self._read(kind, item, values)
        if all(item.get(name) == value for name, value in read.items()):
            return item
        now, before = at or self.state.now(), dict(item)
        if "categoryId" in read and read["categoryId"] != item["categoryId"] and "stageId" not in read:
            read["stageId"] = next(iter(self.state.stages(kind, int(read["categoryId"]))))
        category = int(read.get("categoryId", item.get("categoryId")) or 0)
        if "stageId" in read and read["stageId"] not in self.state.stages(kind, category):
            raise not_valid("stageId")
        item |= read
        item["updatedTime"] = now
        if item.get("stageId") != before.get("stageId"):
            self._settle(kind, item, now)
            item["movedTime"] = now
            final = _FINAL if item["stageSemanticId"] != "P" else _UNDER_WAY
            moved = _OTHER_FUNNEL if item.get("categoryId") != before.get("categoryId") else final
            self.state.note_stage(kind, item, moved, at=now)
        self.tell("UPDATE", kind, number)
        return item

    def delete(self, kind: int, number: int) -> None:
        """Delete an item for good. Raises PortalRefusedError."""
        self.item(kind, number)
        del self.state.items[kind][number]
        self.state.goods.pop((OWNER_TYPES.get(kind, "CO"), number), None)
        self.tell("DELETE", kind, number)

    def merge(self, kind: int, into: int, others: Sequence[int]) -> Fields:
        """Merge items into one: it fills what it lacks from them, and they are gone. Raises PortalRefusedError."""
        kept = self.item(kind, into)
        found: Fields = {}
        for other in others:
            for name, value in self.item(kind, other).items():
                if name.startswith("UF_") and kept.get(name) in {None, ""} and value is not None:
                    found.setdefault(name, value)
        for other in others:
            self.delete(kind, other)
        merged = self.update(kind, into, found)
        merged["updatedTime"] = self.state.now()
        if not found:
            self.tell("UPDATE", kind, into)
        return merged

    def set_goods(self, kind: int, number: int, rows: Sequence[Mapping[str, Json]]) -> list[Fields]:
        """Put goods in the place of an item's; its amount follows, unless a person wrote it.

        Raises PortalRefusedError.
        """
        item = self.item(kind, number)
        owner = OWNER_TYPES[kind]
        goods = [_row(self.state.number("row"), owner, number, index, row) for index, row in enumerate(rows)]
        self.state.goods[owner, number] = goods
        total = round(sum(row["price"] * row["quantity"] for row in goods), 2)
        if item["isManualOpportunity"] == "N" and item["opportunity"] != total:
            self.update(kind, number, {"opportunity": total})
        else:
            item["updatedTime"] = self.state.now()
            self.tell("UPDATE", kind, number)
        return goods

    def item(self, kind: int, number: int) -> Fields:
        """Return an item. Raises PortalRefusedError where it is not there."""
        if kind not in STANDARD:
            raise not_found("Смарт-процесс не найден")
        item = self.state.items[kind].get(number)
        if item is None:
            raise not_found()
        return item

    def _read(self, kind: int, item: Fields, values: Mapping[str, Json]) -> Fields:
        """Return what the fields make of values; a name the portal does not know is passed over without a word."""
        read: Fields = {}
        own = self.state.user_fields[kind]
        for name, value in values.items():
            standard = STANDARD[kind].get(name)
            if name in own:
                read[name] = user_value(value, own[name])
            elif (standard is not None and not standard.is_read_only) or (standard is None and name in item):
                read[name] = standard_value(name, value, standard)
        if "contactIds" in read:
            read["contactId"] = next(iter(read["contactIds"]), 0)
        return read

    def _settle(self, kind: int, item: Fields, now: str) -> None:
        """Let follow from the stage what follows from it."""
        stage = self.state.stage(kind, item)
        semantics = "P" if stage is None else stage.semantics or "P"
        if "stageSemanticId" in item:
            item["stageSemanticId"] = semantics
        is_closed = semantics != "P"
        if kind == DEAL:
            if is_closed and item["closed"] == "N":
                item["closedate"] = f"{now[:10]}T03:00:00+03:00"
            item["closed"] = "Y" if is_closed else "N"
            item["isNew"] = "Y" if item["stageId"].rpartition(":")[2] == "NEW" else "N"
        elif kind == LEAD:
            item["dateClosed"] = now if is_closed else None


def _row(number: int, owner: str, owner_id: int, index: int, given: Mapping[str, Json]) -> Fields:
    price = given.get("price", 0)
    return {
        "id": number,
        "ownerId": owner_id,
        "ownerType": owner,
        "productId": given.get("productId", 0),
        "productName": given.get("productName", ""),
        "price": price,
        "priceAccount": price,
        "priceExclusive": price,
        "priceNetto": price,
        "priceBrutto": price,
        "quantity": given.get("quantity", 1),
        "discountTypeId": 2,
        "discountRate": 0,
        "discountSum": 0,
        "taxRate": None,
        "taxIncluded": "N",
        "customized": "Y",
        "measureCode": 796,
        "measureName": "шт",
        "sort": 10 * (index + 1),
        "xmlId": "",
        "type": 1,
        "storeId": None,
    }
