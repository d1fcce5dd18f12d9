"""Over real sockets: each request has its own answer, and what is no request is told so in words."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import uvicorn

from mlscore.http.load.lines import WAITING_AT_MOST, InTurn

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
UPGRADE = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
HEAD = b"POST /said HTTP/1.1\r\nHost: here\r\n"
GARBAGE = b"this is no request\r\n\r\n"


async def echo(scope, receive, send):
    """Answer with the method and the body."""
    body, has_more = b"", True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, has_more = body + message["body"], message["more_body"]
    said = scope["method"].encode() + b"<" + body + b">"
    length = (b"content-length", str(len(said)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": said})


@asynccontextmanager
async def served(app=echo, **settings):
    config = uvicorn.Config(
        app, port=0, http=InTurn, lifespan="off", log_config=None, timeout_keep_alive=0.2, **settings
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def arrival():
    """Let what was written arrive alone."""
    for _ in range(20):
        await asyncio.sleep(0)


def said(*parts, **settings):
    """Return all that is answered until the connection closes."""

    async def story():
        async with served(**settings) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for part in parts:
                writer.write(part)
                await arrival()
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            return answer

    return asyncio.run(story())


def problem_in(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"x-request-id: " in head.lower()
    return json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + UPGRADE + b"Content-Length: 5\r\n\r\nsteam",
        HEAD + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nsteam\r\n0\r\n\r\n",
    ],
    ids=["of known length", "chunked"],
)
@pytest.mark.parametrize("cut", [None, 20, -3, -8])
def test_a_request_that_asks_for_another_protocol_is_answered_in_this_one_with_its_body(sent, cut):
    answer = said(sent[:cut], sent[cut:] if cut else b"")

    assert b"POST<steam>" in answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_the_body_of_a_request_that_asks_for_another_protocol_is_never_taken_for_a_request():
    answer = said(HEAD + UPGRADE + b"Content-Length: %d\r\n\r\n" % len(GET), GET, GET)

    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"POST<" + GET + b">" in answer
    assert answer.endswith(b"GET<>")


def test_many_requests_that_ask_for_another_protocol_are_answered_in_turn():
    sent = b"".join(HEAD + UPGRADE + b"Content-Length: 2\r\n\r\n%02d" % number for number in range(50))

    answer = said(sent)

    assert [answer.find(b"POST<%02d>" % number) > 0 for number in range(50)] == [True] * 50


def test_of_more_requests_than_may_wait_the_first_are_answered_and_the_connection_is_closed():
    answer = said(GET * 500, GET * 500)

    assert answer.count(b"GET<>") == answer.count(b"HTTP/1.1 ") == 1 + WAITING_AT_MOST


def test_a_tunnel_is_refused():
    assert problem_in(said(b"CONNECT here:443 HTTP/1.1\r\nHost: here\r\n\r\n"))["code"] == "not_http"


@pytest.mark.parametrize(
    "sent", [GARBAGE, HEAD + b"Content-Length: +5\r\n\r\nsteam", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]
)
def test_what_is_not_http_is_told_in_words_what_to_look_at(sent):
    told = problem_in(said(sent))

    assert told["status"] == 400
    assert told["detail"].startswith("This is not HTTP/1.1. Check")


def test_what_is_not_http_is_told_in_the_language_of_the_request():
    told = problem_in(said(HEAD + b"Accept-Language: ru\r\nContent-Length: +5\r\n\r\n"))

    assert told["detail"].startswith("Это не HTTP/1.1.")


def test_a_good_request_is_answered_though_garbage_follows_it():
    answer = said(HEAD + b"Content-Length: 5\r\n\r\nsteam" + GARBAGE)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"POST<steam>" in answer
    assert b" 400 " not in answer


def test_requests_that_wait_are_answered_though_the_body_of_the_last_is_garbage():
    broken = HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"

    assert said(GET + GET + broken).count(b"GET<>") == 2


async def refuse_before_the_body(scope, receive, send):
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


def test_a_request_that_was_answered_before_its_body_was_garbage_gets_no_second_answer():
    answer = said(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n", app=refuse_before_the_body)

    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(b"no")


def test_garbage_behind_a_body_that_nobody_waited_for_is_told_what_it_is():
    answer = said(HEAD + b"Content-Length: 5\r\n\r\n", b"steam" + GARBAGE, app=refuse_before_the_body)

    assert answer.count(b"HTTP/1.1 401") == 1
    assert answer.count(b"HTTP/1.1 400") == 1


def test_who_is_one_too_many_is_told_so_and_when_to_come_back():
    answer = said(GET, limit_concurrency=1)

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"\r\nretry-after: 1\r\n" in answer
    assert problem_in(answer)["code"] == "busy"


def test_the_request_in_hand_learns_that_its_client_is_gone_though_others_wait_behind_it():
    async def story():
        told, has_begun = asyncio.get_running_loop().create_future(), asyncio.Event()

        async def waits(scope, receive, send):
            await receive()
            has_begun.set()
            told.set_result((await receive())["type"])

        async with served(waits) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET + GET)
            await has_begun.wait()
            writer.close()
            assert await asyncio.wait_for(told, 5) == "http.disconnect"

    asyncio.run(story())
