import asyncio
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from mlscore.http.body_limit import BodyLimit
from tests.http.rooms import Behind, calling


def limited(behind: Behind) -> TestClient:
    return calling(BodyLimit(behind, at_most_bytes=100, one_deal_bytes={"/small": 10, "/large": 1_000}))


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/", 100, 200),
        ("/", 101, 413),
        ("/small", 10, 200),
        ("/small", 11, 413),
        ("/large", 100, 200),
        ("/large", 101, 413),
    ],
)
def test_a_body_is_taken_up_to_the_limit_of_its_path_and_never_beyond_that_of_all(path, size, status):
    behind = Behind()
    assert limited(behind).post(path, content=b"x" * size).status_code == status
    assert behind.bodies == ([b"x" * size] if status == 200 else [])


def test_the_limit_is_told_in_bytes_and_a_single_deal_is_not_asked_to_be_split():
    client = limited(Behind())
    many, one = (client.post(path, content=b"x" * 200).json()["detail"] for path in ("/", "/small"))
    assert "100 bytes. Split it" in many
    assert "10 bytes, the limit for one deal. Shorten request_text" in one


def test_a_body_in_pieces_arrives_whole():
    behind = Behind()
    limited(behind).post("/", content=iter([b"ab", b"", b"cd"]))
    assert behind.bodies == [b"abcd"]


def test_a_body_without_end_is_cut_off_at_the_limit():
    def endless() -> Iterator[bytes]:
        for _ in range(1_000):
            yield b"x" * 50

    behind = Behind()
    assert limited(behind).post("/", content=endless()).status_code == 413
    assert behind.bodies == []


@pytest.mark.parametrize("declared", ["999999999999999999999999999999", "101"])
def test_a_body_declared_too_large_is_not_read_at_all(declared):
    behind = Behind()
    response = limited(behind).post("/", content=b"x", headers={"Content-Length": declared})
    assert (response.status_code, behind.bodies) == (413, [])


def test_a_length_told_too_small_changes_nothing():
    assert limited(Behind()).post("/", content=b"x" * 101, headers={"Content-Length": "1"}).status_code == 413


def test_a_request_without_a_body_goes_on():
    behind = Behind()
    assert limited(behind).get("/").status_code == 200
    assert behind.bodies == [b""]


def test_half_a_request_goes_no_further():
    behind, sent = Behind(), []
    messages = iter([{"type": "http.request", "body": b'{"a": 1}', "more_body": True}, {"type": "http.disconnect"}])

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [], "method": "POST", "state": {"language": "en"}}
    asyncio.run(BodyLimit(behind, at_most_bytes=100)(scope, receive, send))
    assert (behind.bodies, sent) == ([], [])


def test_a_body_that_does_not_arrive_in_time_is_given_up() -> None:
    said = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "state": {"language": "en"}}
    behind = Behind()
    asyncio.run(BodyLimit(behind, at_most_bytes=100, seconds=0.01)(scope, receive, send))
    assert said[0]["status"] == 408
    assert behind.bodies == []
