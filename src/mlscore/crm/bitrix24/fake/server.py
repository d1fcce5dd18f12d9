"""The portal as an HTTP server on the loopback, and whatever breaks between it and who calls."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import urlsplit

from mlscore.crm.bitrix24.fake.admin import Admin
from mlscore.crm.bitrix24.fake.php import Json, parse
from mlscore.crm.bitrix24.fake.portal import FakePortal

HOST = "127.0.0.1"
_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_BAD_GATEWAY, _NOT_FOUND = 502, 404
_HANG_UP_AT_ONCE = struct.pack("ii", 1, 0)
_REST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Served:
    """A portal that listens: `webhook` is the address of its incoming webhook, and as secret as the real one's."""

    portal: FakePortal
    admin: Admin
    url: str

    @property
    def webhook(self) -> str:
        """The address that calls begin with."""
        return f"{self.url}/rest/{self.portal.user}/{self.portal.code}/"


@contextmanager
def serve_portal(portal: FakePortal | None = None, *, port: int = 0) -> Iterator[Served]:
    """Serve a portal on the loopback until the end of the block; port 0 takes a free one."""
    made = portal or FakePortal()
    admin = Admin(made)
    handler = type("Handler", (_Handler,), {"portal": made, "admin": admin})
    with _Server((HOST, port), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield Served(made, admin, f"http://{HOST}:{server.server_address[1]}")
        finally:
            server.shutdown()
            thread.join()
            made.courier.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Json, client_address: Json) -> None:
        """Say nothing of callers who hang up."""


class _Handler(BaseHTTPRequestHandler):
    portal: ClassVar[FakePortal]
    admin: ClassVar[Admin]
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a call whose parameters are in the address."""
        self._answer(lambda: parse(urlsplit(self.path).query))

    def do_POST(self) -> None:
        """Answer a call whose parameters are a form or JSON."""
        self._answer(self._body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the address is a secret."""

    def _answer(self, read: Callable[[], Json]) -> None:
        given = read()
        parts = [part for part in urlsplit(self.path).path.split("/") if part]
        if parts[:1] == ["admin"]:
            self._send(*self.admin.answer(parts[1:], given))
            return
        portal = self.portal
        with portal.lock:
            broken, wait = portal.faults.break_of(portal.chance), portal.faults.wait_of(portal.chance)
        if broken == "before":
            self._hang_up()
            return
        if broken == "page":
            self._send(_BAD_GATEWAY, _PAGE)
            return
        time.sleep(wait)  # the slowness that a drill or a test has switched on
        if len(parts) != _REST_PARTS or parts[0] != "rest":
            self._send(_NOT_FOUND, b"")
            return
        _, user, code, method = parts
        status, body = portal.answer(user, code, method.removesuffix(".json"), given)
        if broken == "after":
            self._hang_up()
            return
        self._send(status, body)

    def _body(self) -> Json:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "json" in self.headers.get("Content-Type", ""):
            return json.loads(raw or b"{}") or {}
        return parse(raw.decode())

    def _send(self, status: int, body: dict[str, Json] | list[Json] | bytes) -> None:
        written = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def _hang_up(self) -> None:
        """Drop the connection as a broken line does: with a reset, and without a word."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HANG_UP_AT_ONCE)
        self.connection.close()
