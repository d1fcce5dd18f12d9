"""The portal's levers: what people do in it and what befalls it, in the process and over HTTP alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

from mlscore.crm.bitrix24.fake.fields import ENTITY_NAMES, Fields
from mlscore.crm.bitrix24.fake.firm import Firm
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.portal import FakePortal
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError
from mlscore.scoring.errors import FaultyInputError

_OK, _BAD = 200, 422
_KINDS = {name.lower(): kind for kind, name in ENTITY_NAMES.items()}


class Admin:
    """Every lever is a method; over HTTP it is `POST /admin/<name>` with its arguments as JSON."""

    def __init__(self, portal: FakePortal) -> None:
        """Take the portal whose levers these are."""
        self.portal = portal
        self.firm = Firm(portal.editor, portal.seed)
        self._levers: Mapping[str, Callable[..., Json]] = {
            name: getattr(self, name) for name in dir(type(self)) if not name.startswith("_") and name != "answer"
        }

    def answer(self, path: Sequence[str], given: Mapping[str, Json]) -> tuple[int, dict[str, Json]]:
        """Pull a lever by its name."""
        name = "/".join(path)
        if name not in self._levers:
            return _BAD, {"error": f"There is no lever {name!r}.", "levers": sorted(self._levers)}
        try:
            return _OK, {"result": self._levers[name](**given)}
        except (FaultyInputError, PortalRefusedError, TypeError, ValueError, KeyError) as error:
            return _BAD, {"error": str(error)}

    def found(self, *, leads: int = 0, deals: int = 0, closed: int = 0) -> dict[str, list[int]]:
        """Make the firm with its companies, open leads and deals, and deals that have closed; tell nobody."""
        with self.portal.lock:
            return self.firm.found(leads=leads, deals=deals, closed=closed)

    def make(self, *, kind: str = "deal", number: int = 1) -> list[int]:
        """Make new items, each told of."""
        with self.portal.lock:
            return [self.firm.make(_kind(kind)) for _ in range(number)]

    def add(self, *, kind: str = "deal", fields: Mapping[str, Json] | None = None) -> int:
        """Make one item with these fields."""
        with self.portal.lock:
            return int(self.portal.editor.make(_kind(kind), fields or {})["id"])

    def edit(self, *, kind: str = "deal", item: int, fields: Mapping[str, Json]) -> None:
        """Change fields of an item, as a person does in the card."""
        with self.portal.lock:
            self.portal.editor.update(_kind(kind), item, fields)

    def burst(self, *, changes: int, kind: str = "deal", companies_too: bool = False) -> int:
        """Change facts of items drawn with the seed, as fast as can be; return how many changed."""
        done = 0
        for _ in range(changes):
            with self.portal.lock:
                done += self.firm.change(_kind(kind), companies_too=companies_too)
        return done

    def delete(self, *, kind: str = "deal", item: int) -> None:
        """Delete an item."""
        with self.portal.lock:
            self.portal.editor.delete(_kind(kind), item)

    def merge(self, *, kind: str = "deal", into: int, others: list[int]) -> None:
        """Merge items into one."""
        with self.portal.lock:
            self.portal.editor.merge(_kind(kind), into, others)

    def move(self, *, kind: str = "deal", item: int, stage: str, funnel: int | None = None) -> None:
        """Move an item to a stage, of another funnel too: won and lost are stages as well."""
        fields: Fields = {"stageId": stage} | ({} if funnel is None else {"categoryId": funnel})
        self.edit(kind=kind, item=item, fields=fields)

    def close(self, *, item: int, won: bool, profit: float | None = None) -> None:
        """End a deal, with what it brought where that is known."""
        with self.portal.lock:
            self.firm.close(item, won=won, profit=profit)

    def reopen(self, *, kind: str = "deal", item: int) -> None:
        """Take an item that had ended back to its funnel's second stage."""
        with self.portal.lock:
            self.firm.reopen(_kind(kind), item)

    def fault(self, **switches: Json) -> dict[str, Json]:
        """Switch faults by their names; return how all of them stand."""
        for name, value in switches.items():
            self.portal.faults.set(name, value)
        told = asdict(self.portal.faults)
        return {**told, "scopes": sorted(told["scopes"]), "next_codes": list(told["next_codes"])}

    def refuse_next(self, *, code: str, times: int = 1) -> None:
        """Refuse the next calls with a code."""
        self.portal.faults.refuse_next(code, times)

    def limit(self, **limits: Json) -> dict[str, Json]:
        """Change limits by their names; return how they stand."""
        self.portal.gate.limits = replace(self.portal.gate.limits, **limits)
        return asdict(self.portal.gate.limits)

    def crowd(self, *, requests: float = 50) -> None:
        """Let other applications behind our address take so much of the limit."""
        self.portal.gate.crowd(requests)

    def spend(self, *, method: str, seconds: float = 480) -> None:
        """Let a method have taken so much of its time."""
        self.portal.gate.spend(method, seconds)

    def events(self, *, lose_share: float | None = None, delay_seconds: float | None = None) -> dict[str, int]:
        """Lose a share of the events to come, or let them take a while; return counts by fate."""
        courier = self.portal.courier
        courier.lose_share = courier.lose_share if lose_share is None else lose_share
        courier.delay_seconds = courier.delay_seconds if delay_seconds is None else delay_seconds
        return courier.counts()

    def tell_to(self, *, url: str, token: str | None = None) -> dict[str, str]:
        """Make the outgoing webhook; return its token and the portal it names."""
        made = self.portal.tell_to(url, token)
        return {"token": made.token, "member_id": made.member_id, "domain": made.domain}

    def figures(self) -> dict[str, Json]:
        """Count calls, refusals and whether anybody came back too early, events, writes."""
        portal = self.portal
        with portal.lock:
            refusals, writes = list(portal.gate.refusals), list(portal.writes)
            return {
                "calls": dict(portal.gate.calls),
                "refusals": dict(Counter(one.code for one in refusals)),
                "back_too_early": sum(one.was_early for one in refusals),
                "waits": [None if one.back_after is None else round(one.back_after, 3) for one in refusals],
                "events": portal.courier.counts(),
                "writes": len(writes),
                "writes_of_nothing_new": sum(not one.changed for one in writes),
                "comments": len(portal.state.comments),
                "items": {name: len(portal.state.items[kind]) for name, kind in _KINDS.items()},
            }

    def event_log(self, *, after: int = 0) -> list[dict[str, Json]]:
        """Return every event after a number, with its fate."""
        return [asdict(one) for one in self.portal.courier.events[after:]]

    def write_log(self, *, after: int = 0) -> list[dict[str, Json]]:
        """Return every write by REST after a number."""
        return [asdict(one) for one in self.portal.writes[after:]]

    def items(self, *, kind: str = "deal", ids: list[int] | None = None) -> list[Fields]:
        """Return items as the portal holds them."""
        with self.portal.lock:
            held = self.portal.state.items[_kind(kind)]
            return [dict(held[one]) for one in (held if ids is None else ids) if one in held]

    def comments(self) -> list[Fields]:
        """Return what was written on timelines."""
        with self.portal.lock:
            return [dict(one) for one in self.portal.state.comments]


def _kind(name: str) -> int:
    if name not in _KINDS:
        raise FaultyInputError(f"There are {', '.join(sorted(_KINDS))}, no {name!r}.")
    return _KINDS[name]
