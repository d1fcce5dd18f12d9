"""Calls go to the vetted address and nowhere else: no redirect, no second look-up, no other host, no endless answer."""

import gzip
from ipaddress import ip_address
from itertools import chain, repeat

import pytest
from httpx2 import BaseTransport, ByteStream, HTTPTransport, Request, Response

from mlscore.outgoing import Allowed, open_caller
from mlscore.outgoing.calling import VettedTransport
from mlscore.outgoing.cutting import Line
from mlscore.scoring.errors import AddressError, UnreachableError
from tests.fakes import FakeClock
from tests.outgoing.servers import Portal, a_certificate, a_portal, a_talker

PUBLIC = "93.184.216.34"
HERE = "127.0.0.1"
LOOPBACK = Allowed.of("127.0.0.0/8, http://crm.example")


class Resolver:
    """Leads to one address after another, the last one for good; `asked` counts."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    def __call__(self, _host: str, _port: int):
        self.asked += 1
        return [ip_address(self.addresses[min(self.asked, len(self.addresses)) - 1])]


class Recording(BaseTransport):
    """Connects to nobody; remembers where it was sent."""

    def __init__(self, response: Response | None = None) -> None:
        self.sent: list[Request] = []
        self.response = response or Response(200, stream=ByteStream(b"ok"))

    def handle_request(self, request: Request) -> Response:
        self.sent.append(request)
        return self.response


def test_a_portal_is_called_by_its_name_at_the_address_it_leads_to():
    with a_portal(Portal()) as portal:
        url = f"http://crm.example:{portal.port}/rest/"
        with open_caller(url, allowed=LOOPBACK, resolve=Resolver(HERE)) as client:
            assert client.get("crm.deal.get", params={"id": 1}).json() == {"result": 1}
    assert portal.asked == [(f"crm.example:{portal.port}", "/rest/crm.deal.get?id=1")]


def test_over_tls_the_certificate_is_that_of_the_name_not_of_the_address(tmp_path):
    server, trusting = a_certificate(tmp_path, "crm.example")
    with a_portal(Portal(), server) as portal:
        calls = [(f"https://{host}:{portal.port}/", host) for host in ("crm.example", "other.example")]
        for url, host in calls:
            with open_caller(url, allowed=LOOPBACK, resolve=Resolver(HERE), verify=trusting) as client:
                if host == "crm.example":
                    assert client.get("/").status_code == 200
                else:
                    with pytest.raises(UnreachableError):
                        client.get("/")
    assert len(portal.asked) == 1


def test_a_name_that_moves_inside_after_it_was_saved_is_refused_at_the_call():
    rebinding = Resolver(PUBLIC, HERE)
    with (
        a_portal(Portal()) as portal,
        open_caller(f"https://crm.example:{portal.port}/", resolve=rebinding) as client,
        pytest.raises(AddressError),
    ):
        client.get("/")
    assert (rebinding.asked, portal.asked) == (2, [])


def test_the_address_vetted_is_the_one_connected_to_and_is_looked_up_only_once():
    resolver, inner = Resolver(PUBLIC, HERE), Recording()
    VettedTransport(inner, "https://crm.example/", resolve=resolver).handle_request(
        Request("GET", "https://crm.example/x")
    )
    [sent] = inner.sent
    assert (sent.url.host, sent.headers["host"], sent.extensions["sni_hostname"]) == (
        PUBLIC,
        "crm.example",
        "crm.example",
    )
    assert resolver.asked == 1


@pytest.mark.parametrize("peer", [HERE, "10.0.0.1", "::1", "fe80::1%eth0"])
def test_an_answer_from_inside_is_not_read_though_it_was_asked_outside(peer):
    class Stream:
        def get_extra_info(self, _name: str) -> tuple[str, int]:
            return peer, 443

    inner = Recording(Response(200, stream=ByteStream(b"secret"), extensions={"network_stream": Stream()}))
    transport = VettedTransport(inner, "https://crm.example/", resolve=Resolver(PUBLIC))
    with pytest.raises(AddressError, match="from inside"):
        transport.handle_request(Request("GET", "https://crm.example/"))


def test_a_redirect_is_told_and_not_followed():
    inside = Portal()
    with (
        a_portal(inside),
        a_portal(Portal(status=302, headers={"Location": f"http://127.0.0.1:{inside.port}/"})) as portal,
        open_caller(f"http://crm.example:{portal.port}/", allowed=LOOPBACK, resolve=Resolver(HERE)) as client,
    ):
        assert client.get("/").status_code == 302
    assert inside.asked == []


@pytest.mark.parametrize("url", ["https://other.example/", "http://crm.example/", "https://crm.example:8443/"])
def test_a_caller_goes_to_no_other_host_scheme_or_port(url):
    inner = Recording()
    transport = VettedTransport(inner, "https://crm.example/", allowed=LOOPBACK, resolve=Resolver(PUBLIC))
    with pytest.raises(AddressError, match="alone"):
        transport.handle_request(Request("GET", url))
    assert inner.sent == []


def test_an_answer_without_end_is_cut_off():
    with a_portal(Portal(body=b"x" * 200_000)) as portal:
        url = f"http://crm.example:{portal.port}/"
        with (
            open_caller(url, allowed=LOOPBACK, resolve=Resolver(HERE), bytes_at_most=100_000) as client,
            pytest.raises(UnreachableError, match="longer"),
        ):
            client.get("/")


def test_an_answer_that_drips_is_cut_off_at_its_time():
    clock = FakeClock()

    def drip():
        while True:
            clock.wait(9)
            yield b"x"

    inner = Recording(Response(200, content=drip()))
    transport = VettedTransport(inner, "https://crm.example/", resolve=Resolver(PUBLIC), monotonic=clock.monotonic)
    answer = transport.handle_request(Request("GET", "https://crm.example/"))
    with pytest.raises(UnreachableError):
        answer.read()
    assert clock.seconds < 70


def test_an_answer_that_could_unpack_to_anything_is_not_unpacked():
    bomb = gzip.compress(b"0" * 1_000_000)
    with a_portal(Portal(body=bomb, headers={"Content-Encoding": "gzip"})) as portal:
        url = f"http://crm.example:{portal.port}/"
        with (
            open_caller(url, allowed=LOOPBACK, resolve=Resolver(HERE)) as client,
            pytest.raises(AddressError, match="compressed"),
        ):
            client.get("/")


def test_the_proxy_and_the_passwords_of_the_environment_are_not_heeded(monkeypatch, tmp_path):
    with a_portal(Portal()) as portal:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        (tmp_path / ".netrc").write_text("machine crm.example login a password b\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        with open_caller(f"http://crm.example:{portal.port}/", allowed=LOOPBACK, resolve=Resolver(HERE)) as client:
            answer = client.get("/")
    assert answer.status_code == 200
    assert "authorization" not in answer.request.headers


def test_a_portal_that_is_down_is_told_without_its_address():
    with (
        open_caller("http://crm.example:1/", allowed=LOOPBACK, resolve=Resolver(HERE)) as client,
        pytest.raises(UnreachableError) as refused,
    ):
        client.get("/rest/secret-token/")
    assert "secret-token" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_told_as_none(answer):
    with (
        a_talker([answer]) as port,
        open_caller(f"http://crm.example:{port}/", allowed=LOOPBACK, resolve=Resolver(HERE)) as client,
        pytest.raises(UnreachableError, match="does not answer"),
    ):
        client.get("/")


def test_an_answer_is_taken_though_its_sender_has_hung_up_already():
    class Forgotten:
        def get_extra_info(self, _name: str) -> tuple[str, int]:
            raise OSError(107, "Transport endpoint is not connected")

    class Connecting(Recording):
        def handle_request(self, request: Request) -> Response:
            request.extensions["trace"]("connection.connect_tcp.complete", {"return_value": Known()})
            return super().handle_request(request)

    class Known:
        def get_extra_info(self, _name: str) -> tuple[str, int]:
            return PUBLIC, 443

    def asked(sort: type[Recording]) -> Response:
        answer = Response(200, stream=ByteStream(b"thanks"), extensions={"network_stream": Forgotten()})
        transport = VettedTransport(sort(answer), "https://crm.example/", resolve=Resolver(PUBLIC))
        return transport.handle_request(Request("GET", "https://crm.example/"))

    assert asked(Connecting).read() == b"thanks"
    with pytest.raises(AddressError):  # nor is it taken where nobody knows whose it is
        asked(Recording)


def test_the_other_end_of_an_earlier_connection_is_not_taken_for_that_of_this_one():
    class Stream:
        def __init__(self, *told: tuple[str, int]) -> None:
            self.told = told

        def get_extra_info(self, _name: str) -> tuple[str, int]:
            if not self.told:
                raise OSError(107, "Transport endpoint is not connected")
            return self.told[0]

    line = Line()
    line.note("connection.connect_tcp.complete", {"return_value": Stream((PUBLIC, 443))})
    line.note("connection.start_tls.complete", {"return_value": Stream()})
    assert line.peer == PUBLIC
    line.note("connection.connect_tcp.complete", {"return_value": Stream()})
    assert line.peer is None


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b""], ids=["a header", "please wait"])
def test_a_head_that_never_ends_is_cut_off_at_its_time(head):
    part = b"x" if head else b"HTTP/1.1 100 Continue\r\n\r\n"
    with a_talker(chain([head], repeat(part)), pause=0.01) as port:
        url = f"http://crm.example:{port}/"
        with (
            VettedTransport(
                HTTPTransport(), url, allowed=LOOPBACK, resolve=Resolver(HERE), seconds_at_most=0.2
            ) as transport,
            pytest.raises(UnreachableError),
        ):
            transport.handle_request(Request("GET", url))


def test_an_answer_of_unknown_length_that_is_cut_off_is_not_taken_for_whole():
    with a_talker([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1,", b"2]"], pause=1) as port:
        url = f"http://crm.example:{port}/"
        with VettedTransport(
            HTTPTransport(), url, allowed=LOOPBACK, resolve=Resolver(HERE), seconds_at_most=0.2
        ) as transport:
            answer = transport.handle_request(Request("GET", url))
            with pytest.raises(UnreachableError):
                answer.read()
