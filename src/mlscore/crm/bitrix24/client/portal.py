"""A portal's REST: one call, many in a batch, or a whole list, page by page; waiting where it asks us to."""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from httpx2 import Client
from pydantic import SecretStr
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from mlscore.crm.bitrix24.client.answers import (
    AWAY,
    OPERATION_LIMIT,
    QUERY_LIMIT,
    BusyError,
    error_of,
    read_answer,
    unreachable,
)
from mlscore.crm.bitrix24.client.bucket import Bucket, Pace
from mlscore.crm.bitrix24.client.query import AT_ONCE, Command
from mlscore.outgoing import Allowed, open_caller
from mlscore.scoring.errors import CrmRefusedError, UnreachableError

PAGE = 50
PATIENCE_SECONDS = 60.0
"""For how long a call is tried before the portal counts as away."""

BLOCKED_SECONDS = 60.0
"""How long a method without time is left alone where the portal never said until when."""

OPERATING_SECONDS = 600.0
"""The time of a method is counted over so long: what a portal says of later is the fault of its clock, or of ours."""

_NUMBER = re.compile(r"[0-9]{1,18}")

# It would write whole addresses, and the portal's is its password.
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(slots=True)
class Portal:
    """One portal. Its address is a secret: no error, no log line and no `repr` holds it.

    Every call raises UnreachableError where the portal stays away or busy for `patience_seconds`, NotAllowedError where
    it lets us in no more, and CrmRefusedError, with the portal's code as `reason`, where it will not do what it is
    asked. `backed_off` counts, by code, how often it had us wait. Each call asks `may_call` last of all: whoever waited
    so long that another goes on in his place raises UnreachableError, and calls no more.
    """

    client: Client = field(repr=False)
    host: str
    bucket: Bucket
    patience_seconds: float = PATIENCE_SECONDS
    now: Callable[[], float] = field(default=time.time, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    may_call: Callable[[], bool] = field(default=lambda: True, repr=False)
    backed_off: Counter[str] = field(default_factory=Counter)
    _free_at: dict[str, float] = field(default_factory=dict)
    """When methods without time have some again, in seconds since 1970."""
    _resets: dict[str, float] = field(default_factory=dict)

    def call(self, method: str, params: Mapping[str, object] | None = None, *, repeatable: bool = True) -> Any:  # noqa: ANN401 - JSON: each method has a result of its own
        """Return the `result` of a method.

        What is not `repeatable`, such as a comment, is not sent again where its answer was lost.
        """
        return self._trying(lambda: self._call(method, params or {}), repeatable=repeatable)

    def batch(self, commands: Mapping[str, Command]) -> dict[str, Any]:
        """Return the result of each command, or its CrmRefusedError, by name; more than 50 go in several batches.

        A command names results of others of the same 50 at most.
        """
        found: dict[str, Any] = {}
        names = iter(commands)
        while some := list(islice(names, AT_ONCE)):
            found |= self._one_batch({name: commands[name] for name in some})
        return found

    def every(
        self, method: str, params: Mapping[str, Any], *, key: str = "items", after: int = 0
    ) -> Iterator[dict[str, Any]]:
        """Yield every row of a list in the order of its id, asking for page after page; nothing is counted.

        Those up to the id `after` are left out.
        """
        wanted, last = dict(params.get("filter", {})), after
        while True:
            asked = {**params, "filter": {**wanted, ">id": last}, "order": {"id": "ASC"}, "start": -1}
            rows = self._rows(self.call(method, asked), key)
            numbers = [self._number(row, after=last) for row in rows]
            yield from rows
            if len(rows) < PAGE:
                return
            last = numbers[-1]

    def pages(self, method: str, params: Mapping[str, Any], *, key: str = "items") -> Iterator[dict[str, Any]]:
        """Yield every row of a list in the order asked for, by its counted pages: `next` says where one begins."""
        start = 0
        while True:
            rows = self._rows(self.call(method, {**params, "start": start}), key)
            yield from rows
            if len(rows) < PAGE:
                return
            start += PAGE

    def _rows(self, result: object, key: str) -> Sequence[dict[str, Any]]:
        """Return the rows of a list: under its key, or the result itself where a method has none."""
        found = result.get(key, []) if isinstance(result, dict) else result
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise UnreachableError(f"{self.host} answered something that is no list.", host=self.host)
        return found

    def _number(self, row: Mapping[str, Any], *, after: int) -> int:
        """Return a row's id; one that was not asked for would have the same page asked for without end."""
        number = str(row.get("id"))
        if not _NUMBER.fullmatch(number) or int(number) <= after:
            raise UnreachableError(f"{self.host} listed something else than it was asked for.", host=self.host)
        return int(number)

    def _one_batch(self, commands: Mapping[str, Command]) -> dict[str, Any]:
        left, found = dict(commands), dict[str, Any]()

        def ask() -> None:
            written = {name: command.written() for name, command in left.items()}
            self._check_free(command.method for command in left.values())
            result = self._call("batch", {"halt": 0, "cmd": written})
            busy = self._take(result, left, found)
            if busy is not None:
                raise busy

        self._trying(ask, repeatable=True)
        return {name: found[name] for name in commands}

    def _take(self, result: object, left: dict[str, Command], found: dict[str, Any]) -> BusyError | None:
        """Move what was answered from `left` to `found`; return why the rest is to be asked for again."""
        whole = as_map(result)
        results, errors, times = (as_map(whole.get(name)) for name in ("result", "result_error", "result_time"))
        busy = None
        for name in list(left):
            if name in errors:
                error = error_of(errors[name], host=self.host)
                if isinstance(error, BusyError):
                    busy = self._noted(error, left[name].method)
                    continue
                # A right that one method lacks keeps us out of that alone: the batch itself was let in.
                code = str(as_map(errors[name]).get("error", ""))
                found[name] = error if isinstance(error, CrmRefusedError) else CrmRefusedError(str(error), reason=code)
            elif name in results:
                found[name] = results[name]
                self._remember(left[name].method, as_map(times.get(name)))
            else:  # neither said nor refused, as where the batch was cut off
                busy = BusyError(AWAY, was_heard=True)
                continue
            del left[name]
        return busy

    def _call(self, method: str, params: Mapping[str, object]) -> object:
        self._check_free([method])
        self.bucket.enter()
        if not self.may_call():
            raise UnreachableError(f"Another worker goes on with {self.host}.", host=self.host)
        try:
            response = self.client.post(method, json=params)
        except UnreachableError:
            raise BusyError(AWAY, was_heard=True) from None
        try:
            answered = read_answer(response.status_code, response.content, host=self.host)
        except BusyError as error:
            raise self._noted(error, method) from None
        self._remember(method, answered.time)
        return answered.result

    def _noted(self, error: BusyError, method: str) -> BusyError:
        if error.code == QUERY_LIMIT:
            self.bucket.fill()
        if error.code == OPERATION_LIMIT:
            # What the last good answer told may be over: then of an earlier spell, and says nothing of this one.
            reset_at = self._resets.get(method, 0.0)
            self._free_at[method] = reset_at if reset_at > self.now() else self.now() + BLOCKED_SECONDS
        return error

    def _remember(self, method: str, told: Mapping[str, Any]) -> None:
        reset_at = told.get("operating_reset_at")
        if isinstance(reset_at, int | float):
            self._resets[method] = min(reset_at, self.now() + OPERATING_SECONDS)

    def _check_free(self, methods: Iterator[str] | Sequence[str]) -> None:
        """Wait for methods that have no time left. Raises UnreachableError where that is longer than our patience."""
        wait = max((self._free_at.get(method, 0.0) for method in methods), default=0.0) - self.now()
        if wait > self.patience_seconds:
            raise unreachable(self.host, OPERATION_LIMIT)
        if wait > 0.0:
            self.sleep(wait)

    def _trying(self, ask: Callable[[], object], *, repeatable: bool) -> object:
        begun = self.now()
        growing = wait_random_exponential(multiplier=1.0, max=30.0)

        def wait(state: RetryCallState) -> float:
            code = _why(state).code
            self.backed_off[code] += 1
            # A method without time is waited for where it is called next.
            return 0.0 if code == OPERATION_LIMIT else 0.5 + growing(state)

        def stop(state: RetryCallState) -> bool:
            is_lost = _why(state).was_heard and not repeatable
            return is_lost or self.now() - begun > self.patience_seconds

        trying = Retrying(
            retry=retry_if_exception_type(BusyError), wait=wait, stop=stop, sleep=self.sleep, reraise=True
        )
        try:
            return trying(ask)
        except BusyError as error:
            raise unreachable(self.host, error.code) from None


@contextmanager
def open_portal(
    webhook: SecretStr,
    *,
    allowed: Allowed,
    pace: Pace | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    may_call: Callable[[], bool] = lambda: True,
) -> Iterator[Portal]:
    """Open a portal by the address of an incoming webhook, and close it at the end.

    Raises AddressError and UnreachableError, which name its host and no more.
    """
    address = webhook.get_secret_value().rstrip("/") + "/"
    with open_caller(address, allowed=allowed) as client:
        yield Portal(
            client=client,
            host=client.base_url.host,
            bucket=Bucket(pace or Pace()),
            patience_seconds=patience_seconds,
            may_call=may_call,
        )


def _why(state: RetryCallState) -> BusyError:
    """Return why a try failed: nothing else is tried again."""
    return cast("BusyError", state.outcome.exception() if state.outcome else None)


def as_map(value: object) -> Mapping[str, Any]:
    """Return a map as one: PHP writes an empty one as a list, and one whose keys count up from 0 as well."""
    if isinstance(value, Mapping):
        return value
    return {str(index): one for index, one in enumerate(value)} if isinstance(value, list) else {}
