"""Requests nobody should send, drawn at random but repeatably: broken bytes, broken JSON, broken HTTP."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlscore.scoring.deal import FACTS
from tests.drills.load import DEAL

METHODS = ("POST", "POST", "POST", "GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW")
PATHS = (
    "/v1/score", "/v1/score", "/v1/score", "/v1/score?dry_run=true", "/v1/score?include=reasons", "/v1/score/batch",
    "/v1/outcomes", "/v1/scores/x", "/v1/deals/D-1/scores", "/v1/policy", "/v1/model", "/v1/comparison", "/v2",
    "/v2/models/mlscore", "/health/live", "/health/ready", "/metrics", "/openapi.json", "/", "//", "/v1/%00",
    "/v1/score/../policy", "/v1/scores/%2e%2e%2f", "/v1/scores/%ff%fe", "/v1/score?dry_run=zq7xw", "/v1/score?x=1",
    "/v1/events", "/v1/events/x", "/v1/events/%00", "/v1/bitrix24/events", "/v1/scores", "/v1/scores?cursor=%ff",
    "/v1/scores?limit=-1", "/v1/comparison?since=9999", "/v1/policy?at=x", "/openapi-3.0.json", "/docs",
    "/v2/models/mlscore/versions/%ff", "/sign-in", "/sign-out", "/desk", "/deals/%ff", "/deals?page=%00", "/policy",
    "/users/x/role", "/static/%2e%2e/app.py", "/static/%00",
)  # fmt: skip
A_FORM = "application/x-www-form-urlencoded"
TYPES = ("application/json",) * 8 + (
    *("text/plain", "application/xml", "", "application/json; charset=utf-7", "\xff"),
    *(A_FORM, "multipart/form-data; boundary=x"),
)
FORMS = ("/v1/bitrix24/events", "/v1/events/x", "/sign-in", "/sign-in?next=//x", "/sign-out", "/desk", "/account/looks")
ODD_VALUES = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e308", b"-0", b"-0.0", b"1e-400", b"0x10", b"07", b"+1",
    b'"\\ud800"', b'"\\u0000"', b'"\xff\xfe"', b"[]", b"{}", b"[[[[]]]]", b"true", b"null", b'"' + b"a" * 70_000 + b'"',
    b"9" * 400, b"9" * 5_000, b'"9999-99-99"', b'"0001-01-01T00:00:00Z"', b'"2026-03-02T10:00:00+99:99"', b'"1.5"',
    '"\u202e"'.encode(), '"🔥"'.encode(), b"\xef\xbb\xbf1", b"'single'", b"", b"undefined",
)  # fmt: skip
ODD_HEADERS = (
    b"Idempotency-Key: " + b"k" * 300, b"Idempotency-Key: \xff", b"Idempotency-Key:", b"Accept-Language: ;;;q=x,,",
    b"Accept-Language: " + b"ru," * 2_000, b"X-Request-ID: ../../x", b"Accept: nothing/at-all", b"Expect: nothing",
    b"Cookie: " + b"c" * 4_000, b"Content-Encoding: gzip", b"X-Forwarded-For: 1.1.1.1", b"Range: bytes=0-1",
)  # fmt: skip

LARGE = 1_100_000


@dataclass(frozen=True, slots=True)
class Odd:
    """One request: its bytes, and whether the connection is to be given up after it."""

    sent: bytes
    ends: bool = False
    has_answer: bool = True
    """Whether an answer is waited for: none comes to half a request."""


def odd_requests(chance: random.Random, key: str) -> Iterator[Odd]:
    """Yield requests for ever."""
    number = 0
    while True:
        number += 1
        roll = chance.random()
        if roll < 0.01:
            yield Odd(chance.randbytes(chance.randrange(1, 400)) + b"\r\n\r\n", ends=True)
        elif roll < 0.02:
            whole = _request(chance, key, "POST", "/v1/score", _valid(chance, number))
            yield Odd(whole[: chance.randrange(1, len(whole))], ends=True, has_answer=False)
        elif roll < 0.07:
            yield Odd(_request(chance, key, "POST", chance.choice(FORMS), _form(chance, number), A_FORM))
        else:
            method, path = _target(chance)
            body = b"" if method in {"GET", "HEAD"} else _body(chance, number)
            sent = _request(chance, key, method, path, body)
            yield Odd(sent, ends=method == "HEAD" or b"Expect:" in sent)


def _target(chance: random.Random) -> tuple[str, str]:
    if chance.random() < 0.6:
        return "POST", chance.choice(("/v1/score", "/v1/score/batch", "/v1/outcomes"))
    return chance.choice(METHODS), chance.choice(PATHS)


def _request(
    chance: random.Random, key: str, method: str, path: str, body: bytes, usual: str = "application/json"
) -> bytes:
    shown = key if chance.random() < 0.95 else chance.choice(("", "wrong", key[:-1], key + "x"))
    media_type = chance.choice(TYPES) if chance.random() < 0.2 else usual
    lines = [
        f"{method} {path} HTTP/1.1".encode(),
        b"Host: drill",
        f"Authorization: Bearer {shown}".encode(),
        b"Content-Type: " + media_type.encode("latin-1"),
    ]
    if chance.random() < 0.1:
        lines.append(chance.choice(ODD_HEADERS))
    if chance.random() < 0.05:
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        return b"\r\n".join([*lines, b"Transfer-Encoding: chunked"]) + b"\r\n\r\n" + chunks
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


def _body(chance: random.Random, number: int) -> bytes:
    makers: tuple[Callable[[random.Random, int], bytes], ...] = (
        _valid, _odd_value, _odd_value, _odd_value, _mutated, _mutated, _cut, _nested, _repeated, _noise, _many,
        _outcome, _event,
    )  # fmt: skip
    if chance.random() < 0.0005:
        return b" " * LARGE
    return chance.choice(makers)(chance, number)


def _facts(chance: random.Random, number: int) -> dict[str, Any]:
    known = {name: value for name, value in DEAL.items() if chance.random() < 0.7}
    return {"deal_id": f"Z-{number}", **known}


def _valid(chance: random.Random, number: int) -> bytes:
    return json.dumps(_facts(chance, number)).encode()


def _outcome(chance: random.Random, number: int) -> bytes:
    ended = {"deal_id": f"Z-{number}", "status": chance.choice(("won", "lost", "open", 1, None))}
    return json.dumps(chance.choice((ended, [ended], {"outcomes": [ended, ended]}, {"outcomes": None}))).encode()


def _odd_value(chance: random.Random, number: int) -> bytes:
    name = chance.choice((*FACTS, "deal_id", "as_of", "extra", "strange", "a\u0000b")).encode()
    whole = _valid(chance, number)
    return whole[:-1] + b', "' + name + b'": ' + chance.choice(ODD_VALUES) + b"}"


def _mutated(chance: random.Random, number: int) -> bytes:
    whole = bytearray(_valid(chance, number))
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(whole))
        change = chance.randrange(3)
        if change == 0:
            whole[at] = chance.randrange(256)
        elif change == 1:
            del whole[at]
        else:
            whole[at:at] = chance.randbytes(chance.randrange(1, 4))
    return bytes(whole)


def _cut(chance: random.Random, number: int) -> bytes:
    whole = _valid(chance, number)
    return whole[: chance.randrange(len(whole))]


def _nested(chance: random.Random, number: int) -> bytes:
    depth = chance.choice((10, 200, 1_000, 20_000))
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
    closed = closing * depth if chance.random() < 0.5 else b""
    return b'{"deal_id": "Z", "extra": ' + opening * depth + (b"1" if closed else b"") + closed + b"}"


def _repeated(chance: random.Random, number: int) -> bytes:
    whole = _valid(chance, number)
    return whole[:-1] + b', "deal_id": "again", "amount": 1, "amount": 2}'


def _noise(chance: random.Random, number: int) -> bytes:
    return chance.randbytes(chance.randrange(300))


def _many(chance: random.Random, number: int) -> bytes:
    count = chance.choice((0, 1, 3, 20))
    deals: list[Any] = [_facts(chance, number * 100 + at) for at in range(count)]
    deals += [chance.choice((None, [], 7, "x", {"deal_id": None}))] if chance.random() < 0.3 else []
    return json.dumps({"deals": deals}).encode()


def _event(chance: random.Random, number: int) -> bytes:
    data = chance.choice((None, 7, {}, {"deal": _facts(chance, number)}, {"deal": None, "outcome": {"status": "won"}}))
    kind = chance.choice(("deal.changed", "deal.closed", "deal.\u202e", "", None, 1))
    return json.dumps({"id": chance.choice(("e-1", "", None, 3)), "type": kind, "data": data}).encode()


def _form(chance: random.Random, number: int) -> bytes:
    names = (
        b"event",
        b"auth[application_token]",
        b"data[FIELDS][ID]",
        b"data[FIELDS][ID",
        b"[[]]",
        b"name",
        b"password",
    )
    values = (
        b"ONCRMDEALUPDATE",
        b"%d" % number,
        b"%ff%fe",
        b"%00",
        b"%",
        b"%D1%8F",
        b"a" * 5_000,
        b"",
        b"\xff\xfe",
        b"x&y=1",
    )
    pairs = [chance.choice(names) + b"=" + chance.choice(values) for _ in range(chance.randrange(8))]
    return b"&".join(pairs)
