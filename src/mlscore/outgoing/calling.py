"""Calls one host: at an address just vetted, following nobody, and taking in no more than was asked for."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field
from ipaddress import ip_address
from threading import Timer
from typing import cast

from httpx2 import (
    BaseTransport,
    Client,
    HTTPTransport,
    Request,
    Response,
    SyncByteStream,
    Timeout,
    TransportError,
)

from mlscore.outgoing.cutting import Line
from mlscore.outgoing.vetting import Allowed, Resolve, check_address
from mlscore.scoring.errors import AddressError, UnreachableError

BYTES_AT_MOST = 10_000_000
SECONDS_AT_MOST = 60.0
_TIMEOUT = Timeout(10.0, connect=3.0)
NOBODY = Allowed()


@contextmanager
def open_caller(
    url: str,
    *,
    allowed: Allowed = NOBODY,
    resolve: Resolve | None = None,
    verify: ssl.SSLContext | bool = True,
    bytes_at_most: int = BYTES_AT_MOST,
) -> Iterator[Client]:
    """Give a client of one host, whose base address is `url`; to other hosts it does not go.

    It follows no redirect, heeds no proxy or password of the environment, and takes no compressed answer, which could
    unpack to anything. Raises AddressError and UnreachableError, as its calls do.
    """
    check_address(url, allowed=allowed, resolve=resolve)
    inner = HTTPTransport(verify=verify, trust_env=False)
    transport = VettedTransport(inner, url, allowed=allowed, resolve=resolve, bytes_at_most=bytes_at_most)
    with Client(
        base_url=url,
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=_TIMEOUT,
        headers={"Accept-Encoding": "identity"},
    ) as client:
        yield client


@dataclass(slots=True)
class VettedTransport(BaseTransport):
    """Asks for the address anew at every request and connects to just that one: a name that moves inside is refused.

    Connections are kept and used again, so one transport is for one host: TLS was shown to be its own.
    """

    inner: BaseTransport
    url: str
    _: KW_ONLY
    allowed: Allowed = NOBODY
    resolve: Resolve | None = None
    bytes_at_most: int = BYTES_AT_MOST
    seconds_at_most: float = SECONDS_AT_MOST
    monotonic: Callable[[], float] = time.monotonic
    _home: Request = field(init=False)
    _line: Line = field(default_factory=Line)

    def __post_init__(self) -> None:
        """Remember whose connections these are."""
        self._home = Request("GET", self.url)

    def handle_request(self, request: Request) -> Response:
        """Send one request. Raises AddressError, UnreachableError."""
        home = self._home.url
        if (request.url.scheme, request.url.host, request.url.port) != (home.scheme, home.host, home.port):
            raise AddressError(f"This caller is for {home.host!r} alone.", host=request.url.host)
        ip = check_address(str(request.url), allowed=self.allowed, resolve=self.resolve)
        vetted = Request(
            method=request.method,
            url=request.url.copy_with(host=str(ip)),
            headers=request.headers,  # with the name in Host, as it was asked for
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host, "trace": self._line.note},
        )
        until, cut = self.monotonic() + self.seconds_at_most, self._line.cut_after(self.seconds_at_most)
        try:
            response = self._answer(vetted)
        except BaseException:
            cut.cancel()
            raise
        body = _Bounded(cast("SyncByteStream", response.stream), self, until, cut)  # ours is no async transport
        return Response(response.status_code, headers=response.headers, stream=body, extensions=response.extensions)

    def close(self) -> None:
        """Give back the connections."""
        self.inner.close()

    def lost(self, error: Exception) -> UnreachableError:
        """Return the error of a host that did not answer, or not to the end."""
        host = self._home.url.host
        return UnreachableError(f"{host} does not answer ({type(error).__name__}).", host=host)

    def _answer(self, vetted: Request) -> Response:
        """Return the head of an answer, from where it may come and as it was asked for."""
        try:
            response = self.inner.handle_request(vetted)
        except TransportError as error:
            raise self.lost(error) from error
        self._check_peer(response)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.close()
            host = self._home.url.host
            raise AddressError(f"{host} answers compressed, though it was asked not to.", host=host)
        return response

    def _check_peer(self, response: Response) -> None:
        """Raise AddressError where, for all that, the other end is inside."""
        stream = response.extensions.get("network_stream")
        peer = self._line.peer
        with suppress(OSError):  # it hung up so soon that the system has forgotten who it was
            peer = peer if stream is None else stream.get_extra_info("server_addr")[0]
        host = self._home.url.host
        is_known = stream is None or peer is not None
        if not is_known or (peer is not None and not self.allowed.has(host, ip_address(peer.partition("%")[0]))):
            response.close()
            raise AddressError(f"The host {host!r} answered from inside.", host=host)


@dataclass(slots=True)
class _Bounded(SyncByteStream):
    """An answer's body, up to a size and an end."""

    inner: SyncByteStream
    transport: VettedTransport
    until: float
    cut: Timer

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        try:
            for part in self.inner:
                size += len(part)
                self._check(size)
                yield part
            self._check(size)  # an answer of unknown length that was cut looks whole
        except TransportError as error:
            raise self.transport.lost(error) from error

    def close(self) -> None:
        """Give back the connection."""
        self.cut.cancel()
        self.inner.close()

    def _check(self, size: int) -> None:
        if size > self.transport.bytes_at_most or self.transport.monotonic() > self.until:
            self.close()
            raise UnreachableError("The answer is longer, or takes longer, than any that was asked for.")
