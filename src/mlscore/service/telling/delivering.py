"""Tells webhooks of scores: each until it was told, with growing pauses, for three days at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from threading import Event

import structlog
from httpx2 import Client, Response
from orjson import OPT_UTC_Z, Fragment, dumps

from mlscore.ports import Clock, Deliveries, Delivery, Webhook, Webhooks
from mlscore.scoring.errors import AddressError, MlscoreError, StoreUnavailableError, UnreachableError
from mlscore.scoring.receipt import Receipt
from mlscore.service.telling.signing import sign

SCORE_CREATED = "score.created"
PAUSES: Sequence[timedelta] = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000)
)
"""After which a score is tried again; a tenth failure makes it a dead letter, just under three days after the first."""

REST_AT_MOST = timedelta(minutes=1)
"""For how long nobody calls a host that failed: it is tried again with one score, and the others follow."""

NOTED_AT_ONCE = 500
CLAIMED_AT_ONCE = 20
CLAIMED_FOR = timedelta(minutes=10)
_LATER_AT_MOST = timedelta(days=1)
_OF_THE_HOST = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a webhook was not told; one `of_the_host` says nothing of the score, and the next would fare no better."""

    fault: str
    of_the_host: bool = True
    later: timedelta = timedelta(0)
    is_gone: bool = False


@dataclass(slots=True, kw_only=True)
class Telling:
    """Makes deliveries of what the feed has gained, and sends what is due.

    A webhook is told of a score at least once, under the same `webhook-id` however often. `write` returns a score as
    the body of `GET /v1/scores/{receipt_id}`; `call` opens a caller that leads nowhere inside.
    """

    webhooks: Webhooks
    deliveries: Deliveries
    write: Callable[[str, Receipt], bytes]
    call: Callable[[str], AbstractContextManager[Client]]
    clock: Clock
    stop: Event = field(default_factory=Event)
    _rests: dict[str, datetime] = field(default_factory=dict)

    def run(self, firm: str, *, idle_seconds: float = 1.0) -> None:
        """Go round until `stop` is set; while the store is away, wait for it."""
        while not self.stop.is_set():
            try:
                told = self.go_round(firm)
            except StoreUnavailableError as error:
                _logger.warning("nobody is told while the store is away", error=str(error))
                told = 0
            if not told:
                self.stop.wait(idle_seconds)

    def go_round(self, firm: str) -> int:
        """Tell every webhook what is due; return how many scores were told. Raises StoreUnavailableError."""
        now = self.clock()
        told = 0
        for webhook in self.webhooks.every(firm):
            is_told = webhook.url is not None and webhook.ended_at is None
            if is_told:
                self.deliveries.note(firm, webhook.webhook_id, at=now, at_most=NOTED_AT_ONCE)
            if is_told and self._rests.get(webhook.webhook_id, now) <= now:
                told += self._tell(webhook, now)
        return told

    def _tell(self, webhook: Webhook, now: datetime) -> int:
        claimed = self.deliveries.claim(
            webhook.firm, webhook.webhook_id, at=now, until=now + CLAIMED_FOR, at_most=CLAIMED_AT_ONCE
        )
        if not claimed:
            return 0
        told = 0
        try:
            with self.call(webhook.url or "") as client:
                for place, delivery in enumerate(claimed):
                    failure = None if self.stop.is_set() else self._send(client, webhook, delivery)
                    if self.stop.is_set() or (failure is not None and failure.of_the_host):
                        self._give_back(webhook, claimed[place:], failure)
                        break
                    told += failure is None
                    self._note(webhook, delivery, failure)
        except (AddressError, UnreachableError) as error:
            self._give_back(webhook, claimed, _Failure(_said(error)))  # from opening: none was tried
        return told

    def _send(self, client: Client, webhook: Webhook, delivery: Delivery) -> _Failure | None:
        receipt, now = delivery.receipt, self.clock()
        score = Fragment(self.write(webhook.firm, receipt))
        body = dumps({"type": SCORE_CREATED, "timestamp": receipt.scored_at, "data": score}, option=OPT_UTC_Z)
        headers = sign(receipt.receipt_id, now, body, webhook.secrets_at(now))
        try:
            answer = client.post(
                webhook.url or "", content=body, headers={**headers, "Content-Type": "application/json"}
            )
        except (AddressError, UnreachableError) as error:
            return _Failure(_said(error))
        return None if answer.is_success else _failure_of(answer)

    def _note(self, webhook: Webhook, delivery: Delivery, failure: _Failure | None) -> None:
        if failure is None:
            self.deliveries.told(webhook.firm, delivery)
            return
        pause = _pause(delivery, failure)
        due_at = None if pause is None else self.clock() + pause
        self.deliveries.put_off(webhook.firm, delivery, due_at=due_at, fault=failure.fault)
        said = "a webhook is told later" if pause is not None else "a webhook is told no more: a dead letter"
        _logger.warning(
            said, webhook_id=webhook.webhook_id, receipt_id=delivery.receipt.receipt_id, fault=failure.fault
        )

    def _give_back(self, webhook: Webhook, claimed: Sequence[Delivery], failure: _Failure | None) -> None:
        """Give back what was claimed; the first of them was tried, where there was a failure, and the host rests."""
        now = self.clock()
        if failure is not None and failure.is_gone:
            self.webhooks.end(webhook.firm, webhook.webhook_id, at=now)
            _logger.warning("a webhook ended: its host answers 410 Gone", webhook_id=webhook.webhook_id)
            return
        if failure is not None:
            first, *claimed = claimed
            self._note(webhook, first, failure)
            pause = _pause(first, failure) or REST_AT_MOST
            self._rests[webhook.webhook_id] = now + max(min(pause, REST_AT_MOST), failure.later)
        for delivery in claimed:
            self.deliveries.put_off(webhook.firm, delivery, due_at=now)


def _failure_of(answer: Response) -> _Failure:
    status = answer.status_code
    is_of_the_host = status in _OF_THE_HOST or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    is_gone = status == HTTPStatus.GONE
    asked = answer.headers.get("retry-after", "")
    later = timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < len("100000") else timedelta(0)
    return _Failure(f"answered {status}", is_of_the_host or is_gone, min(later, _LATER_AT_MOST), is_gone)


def _pause(delivery: Delivery, failure: _Failure) -> timedelta | None:
    """Return how long to wait before the next try; None where there is none."""
    return max(PAUSES[delivery.tries], failure.later) if delivery.tries < len(PAUSES) else None


def _said(error: MlscoreError) -> str:
    return "the address leads inside" if isinstance(error, AddressError) else "does not answer"
