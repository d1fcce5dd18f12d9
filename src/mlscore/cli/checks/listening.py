"""Whether a service could listen where it is told to, looked at before it starts."""

from __future__ import annotations

import errno
import socket
from contextlib import closing


def in_the_way(host: str, port: int) -> OSError | None:
    """Take the address and give it back; return what stands in the way, None where a service could take it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as taken:
            # As the service does: what the last one left behind does not count as in use.
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
    except OSError as error:
        return error
    return None


def what_to_do(host: str, port: int, error: OSError) -> str:
    """Say what stands in the way, and how it is done away with."""
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is in use: stop what runs there, or set MLSCORE_PORT to a free port"
    return f"cannot listen on {where} ({error.strerror}): set MLSCORE_HOST to an address of this machine"
