import asyncio
from collections.abc import Callable

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mlscore.http.load.crowd import Crowd


class Slow:
    """Answers when told to; says how many it holds."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.came = asyncio.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came.release()
        await self.go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)


async def ask(app: ASGIApp, path: str = "/v1/score") -> tuple[int, dict[str, str]]:
    said: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "state": {"language": "en"}}
    await app(scope, receive, send)
    return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}


def a_crowd(behind: ASGIApp, refused: Callable[[str], None] = lambda _: None, **limits: object) -> Crowd:
    given = {"at_most": 2, "seconds": 30.0, "free": frozenset({"/health/ready"}), **limits}
    return Crowd(behind, refused=refused, **given)


def test_those_beyond_the_limit_are_told_at_once_to_come_again_and_the_others_are_answered() -> None:
    async def run() -> None:
        reasons: list[str] = []
        behind = Slow()
        crowd = a_crowd(behind, reasons.append)
        inside = [asyncio.create_task(ask(crowd)) for _ in range(2)]
        await behind.came.acquire()
        await behind.came.acquire()
        status, headers = await ask(crowd)
        assert (status, headers["retry-after"]) == (503, "1")
        assert reasons == ["busy"]
        behind.go_on.set()
        assert [(await one)[0] for one in inside] == [200, 200]
        assert (await ask(crowd))[0] == 200

    asyncio.run(run())


def test_who_watches_is_never_refused() -> None:
    async def run() -> None:
        behind = Slow()
        crowd = a_crowd(behind, at_most=1)
        inside = asyncio.create_task(ask(crowd))
        await behind.came.acquire()
        watching = asyncio.create_task(ask(crowd, "/health/ready"))
        await behind.came.acquire()
        behind.go_on.set()
        assert [(await one)[0] for one in (inside, watching)] == [200, 200]

    asyncio.run(run())


def test_an_answer_that_takes_too_long_is_given_up_and_its_place_is_free_again() -> None:
    async def run() -> None:
        behind = Slow()
        crowd = a_crowd(behind, at_most=1, seconds=0.01)
        status, headers = await ask(crowd)
        assert (status, headers["retry-after"]) == (503, "1")
        behind.go_on.set()
        assert (await ask(crowd))[0] == 200

    asyncio.run(run())


def test_a_place_is_free_again_when_answering_fails() -> None:
    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        crowd = a_crowd(fails, at_most=1)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await ask(crowd)

    asyncio.run(run())
