"""Over real sockets: who takes no answer is cut off, and who takes it slowly is not."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn

from mlscore.http.load.bounded import Bounded

LONG = 30_000_000
"""More bytes than the kernels at both ends hold for a client that does not read."""


class Hasty(Bounded):
    taking_seconds = 0.2


def noting(lost):
    class Noting(Hasty):
        def connection_lost(self, exc):
            super().connection_lost(exc)
            lost.set()

    return Noting


async def tell_much(scope, receive, send):
    headers = [(b"content-length", b"%d" % LONG), (b"connection", scope["path"].strip("/").encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": bytes(LONG)})


async def tell_much_bit_by_bit(scope, receive, send):
    headers = [(b"content-length", b"%d" % LONG), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(LONG // 100_000):
        await send({"type": "http.response.body", "body": bytes(100_000), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(app, protocol=Hasty):
    config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=30)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@pytest.mark.parametrize("afterwards", ["keep-alive", "close"])
def test_who_asks_and_takes_no_answer_is_cut_off_also_where_the_connection_is_being_closed(afterwards):
    async def story():
        lost = asyncio.Event()
        async with served(tell_much, noting(lost)) as port:
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(b"GET /%s HTTP/1.1\r\nHost: here\r\n\r\n" % afterwards.encode())
                await asyncio.wait_for(lost.wait(), 5)

    asyncio.run(story())


@pytest.mark.parametrize("app", [tell_much, tell_much_bit_by_bit])
def test_who_takes_an_answer_slowly_gets_the_whole_of_it(app):
    async def story():
        async with served(app) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /close HTTP/1.1\r\nHost: here\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            for _ in range(10):
                assert await reader.readexactly(LONG // 10) == bytes(LONG // 10)
                await asyncio.sleep(0.1)  # five looks and more
            assert await reader.read() == b""
            writer.close()

    asyncio.run(story())
