"""Small things about ports and HTTP on loopback."""

import asyncio
import contextlib
import errno
import itertools
import secrets
import socket
from collections.abc import Mapping
from typing import Final

from dev.failure import StackError

HOST = "127.0.0.1"
# Systems take the ports of outgoing connections from 32768 upwards. Any connection could take a port from there between
# its choice and the start of its server, which is seconds where a server waits for Postgres to start first.
_PORTS: Final = range(10_000, 32_000)
# Each process begins somewhere else and goes on from there, so that stacks that start at once choose different ports.
_chosen: Final = itertools.count(secrets.randbelow(len(_PORTS)))


def free_port() -> int:
    """A TCP port that nobody listens on now, and that no outgoing connection takes before a server does."""
    return next(port for n in _chosen if is_free(port := _PORTS[n % len(_PORTS)]))


def is_free(port: int) -> bool:
    """Whether we could listen on the port."""
    with socket.socket() as probe:
        # As servers do, so that connections of a stopped server that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def require_free(port: int, what: str, option: str) -> None:
    """StackError when something already listens on the port."""
    if not is_free(port):
        raise StackError(f"Port {port} for {what} is in use: stop what uses it, or choose another with {option}.")


async def http_status(port: int, path: str, headers: Mapping[str, str]) -> int | None:
    """The status of `GET path` on loopback, or None when nothing answered within two seconds.

    By hand, since an HTTP client takes longer to import than the whole stack may take to start.
    """
    lines = [
        f"GET {path} HTTP/1.0",
        f"Host: {HOST}:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with contextlib.suppress(OSError, ValueError, IndexError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write("\r\n".join([*lines, "", ""]).encode())
                return int((await reader.readline()).split()[1])
            finally:
                writer.close()
    return None
