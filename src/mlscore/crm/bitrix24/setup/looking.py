"""Looks at a portal before it is connected: what the webhook may do, and which funnels, stages and fields there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlscore.crm.bitrix24.client import Command, Portal, as_map
from mlscore.crm.bitrix24.items.fields import TYPES, Entity, Fields, read_fields
from mlscore.ports import ItemKind
from mlscore.scoring.errors import CrmRefusedError

_CRM, _CATALOG = "crm", "catalog"
_WITH_LEADS = 1
_WITH_WORDS = frozenset(("enumeration", "crm_status"))

Right = Literal["crm", "deals", "leads", "writing", "fields", "costs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing a webhook should be able to do; `is_needed` where nothing goes without it."""

    right: Right
    holds: bool
    is_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """A funnel of deals, with its number."""

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of leads; `is_final` where a lead has ended there."""

    code: str
    name: str
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a portal has. Without leads it sells by deals alone."""

    owner: str
    checks: Sequence[Check]
    has_leads: bool
    funnels: Sequence[Funnel] = ()
    lead_stages: Sequence[Stage] = ()

    @property
    def kinds(self) -> Sequence[ItemKind]:
        """What can be scored here."""
        return ("deal", "lead") if self.has_leads else ("deal",)

    @property
    def is_enough(self) -> bool:
        """Whether the webhook may do what nothing goes without."""
        return all(check.holds for check in self.checks if check.is_needed)


def look_at(portal: Portal) -> Look:
    """Ask who the webhook is and what it may do; a write that changes nothing tells whether it may write.

    Raises what the portal's calls raise.
    """
    asked = {
        "profile": Command("profile"),
        "scope": Command("scope"),
        "mode": Command("crm.settings.mode.get"),
        "funnels": Command("crm.category.list", {"entityTypeId": TYPES["deal"]}),
        "stages": Command("crm.status.list", {"filter": {"ENTITY_ID": "STATUS"}, "order": {"SORT": "ASC"}}),
        "deals": _first("deal"),
        "leads": _first("lead"),
    }
    told = portal.batch(asked)
    profile, scopes = as_map(told["profile"]), told["scope"]
    may = frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()
    has_leads = not isinstance(told["mode"], CrmRefusedError) and int(told["mode"]) == _WITH_LEADS
    checks = [
        Check(right="crm", holds=_CRM in may, is_needed=True),
        Check(right="deals", holds=_is_read(told["deals"]), is_needed=True),
        *([Check(right="leads", holds=_is_read(told["leads"]), is_needed=False)] if has_leads else []),
        Check(right="writing", holds=_may_write(portal, told["deals"]), is_needed=True),
        Check(right="fields", holds=bool(profile.get("ADMIN")), is_needed=False),
        Check(right="costs", holds=_CATALOG in may, is_needed=False),
    ]
    return Look(
        owner=" ".join(str(profile[name]) for name in ("NAME", "LAST_NAME") if profile.get(name)),
        checks=checks,
        has_leads=has_leads and _is_read(told["leads"]),
        funnels=[Funnel(number=int(one["id"]), name=str(one["name"])) for one in _rows(told["funnels"], "categories")],
        lead_stages=[
            Stage(code=str(one["STATUS_ID"]), name=str(one["NAME"]), is_final=one.get("SEMANTICS") in {"S", "F"})
            for one in (told["stages"] if isinstance(told["stages"], list) else ())
        ],
    )


def fields_of(portal: Portal, kinds: Sequence[ItemKind]) -> Mapping[Entity, Fields]:
    """Return the fields of these kinds and of companies, with the words of every list of choices."""
    entities: tuple[Entity, ...] = (*kinds, "company")
    bare = read_fields(portal, dict.fromkeys(entities, frozenset[str]()))
    listed = {
        entity: frozenset(name for name, one in fields.items() if one.type in _WITH_WORDS and not one.words)
        for entity, fields in bare.items()
    }
    return read_fields(portal, listed)


def newest_open(portal: Portal, kind: ItemKind, *, funnels: Sequence[int], count: int) -> Sequence[str]:
    """Return the ids of open items, those made last first."""
    wanted: dict[str, object] = {"stageSemanticId": "P"}
    if kind == "deal" and funnels:
        wanted["@categoryId"] = list(funnels)
    asked = {"entityTypeId": TYPES[kind], "filter": wanted, "select": ["id"], "order": {"id": "DESC"}, "start": -1}
    return [str(one["id"]) for one in _rows(portal.call("crm.item.list", asked), "items")[:count]]


def _first(kind: ItemKind) -> Command:
    asked = {"entityTypeId": TYPES[kind], "select": ["id"], "order": {"id": "DESC"}, "start": -1}
    return Command("crm.item.list", asked)


def _is_read(answer: object) -> bool:
    return not isinstance(answer, CrmRefusedError)


def _may_write(portal: Portal, deals: object) -> bool:
    """Write no field of one deal: a portal saves nothing then, but says whether it would. No deals: nobody knows."""
    if isinstance(deals, CrmRefusedError):
        return False
    rows = _rows(deals, "items")
    if not rows:
        return True
    try:
        portal.call("crm.item.update", {"entityTypeId": TYPES["deal"], "id": rows[0]["id"], "fields": {}})
    except CrmRefusedError:
        return False
    return True


def _rows(answer: object, key: str) -> Sequence[Mapping[str, Any]]:
    return [] if isinstance(answer, CrmRefusedError) else list(as_map(as_map(answer).get(key)).values())
