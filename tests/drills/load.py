"""Clients of our own: each sends deals over one connection that is kept, and writes down what came of every one."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.drills.running import Service
from tests.serving import request_bytes

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
GONE = (ConnectionError, asyncio.IncompleteReadError, OSError)
DEAL: Mapping[str, Any] = {
    "steam_tph": 5,
    "annual_turnover_rub": 1_200_000_000,
    "industry": "dairy",
    "in_nomenclature": True,
    "need_defined": True,
    "budget_allocated": True,
    "budget_amount": 40_000,
    "asap": True,
    "profit_if_won": 12_000,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: status (0 where the connection ended), seconds, headers, body; `at` is monotonic."""

    status: int
    seconds: float
    at: float
    head: bytes = b""
    body: bytes = b""

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass(slots=True)
class Heard:
    """Everything that was answered."""

    answers: list[Answer] = field(default_factory=list)

    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def scored(self) -> list[dict[str, Any]]:
        return [answer.json for answer in self.answers if answer.status == 200]

    def quantile(self, share: float, *, of_scored: bool = True) -> float:
        taken = sorted(a.seconds for a in self.answers if a.status == 200 or not of_scored)
        return taken[min(len(taken) - 1, int(share * len(taken)))] if taken else float("nan")


def a_deal(deal_id: str, chance: random.Random | None = None, **facts: Any) -> bytes:
    """Return the body of a deal; with `chance` of one of a thousand companies."""
    company = {} if chance is None else {"company_id": f"C-{chance.randrange(1000)}"}
    return json.dumps({"deal_id": deal_id, **DEAL, **company, **facts}).encode()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> Answer:
    """Send one request and read its answer. Raises one of GONE where the connection ends."""
    begun = time.monotonic()
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    now = time.monotonic()
    return Answer(int(head.split(b" ", 2)[1]), now - begun, now, head, body)


@dataclass(slots=True)
class Clients:
    """A number of clients that send on as soon as they are answered; a refused connection is tried anew."""

    service: Service
    key: str
    count: int = 8
    seed: int = 0
    path: str = "/v1/score"
    prefix: str = "D"
    rate: float | None = None
    """Requests a second of all of them together; as many as are answered where None."""
    make: Callable[[int, random.Random], bytes] | None = None
    heard: Heard = field(default_factory=Heard)
    _numbers: Any = field(default_factory=itertools.count)

    async def run(self, stopped: asyncio.Event) -> Heard:
        """Send until stopped."""
        await asyncio.gather(*(self._one(place, stopped) for place in range(self.count)))
        return self.heard

    async def during(self, act: Callable[[], Any], *, before: float = 1.0, after: float = 1.0) -> Any:
        """Send from `before` seconds before an act, which runs in a thread, until `after` seconds after it."""
        stopped = asyncio.Event()
        sending = asyncio.create_task(self.run(stopped))
        try:
            await asyncio.sleep(before)
            came = await asyncio.to_thread(act)
            await asyncio.sleep(after)
        finally:
            stopped.set()
            await sending
        return came

    async def _one(self, place: int, stopped: asyncio.Event) -> None:
        chance = random.Random(self.seed * 1000 + place)
        pause = None if self.rate is None else self.count / self.rate
        due = time.monotonic() + chance.random() * (pause or 0.0)
        while not stopped.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.service.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            try:
                while not stopped.is_set():
                    if pause is not None:
                        await asyncio.sleep(max(0.0, due - time.monotonic()))
                        due += pause
                    await self._send(reader, writer, chance)
            except GONE:
                self.heard.answers.append(Answer(0, 0.0, time.monotonic()))
                await asyncio.sleep(0.2)  # a process that ends still takes connections for a moment
            finally:
                writer.close()

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> None:
        number = next(self._numbers)
        body = self.make(number, chance) if self.make else a_deal(f"{self.prefix}-{number}", chance)
        self.heard.answers.append(await exchange(reader, writer, request_bytes(self.path, self.key, body)))


def send_for(clients: Clients, seconds: float) -> Heard:
    """Send for some seconds."""
    asyncio.run(clients.during(lambda: None, before=seconds, after=0.0))
    return clients.heard


def send_during(clients: Clients, act: Callable[[], Any], *, before: float = 1.0, after: float = 1.0) -> Any:
    """Do something while clients send; what they heard is in `clients.heard`."""
    return asyncio.run(clients.during(act, before=before, after=after))


def at_once(service: Service, sent: Sequence[bytes], *, at_first: Callable[[], None] = lambda: None) -> list[Answer]:
    """Send every request at the same moment, each over a connection of its own; do something at the first answer."""
    acts = [at_first]

    async def one(whole: bytes) -> Answer:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        except OSError:
            return Answer(0, 0.0, time.monotonic())
        try:
            answer = await exchange(reader, writer, whole)
        except GONE:
            answer = Answer(0, 0.0, time.monotonic())
        finally:
            writer.close()
        if acts:
            acts.pop()()
        return answer

    async def every() -> list[Answer]:
        return list(await asyncio.gather(*map(one, sent)))

    return asyncio.run(every())
