"""One HTTP/1.1 connection to PostgREST.

Our own, on the parser uvicorn uses, because the gateway must not change a request: pyreqwest rewrites the
target (`'` becomes `%27`, `/a/../b` becomes `/b`), and aiohttp costs several times as much CPU in a process
that every request of the API goes through.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, NamedTuple, cast

import httptools

HIGH_WATER: Final = 256 * 1024  # bytes waiting for a slow client before the upstream is held back


class UpstreamError(Exception):
    """The upstream is not there, went away, or did not speak HTTP."""


class Head(NamedTuple):
    """Status and headers (lower-case names, in their order) of an answer."""

    status: int
    headers: list[tuple[bytes, bytes]]


class UpstreamConnection(asyncio.Protocol):
    """Sends one request at a time and hands out the answer as it comes."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._lost = False
        self._begin("")

    def _begin(self, method: str) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._is_head_request = method == "HEAD"
        self._head: asyncio.Future[Head] = self._loop.create_future()
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._complete = False
        self._until_close = False
        self._reusable = False
        self._sent = False
        self._arrival: asyncio.Future[None] | None = None

    # Called by the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not one by class

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio passes it
        self._lost = True
        self._writable.set()
        if self._until_close and self._head.done():
            self._complete = True
        if not self._head.done():
            self._head.set_exception(UpstreamError("the connection was closed"))
            self._head.exception()  # seen: nobody has to wait for it
        self._wake()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # Called by the parser.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        headers, self._headers = self._headers, []
        if status < 200 or self._head.done():
            return  # an interim answer
        names = {name for name, _ in headers}
        without_body = status in {204, 304} or self._is_head_request
        self._until_close = not without_body and not names & {b"content-length", b"transfer-encoding"}
        self._head.set_result(Head(status, headers))
        self._writable.set()  # whoever still waits to send the body need not
        if self._is_head_request:
            # The parser would wait for the body that the headers describe: this connection ends here.
            self._complete = True

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)
        self._waiting += len(body)
        if self._waiting > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if not self._head.done():
            return  # of an interim answer
        self._complete = True
        self._reusable = not self._is_head_request and self._parser.should_keep_alive()
        self._wake()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    # Called by the proxy.

    @property
    def idle(self) -> bool:
        """Whether the last answer is complete and another request may follow."""
        return self._sent and self._reusable and not self._chunks and not self._lost

    async def send(self, method: str, head: bytes, body: AsyncIterator[bytes] | None) -> None:
        """Send a request whose `head` ends with its empty line, and the body's chunks unchanged."""
        self._begin(method)
        if self._lost or self._transport is None:
            raise UpstreamError("the connection was closed")
        self._transport.write(head)
        if body is not None:
            async for chunk in body:
                await self._writable.wait()
                if self._head.done():
                    return  # answered already, or gone: the head tells
                self._transport.write(chunk)
        self._sent = True

    async def head(self) -> Head:
        """The answer's status and headers. UpstreamError when the connection ends first."""
        return await asyncio.shield(self._head)

    async def read(self) -> tuple[bytes, bool]:
        """The part of the body that has arrived, and whether more follows. UpstreamError when it breaks off."""
        while not self._chunks and not self._complete:
            if self._lost:
                raise UpstreamError("the connection was closed in the middle of an answer")
            self._arrival = self._loop.create_future()
            await self._arrival
        content = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        if self._waiting > HIGH_WATER and self._transport is not None and not self._lost:
            self._transport.resume_reading()
        self._waiting = 0
        return content, not self._complete

    def abort(self) -> None:
        """Close at once; PostgREST then cancels what it was doing."""
        if self._transport is not None and not self._lost:
            self._transport.abort()
