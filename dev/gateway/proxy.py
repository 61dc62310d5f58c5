"""Passing a request on to PostgREST and its answer back, both as streams and both unchanged."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from dev.gateway.apikeys import Headers
from dev.gateway.connection import Head, UpstreamConnection, UpstreamError
from dev.gateway.upstream import UpstreamPool

ANSWER_SECONDS: Final = 60  # until the answer begins, and then between two chunks of it
HUNG_UP: Final = 0  # a limit that has always passed
HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_NOT_SENT_ON: Final = HOP_BY_HOP | {b"host", b"expect", b"content-length"}
_log = logging.getLogger("dev.gateway")


class ClientGoneError(Exception):
    """The client hung up in the middle of its request: there is nobody to answer."""


class Proxy:
    """Forwards to the upstream; `strip` is the length of the path's prefix that PostgREST does not know."""

    def __init__(self, upstream: UpstreamPool, strip: int) -> None:
        self._upstream = upstream
        self._strip = strip

    async def forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; when the client hangs up, so do we."""
        length, chunked = _framing(scope["headers"])
        has_body = chunked or length not in {None, b"0"}
        sent = asyncio.Event()
        if not has_body:
            sent.set()
        chunks = _chunks_of(receive, sent, chunked=chunked) if has_body else None
        limit = asyncio.timeout(ANSWER_SECONDS)
        watcher = asyncio.create_task(_hangs_up(receive, sent, limit))
        try:
            await self._exchange(scope, chunks, send, limit)
        finally:
            watcher.cancel()

    async def _exchange(
        self, scope: Scope, chunks: AsyncIterator[bytes] | None, send: Send, limit: asyncio.Timeout
    ) -> None:
        begun = False
        try:
            async with limit:
                connection, head = await self._ask(scope, chunks)
                begun = True
                try:
                    await _relay(connection, head, send, limit)
                finally:
                    self._upstream.give_back(connection)
        except (UpstreamError, TimeoutError) as error:
            if begun:
                # The answer is left unfinished, so that the client notices.
                _log.error("an answer of PostgREST broke off (%s)", type(error).__name__)
            elif isinstance(error, UpstreamError):
                await _fail(scope, send, 503, "PostgREST is not reachable: the database API is down.")
            elif limit.when() != HUNG_UP:
                await _fail(scope, send, 504, "The upstream server is timing out")
        except ClientGoneError:
            return

    async def _ask(self, scope: Scope, chunks: AsyncIterator[bytes] | None) -> tuple[UpstreamConnection, Head]:
        method = scope["method"]
        request = self._request_head(scope)
        kept = self._upstream.take_kept()
        if kept is not None:
            try:
                return kept, await _send(kept, method, request, chunks)
            except UpstreamError:
                # Closed just now. Only what changes nothing is sent again: the rest may have been done.
                if method not in {"GET", "HEAD"} or chunks is not None:
                    raise
        fresh = await self._upstream.open()
        return fresh, await _send(fresh, method, request, chunks)

    def _request_head(self, scope: Scope) -> bytes:
        headers: Headers = scope["headers"]
        target = scope["raw_path"][self._strip :] or b"/"
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        method = scope["method"].encode()
        dropped = _NOT_SENT_ON | _named_in_connection(headers)
        lines = [
            method + b" " + target + b" HTTP/1.1",
            b"host: " + self._upstream.host_header,
        ]
        lines += [name + b": " + value for name, value in headers if name not in dropped]
        length, chunked = _framing(headers)
        if chunked:
            lines.append(b"transfer-encoding: chunked")
        elif length is not None:
            lines.append(b"content-length: " + length)
        return b"\r\n".join([*lines, b"", b""])


async def _send(
    connection: UpstreamConnection, method: str, request: bytes, chunks: AsyncIterator[bytes] | None
) -> Head:
    try:
        await connection.send(method, request, chunks)
        return await connection.head()
    except BaseException:  # also when cancelled: half an exchange leaves a connection that nobody may use
        connection.abort()
        raise


async def _relay(connection: UpstreamConnection, head: Head, send: Send, limit: asyncio.Timeout) -> None:
    dropped = HOP_BY_HOP | _named_in_connection(head.headers)
    kept = [header for header in head.headers if header[0] not in dropped]
    await send({"type": "http.response.start", "status": head.status, "headers": kept})
    loop, more = asyncio.get_running_loop(), True
    while more:
        chunk, more = await connection.read()
        await send({"type": "http.response.body", "body": chunk, "more_body": more})
        if more and limit.when() != HUNG_UP:
            limit.reschedule(loop.time() + ANSWER_SECONDS)


async def _fail(scope: Scope, send: Send, status: int, message: str) -> None:
    _log.error("%s answered %d: %s", scope["method"], status, message)
    await JSONResponse({"message": message}, status)(scope, _nothing, send)


async def _nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}


async def _chunks_of(receive: Receive, sent: asyncio.Event, *, chunked: bool) -> AsyncIterator[bytes]:
    """The request body as it goes on the wire."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        if chunk:
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunked else chunk
    if chunked:
        yield b"0\r\n\r\n"
    sent.set()


async def _hangs_up(receive: Receive, sent: asyncio.Event, limit: asyncio.Timeout) -> None:
    """End the exchange when the client closes, as its limit would: at once, and safely wherever it stands.

    Only once the body is read, which has its own reader until then.
    """
    await sent.wait()
    while (await receive())["type"] != "http.disconnect":
        pass
    with contextlib.suppress(RuntimeError):  # it has just ended by itself
        limit.reschedule(HUNG_UP)


def _framing(headers: Headers) -> tuple[bytes | None, bool]:
    """The length of the body if the client said it, and whether it comes in chunks instead."""
    found = {name: value for name, value in headers if name in {b"content-length", b"transfer-encoding"}}
    return found.get(b"content-length"), b"transfer-encoding" in found


def _named_in_connection(headers: Headers) -> set[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    return {name.strip().lower() for value in values for name in value.split(b",")}
