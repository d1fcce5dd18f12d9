"""The portal's event queue: each event is sent once, in a moment, and never again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import SimpleQueue
from random import Random
from threading import Lock, Thread
from typing import Literal
from urllib.parse import urlsplit

from mlscore.crm.bitrix24.fake.fields import DEAL, ENTITY_NAMES, LEAD
from mlscore.crm.bitrix24.fake.php import write

Fate = Literal["waiting", "lost", "sent", "failed"]
_OK = 200
_IDLE_SECONDS = 1.0
"""A connection idle for longer may be closed at the other end, and is not used again: nothing is sent twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """Who is told: an outgoing webhook, with the token the portal made for it."""

    url: str
    token: str
    domain: str
    member_id: str
    number: int = 201
    names: frozenset[str] = frozenset(
        f"ONCRM{ENTITY_NAMES[kind]}{change}" for kind in (LEAD, DEAL) for change in ("ADD", "UPDATE", "DELETE")
    )


@dataclass(slots=True, kw_only=True)
class Event:
    """One event and its fate: lost on the way, answered 200, or not."""

    number: int
    name: str
    item_id: int
    at: float
    fate: Fate = "waiting"
    status: int | None = None
    seconds: float | None = None


def form_of(event: Event, handler: Handler) -> str:
    """Return an event as it is on the wire: brackets, and no OAuth token, for webhooks get none."""
    return write(
        {
            "event": event.name,
            "event_handler_id": str(handler.number),
            "data": {"FIELDS": {"ID": str(event.item_id)}},
            "ts": str(int(event.at)),
            "auth": {
                "domain": handler.domain,
                "client_endpoint": f"https://{handler.domain}/rest/",
                "server_endpoint": "https://oauth.bitrix24.tech/rest/",
                "member_id": handler.member_id,
                "application_token": handler.token,
            },
        }
    )


@dataclass(slots=True)
class Courier:
    """Sends events in order by a few connections; loses a seeded share of them, and repeats none."""

    chance: Random
    wall: Callable[[], float] = time.time
    handler: Handler | None = None
    lose_share: float = 0.0
    delay_seconds: float = 0.0
    timeout_seconds: float = 5.0
    senders: int = 2
    events: list[Event] = field(default_factory=list)
    _queue: SimpleQueue[Event | None] = field(default_factory=SimpleQueue)
    _threads: list[Thread] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def tell(self, change: str, kind: int, item_id: int) -> None:
        """Take an event into the queue, or lose it. Without a handler nobody is told."""
        handler = self.handler
        name = f"ONCRM{ENTITY_NAMES[kind]}{change}"
        if handler is None or name not in handler.names:
            return
        with self._lock:
            event = Event(number=len(self.events) + 1, name=name, item_id=item_id, at=self.wall())
            self.events.append(event)
            if self.chance.random() < self.lose_share:
                event.fate = "lost"
                return
            if not self._threads:
                self._threads = [Thread(target=self._send_all, daemon=True) for _ in range(self.senders)]
                for thread in self._threads:
                    thread.start()
        self._queue.put(event)

    def counts(self) -> dict[str, int]:
        """Count events by their fate."""
        with self._lock:
            return dict(Counter[str](event.fate for event in self.events))

    def close(self) -> None:
        """Send what waits and stop."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=self.timeout_seconds)
        self._threads.clear()

    def _send_all(self) -> None:
        connection, used_at = None, 0.0
        while (event := self._queue.get()) is not None:
            if self.delay_seconds:
                time.sleep(max(0.0, event.at + self.delay_seconds - self.wall()))  # late, as a drill or test has asked
            if connection is not None and time.monotonic() - used_at > _IDLE_SECONDS:
                connection.close()
                connection = None
            connection, used_at = self._send(event, connection), time.monotonic()
        if connection is not None:
            connection.close()

    def _send(self, event: Event, connection: HTTPConnection | None) -> HTTPConnection | None:
        """Send one event, once; return the connection where it is still good."""
        handler = self.handler
        if handler is None:
            event.fate = "failed"
            return connection
        began, talk = time.monotonic(), connection or self._connect(handler.url)
        try:
            body = form_of(event, handler).encode()
            path = urlsplit(handler.url).path or "/"
            talk.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = talk.getresponse()
            answer.read()
        except (OSError, HTTPException):
            talk.close()
            event.fate = "failed"
            return None
        event.status, event.seconds = answer.status, time.monotonic() - began
        event.fate = "sent" if answer.status == _OK else "failed"
        return None if answer.will_close else talk

    def _connect(self, url: str) -> HTTPConnection:
        at = urlsplit(url)
        made = HTTPSConnection if at.scheme == "https" else HTTPConnection
        return made(at.hostname or "", at.port, timeout=self.timeout_seconds)
