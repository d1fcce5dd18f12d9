"""Over real sockets: connections that say nothing, or say it too slowly, are closed; others are served."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn

from mlscore.http.load.connections import Impatient

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Hasty(Impatient):
    header_seconds = 0.2


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


async def hello_after_the_body(scope, receive, send):
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message["more_body"]:
            break
    await hello(scope, receive, send)


@asynccontextmanager
async def served(protocol=Hasty, app=hello):
    config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=30)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def said(port, part=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(part)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def ends(reader):
    """Tell that the connection is closed, in time: where more was on its way than is read, by a reset."""
    with suppress(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 5)
    return True


def test_a_connection_that_says_nothing_or_half_a_header_is_closed():
    async def story():
        async with served() as port:
            assert await said(port) == b""
            assert await said(port, b"GET / HTTP/1.1\r\nHost: he") == b""
            assert await said(port, b"\r\n") == b""

    asyncio.run(story())


def test_between_two_requests_the_next_ones_headers_are_waited_for_no_longer():
    async def story():
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET)
            await reader.readuntil(b"hi")
            writer.write(b"GET / HTTP")
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()

    asyncio.run(story())


def test_headers_without_end_are_refused():
    async def story():
        async with served(Impatient) as port:
            assert b" 431 " in await said(port, b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 70_000)

    asyncio.run(story())


def test_headers_too_long_are_refused_though_they_come_whole_and_at_once():
    async def story():
        async with served(Impatient) as port:
            answer = await said(port, b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n")
            assert b" 431 " in answer
            assert b"65,536" in answer

    asyncio.run(story())


def test_headers_without_end_are_refused_while_a_request_before_them_is_answered():
    async def story():
        has_begun, may_end = asyncio.Event(), asyncio.Event()

        async def slow(scope, receive, send):
            has_begun.set()
            await may_end.wait()
            await hello(scope, receive, send)

        async with served(Impatient, slow) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET + b"GET / HTTP/1.1\r\nX-Long: ")
            await has_begun.wait()
            writer.write(b"x" * 70_000)
            for _ in range(20):
                await asyncio.sleep(0)  # let it arrive
            may_end.set()
            assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"hi")
            writer.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    "between", [b"1;" + b"x" * 70_000, b"0\r\nX-Long: " + b"x" * 70_000], ids=["extension", "trailer"]
)
def test_what_stands_between_the_chunks_of_a_body_has_an_end(between):
    async def story():
        async with served(Impatient, hello_after_the_body) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
            await reader.readuntil(b"100 Continue\r\n\r\n")
            writer.write(between)
            assert await ends(reader)
            writer.close()

    asyncio.run(story())


def test_a_large_body_is_not_taken_for_headers():
    async def story():
        async with served(Impatient, hello_after_the_body) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(2):
                writer.write(b"POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000)
                assert b"200 OK" in await reader.readuntil(b"hi")
            writer.close()

    asyncio.run(story())


def test_a_body_that_goes_on_after_its_answer_is_not_read_for_ever():
    async def story():
        async with served(Impatient) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n")
            await reader.readuntil(b"hi")
            writer.write(b"x" * 200_000)
            assert await ends(reader)
            writer.close()

    asyncio.run(story())


def test_a_connection_in_use_stays():
    async def story():
        async with served() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(3):
                writer.write(GET)
                assert b"200 OK" in await reader.readuntil(b"hi")
            writer.close()

    asyncio.run(story())
