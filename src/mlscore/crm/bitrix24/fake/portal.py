"""A Bitrix24 portal that keeps the rules of the real one, bad answers included, in memory."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import RLock

from mlscore.crm.bitrix24.fake.editing import Editor
from mlscore.crm.bitrix24.fake.methods import KNOWN_ELSEWHERE, METHODS, Answer, Params, run_batch
from mlscore.crm.bitrix24.fake.php import Json
from mlscore.crm.bitrix24.fake.refusals import PortalRefusedError, system
from mlscore.crm.bitrix24.fake.state import MOSCOW, PortalState
from mlscore.crm.bitrix24.fake.traffic import Courier, Faults, Gate, Handler, Limits

_OK = 200
_WRITES = frozenset({"crm.item.update", "crm.item.add", "crm.item.delete", "crm.item.productrow.set"})
_READS = frozenset({"crm.item.get", "crm.item.list", "crm.item.fields"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A write by REST: what was given, and whether anything was other than before."""

    at: float
    method: str
    kind: int
    item_id: int
    fields: Mapping[str, Json]
    changed: bool


@dataclass(slots=True)
class FakePortal:
    """One portal with one incoming webhook. Everything of chance comes from the seed."""

    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    user: str = "1"
    code: str = ""
    domain: str = "fake.bitrix24.ru"
    member_id: str = "a223c6b3710f85df22e9377d6c4f7553"
    faults: Faults = field(default_factory=Faults)
    writes: list[Write] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    state: PortalState = field(init=False)
    gate: Gate = field(init=False)
    courier: Courier = field(init=False)
    editor: Editor = field(init=False)
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        """Make the parts, each with a chance of its own: a fault switched on does not change which events are lost."""
        self.code = self.code or secrets.token_hex(8)
        self.chance = Random(f"{self.seed} faults")  # noqa: S311 # nosec B311 # faults are to come again by the same seed
        self.state = PortalState(self.clock)
        self.gate = Gate(self.limits, self.monotonic, lambda: self.clock().timestamp())
        events = Random(f"{self.seed} events")  # noqa: S311 # nosec B311 # the same events are to be lost by the same seed
        self.courier = Courier(events, wall=lambda: self.clock().timestamp())
        self.editor = Editor(self.state, self.courier.tell)

    def tell_to(self, url: str, token: str | None = None) -> Handler:
        """Make the outgoing webhook, as a person does in the portal; return it with its token."""
        made = token or secrets.token_hex(16)
        self.courier.handler = Handler(url=url, token=made, domain=self.domain, member_id=self.member_id)
        return self.courier.handler

    def answer(self, user: str, code: str, method: str, params: Params) -> tuple[int, dict[str, Json]]:
        """Answer one HTTP request: a status, and a body."""
        began = self.clock()
        try:
            self.gate.admit(method)
            self.faults.check()
            if (user, code) != (self.user, self.code):
                raise system("NO_AUTH_FOUND")
            if method == "batch":
                answer = run_batch(params, self._run_in_batch)
                operating: Mapping[str, Json] = {}
            else:
                answer, operating = self._run(method, params)
        except PortalRefusedError as refusal:
            return refusal.http, refusal.body
        body: dict[str, Json] = {"result": answer.result}
        if answer.next is not None:
            body["next"] = answer.next
        if answer.total is not None:
            body["total"] = answer.total
        return _OK, {**body, "time": {**self._time(began), **operating}}

    def _run_in_batch(self, method: str, params: Params) -> tuple[Answer, Mapping[str, Json]]:
        began = self.clock()
        answer, operating = self._run(method, params)
        return answer, self._time(began) | operating

    def _run(self, method: str, params: Params) -> tuple[Answer, dict[str, Json]]:
        """Run one method. Raises PortalRefusedError."""
        if method == "scope":
            return Answer(sorted(self.faults.scopes)), {}
        if method in KNOWN_ELSEWHERE and KNOWN_ELSEWHERE[method] not in self.faults.scopes:
            raise system("insufficient_scope")
        if method not in METHODS:
            raise system("ERROR_METHOD_NOT_FOUND")
        scope, function = METHODS[method]
        if scope and scope not in self.faults.scopes:
            raise system("insufficient_scope")
        if method in _READS and not self.faults.may_read:
            raise PortalRefusedError("ACCESS_DENIED", "У Вас нет прав на просмотр этого элемента")
        if method in _WRITES and not self.faults.may_write:
            raise PortalRefusedError("ACCESS_DENIED", "Доступ запрещен")
        self.gate.check_time(method)
        with self.lock:
            if self.faults.is_broken(self.chance):
                raise system("INTERNAL_SERVER_ERROR")
            answer = self._written(method, params) if method in _WRITES else function(self.editor, params)
        return answer, self.gate.spend(method)

    def _written(self, method: str, params: Params) -> Answer:
        """Run a method that writes, and note what came of it."""
        kind, item_id = int(params.get("entityTypeId", 0) or 0), int(params.get("id", 0) or 0)
        before = dict(self.state.items.get(kind, {}).get(item_id, {}))
        answer = METHODS[method][1](self.editor, params)
        changed = before != self.state.items.get(kind, {}).get(item_id, {})
        self.writes.append(
            Write(
                at=self.clock().timestamp(),
                method=method,
                kind=kind,
                item_id=item_id,
                fields=dict(params.get("fields") or {}),
                changed=changed,
            )
        )
        return answer

    def _time(self, began: datetime) -> dict[str, Json]:
        ended = self.clock()
        took = (ended - began).total_seconds()
        return {
            "start": began.timestamp(),
            "finish": ended.timestamp(),
            "duration": took,
            "processing": took,
            "date_start": began.astimezone(MOSCOW).isoformat(timespec="seconds"),
            "date_finish": ended.astimezone(MOSCOW).isoformat(timespec="seconds"),
        }
