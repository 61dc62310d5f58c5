"""The connections to PostgREST: opened when needed, kept while they are used."""

import asyncio
from collections import deque
from typing import Final

from dev.gateway.connection import UpstreamConnection, UpstreamError

CONNECT_SECONDS: Final = 5
# PostgREST closes a silent connection after 30 s; one reused just then would lose its request.
KEEP_SECONDS: Final = 10
KEEP_AT_MOST: Final = 64


class UpstreamPool:
    """A pool without an upper bound: whoever may talk to the gateway may talk to PostgREST."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._kept: deque[tuple[UpstreamConnection, float]] = deque()
        self.host_header = f"{host}:{port}".encode()

    def take_kept(self) -> UpstreamConnection | None:
        """A connection that has served before, the one used last first; None when there is none."""
        oldest = asyncio.get_running_loop().time() - KEEP_SECONDS
        while self._kept:
            connection, since = self._kept.pop()
            if connection.idle and since > oldest:
                return connection
            connection.abort()
        return None

    async def open(self) -> UpstreamConnection:
        """A new connection. UpstreamError when nobody listens."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(UpstreamConnection, self._host, self._port)
        except (OSError, TimeoutError) as error:
            raise UpstreamError(f"no connection ({type(error).__name__})") from error
        return connection

    def give_back(self, connection: UpstreamConnection) -> None:
        """Keep it for the next request, unless its answer was not read to the end."""
        if connection.idle and len(self._kept) < KEEP_AT_MOST:
            self._kept.append((connection, asyncio.get_running_loop().time()))
        else:
            connection.abort()

    def close(self) -> None:
        """Close what is kept."""
        while self._kept:
            self._kept.pop()[0].abort()
