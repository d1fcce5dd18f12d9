"""Tells addresses on the public internet from those inside, whatever they are disguised as."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from httpx2 import URL, InvalidURL

from mlscore.scoring.errors import AddressError, FaultyInputError, UnreachableError

Ip = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[Ip]]
"""Returns every address of a host, as the system would connect to it. Raises OSError."""

_NAT64 = ip_network("64:ff9b::/96")
_HTTP = "http://"
_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_PORT_AT_MOST = 65_535


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be called beyond the public internet: networks, hosts in a private network, hosts without TLS."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    without_tls: frozenset[str] = frozenset()

    @classmethod
    def of(cls, written: str) -> Self:
        """Read `10.1.0.0/16, crm.local, http://old-crm.local`. Raises FaultyInputError."""
        networks, hosts, without_tls = [], set(), set()
        for one in written.replace(",", " ").split():
            host = one.removeprefix(_HTTP).rstrip("/").lower()
            if one.startswith(_HTTP):
                without_tls.add(host)
            if "/" not in host:
                hosts.add(host)
                continue
            try:
                networks.append(ip_network(host))
            except ValueError:
                raise FaultyInputError(f"MLSCORE_OUTGOING_ALLOWED takes hosts and networks, not {one!r}.") from None
        return cls(tuple(networks), frozenset(hosts), frozenset(without_tls))

    def has(self, host: str, ip: Ip) -> bool:
        """Tell whether an address may be called under this name."""
        if any(ip.version == network.version and ip in network for network in self.networks) or is_public(ip):
            return True
        # A name is trusted with the private network; with this machine and its metadata service, no name is.
        is_apart = ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip.is_reserved
        return host.lower() in self.hosts and ip.is_private and not is_apart


def check_address(url: str, *, allowed: Allowed, resolve: Resolve | None = None) -> Ip:
    """Return where to connect to for an address. To be asked when it is saved, and again whenever it is called.

    Raises AddressError where it may not be called, and UnreachableError where its host has no address.
    """
    host, port = _host_and_port(url, allowed)
    try:
        found = (resolve or resolve_by_system)(host, port)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise UnreachableError(f"The host {host!r} has no address: check how it is spelt.", host=host)
    inside = [ip for ip in found if not allowed.has(host, _plain(ip))]
    if inside:
        raise AddressError(
            f"The host {host!r} leads to {inside[0]}, which is not on the public internet. "
            "If it is a CRM of your own, the administrator can name it in MLSCORE_OUTGOING_ALLOWED.",
            host=host,
        )
    return found[0]


def is_public(ip: Ip) -> bool:
    """Tell whether an address is on the public internet, and whatever it carries inside is too."""
    ip = _plain(ip)
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.sixtofour is not None or ip.teredo is not None or ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve_by_system(host: str, port: int) -> Sequence[Ip]:
    """Ask the system, which also reads numbers as addresses: 0x7f.1, 2130706433."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(address[0].partition("%")[0]) for *_, address in found if isinstance(address[0], str)]


def _host_and_port(url: str, allowed: Allowed) -> tuple[str, int]:
    try:
        parsed = URL(url)
    except InvalidURL:
        raise AddressError("This is no web address: write https://host/path.") from None
    host = parsed.host.rstrip(".")
    has_tls = parsed.scheme == "https"
    if not has_tls and not (parsed.scheme == "http" and host.lower() in allowed.without_tls):
        said = "Only https:// addresses are called: what is sent must not be read on the way. For a program of your own"
        raise AddressError(f"{said}, the administrator can name http://{host} in MLSCORE_OUTGOING_ALLOWED.", host=host)
    port = parsed.port or (443 if has_tls else 80)
    if parsed.userinfo or not _HOST.fullmatch(parsed.raw_host.decode()) or port > _PORT_AT_MOST:
        raise AddressError("Write the address as https://host/path, without a name or a password in it.", host=host)
    return host, port


def _plain(ip: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 one only stands for."""
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
