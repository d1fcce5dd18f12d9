"""A Bitrix24 portal as a CRM that is kept in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from mlscore.crm.bitrix24.card.moving import STAGE, stage_for
from mlscore.crm.bitrix24.card.showing import note_for, shown_by, shown_for
from mlscore.crm.bitrix24.card.writing import COMMANDS_EACH, write
from mlscore.crm.bitrix24.changing import changed_since
from mlscore.crm.bitrix24.client import AT_ONCE, Portal, open_portal
from mlscore.crm.bitrix24.client.bucket import Pace
from mlscore.crm.bitrix24.client.portal import PATIENCE_SECONDS
from mlscore.crm.bitrix24.connection import Connection
from mlscore.crm.bitrix24.items.fields import Entity, FieldBook, Fields
from mlscore.crm.bitrix24.items.gathering import at_once, gather
from mlscore.crm.bitrix24.items.moments import moment_of
from mlscore.crm.bitrix24.items.reading import Gathered, ItemReader, deal_id_of
from mlscore.crm.bitrix24.mapping import COMPANY, CONTACT, SEMANTIC, PortalTerms, read_portal_mapping
from mlscore.outgoing import Allowed
from mlscore.ports import ChangedItem, GoneItem, Item, ItemKind, SeenItem, Shown, Writing, WrittenItem
from mlscore.scoring.deal import Deal
from mlscore.scoring.errors import MappingError
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Receipt
from mlscore.texts.answers import Sentences, sentences

NAME = "bitrix24"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalItem(SeenItem):
    """An item of a portal, with the stage and the funnel it is in."""

    stage: str = ""
    funnel: str = "0"


class PortalCrm:
    """One portal. A policy that no longer has a fact of the mapping leaves that fact out."""

    name = NAME

    def __init__(
        self, portal: Portal, terms: PortalTerms, *, policy: Callable[[], Policy], fields: FieldBook | None = None
    ) -> None:
        """Raise MappingError where the mapping does not fit the policy of now."""
        self._portal, self._terms, self._policy = portal, terms, policy
        self._used = used_fields(terms)
        self._fields = fields or FieldBook(portal, self._used)
        self._readers: Mapping[ItemKind, ItemReader] = {}
        self._read_by: Policy | None = None
        faults = [fault for reader in self._fitted().values() for fault in reader.faults]
        if faults:
            raise MappingError(faults)

    @property
    def at_once(self) -> int:
        """How many items it takes in one go: as many as one batch fetches, and one batch writes."""
        return min(at_once(self._terms), AT_ONCE // COMMANDS_EACH)

    def fetch(self, items: Sequence[Item]) -> Sequence[SeenItem | GoneItem]:
        """Return the items in the order given; one of a kind or a funnel that is not scored is not open.

        Raises CrmRefusedError where one of them may not be read.
        """
        readers = self._fitted()
        ours = [item for item in items if item.kind in readers]
        found = dict(zip(ours, gather(self._portal, ours, self._terms) if ours else (), strict=True))
        return [self._seen(item, found.get(item), readers) for item in items]

    def shown_for(self, seen: SeenItem, receipt: Receipt) -> Shown:
        """Return what the score fields are to show, and the stage where the item is to be moved."""
        fields, policy = self._fields_of(seen.item.kind), self._policy()
        wanted = shown_for(receipt, seen.shown, self._terms.write, fields, self._sentences())
        if not isinstance(seen, PortalItem):
            return wanted
        stage = stage_for(seen, receipt, seen.shown, self._terms, policy, stage=seen.stage, funnel=seen.funnel)
        return wanted if stage is None else {**wanted, STAGE: stage}

    def note_for(self, seen: SeenItem, receipt: Receipt) -> str | None:
        """Return the reasons as a comment, where the mapping wants one and the answer changed."""
        fields = self._fields_of(seen.item.kind)
        return note_for(receipt, seen.shown, self._terms.write, fields, self._sentences())

    def write(self, writings: Sequence[Writing]) -> Sequence[WrittenItem]:
        """Write, read back and compare, in one batch."""
        written = write(self._portal, writings, self._terms.write, self._fields_of) if writings else ()
        if any(one.unlike for one in written):
            self._fields.forget()  # a field may be gone, or of another type than it was
        return written

    def changed_since(self, moment: datetime | None) -> Iterator[ChangedItem]:
        """Yield what changed at or after a moment, or all that is open."""
        return changed_since(self._portal, moment, self._terms)

    def _seen(
        self, item: Item, gathered: Gathered | None, readers: Mapping[ItemKind, ItemReader]
    ) -> SeenItem | GoneItem:
        if item.kind not in readers:
            return SeenItem(item=item, deal=Deal(deal_id=deal_id_of(item)), is_open=False)
        if gathered is None:
            return GoneItem(item=item)
        fields = {entity: self._fields.of(entity) for entity in self._used}
        read = readers[item.kind].read(item, gathered, fields)
        funnel, funnels = str(gathered.item.get("categoryId") or 0), self._terms.kinds[item.kind].funnels
        is_ours = not funnels or int(funnel) in funnels
        return PortalItem(
            item=item,
            deal=read.deal,
            is_open=is_ours and gathered.item.get(SEMANTIC) not in ("S", "F"),
            outcome=read.outcome if is_ours else None,
            changed_at=moment_of(gathered.item.get("updatedTime")),
            shown=shown_by(gathered.item, self._terms.write, fields[item.kind]),
            passed_over=read.passed_over,
            stage=str(gathered.item.get(STAGE) or ""),
            funnel=funnel,
        )

    def _fields_of(self, kind: ItemKind) -> Fields:
        return self._fields.of(kind)

    def _sentences(self) -> Sentences:
        return sentences(self._terms.write.in_language, self._policy())

    def _fitted(self) -> Mapping[ItemKind, ItemReader]:
        """Return the readers by the policy of now."""
        policy = self._policy()
        if self._read_by is not policy:
            style = self._terms.style
            self._readers = {k: ItemReader(k, t, style=style, policy=policy) for k, t in self._terms.kinds.items()}
            self._read_by = policy
        return self._readers


def used_fields(terms: PortalTerms) -> Mapping[Entity, frozenset[str]]:
    """Return the fields whose types and words are wanted, by what they are fields of."""
    used: dict[Entity, set[str]] = {}
    for kind, of_kind in terms.kinds.items():
        used.setdefault(kind, set()).update(terms.write.fields.values())
        for column in of_kind.columns:
            of, _, name = column.rpartition(".")
            entity: Entity | None = kind if not of else COMPANY if of == COMPANY else CONTACT if of == CONTACT else None
            if entity is not None:
                used.setdefault(entity, set()).add(name)
    return {entity: frozenset(names) for entity, names in used.items()}


@contextmanager
def open_crm(
    connection: Connection,
    *,
    policy: Callable[[], Policy],
    allowed: Allowed,
    pace: Pace | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    may_call: Callable[[], bool] = lambda: True,
) -> Iterator[PortalCrm]:
    """Open the portal of a connection, and close it at the end; `policy` gives the policy of now.

    While `may_call` says no, nothing is called.

    Raises MappingError where its mapping is faulty or does not fit that policy, AddressError and UnreachableError
    where its address cannot be called.
    """
    terms = read_portal_mapping(connection.mapping)
    with open_portal(
        connection.secrets.webhook,
        allowed=allowed,
        pace=pace,
        patience_seconds=patience_seconds,
        may_call=may_call,
    ) as portal:
        yield PortalCrm(portal, terms, policy=policy)
