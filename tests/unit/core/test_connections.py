"""Connections by hand: slow ones, large ones, too many, and honest ones beside them."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from src.core import connections
from src.core.config import Settings
from src.core.connections import MAX_HEAD_BYTES, MAX_HEADERS, GuardedProtocol
from tests.support.forgeries import SETTINGS
from tests.support.gateway_local import Reader, Writer, exchange, raw_connection

GET = b"GET / HTTP/1.1\r\nhost: a\r\n"
CLOSE = b"connection: close\r\n\r\n"


class Upload:
    """Answers with the size of a body; `/stream` until it is told to end. Keeps what became of requests."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.over = asyncio.Event()
        self.gone = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        request = Request(scope, receive)
        if request.url.path == "/huge":
            response: Any = StreamingResponse(huge())
        elif request.url.path == "/stream":
            response = StreamingResponse(self.pieces())
        else:
            try:
                response = PlainTextResponse(str(len(await request.body())))
            except ClientDisconnect:
                self.gone += 1
                return
        try:
            await response(scope, receive, send)
        finally:
            self.over.set()

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def pieces(self) -> AsyncIterator[bytes]:
        yield b"begun "
        await self.end.wait()
        yield b"ended"


async def huge() -> AsyncIterator[bytes]:
    for _ in range(1000):
        yield b"x" * 65536


class Running:
    def __init__(self, port: int, app: Upload, server: uvicorn.Server) -> None:
        self.port, self.app, self.server = port, app, server


Serve = Callable[..., Any]


@asynccontextmanager
async def serving(**changes: Any) -> AsyncIterator[Running]:
    """The protocol in front of an app that reads bodies, with these settings."""
    app = Upload()
    settings = Settings.model_validate({**SETTINGS, **changes})
    config = uvicorn.Config(app, http=GuardedProtocol, ws="none", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    config.load()
    server.lifespan = config.lifespan_class(config)
    server.lifespan.state["settings"] = settings
    await server.startup(sockets=[listener])
    try:
        yield Running(listener.getsockname()[1], app, server)
    finally:
        app.end.set()
        await server.shutdown(sockets=[listener])


@pytest.fixture(autouse=True)
def quick_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_SWEEP_SECONDS", 0.01)


def problem_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    document = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % document["status"])
    return document["status"], document["code"]


def ok(answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), answer
    return body


HEADS: dict[str, tuple[bytes, tuple[int, str]]] = {
    "too many headers": (GET + b"x: y\r\n" * MAX_HEADERS + CLOSE, (431, "headers_too_large")),
    "one large header": (GET + b"x: " + b"y" * MAX_HEAD_BYTES + b"\r\n" + CLOSE, (431, "headers_too_large")),
    "a header without end": (GET + b"x: " + b"y" * 500_000, (431, "headers_too_large")),
    "a header name without end": (GET + b"y" * 500_000, (431, "headers_too_large")),
    "a long target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: a\r\n" + CLOSE, (414, "uri_too_long")),
    "a target without end": (b"GET /" + b"a" * 500_000, (431, "headers_too_large")),
    "no HTTP": (b"\x16\x03\x01hello\r\n\r\n", (400, "malformed_request")),
    "two lengths": (
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n" + CLOSE,
        (400, "malformed_request"),
    ),
}


async def test_heads_are_bounded() -> None:
    async with serving() as server:
        for name, (sent, expected) in HEADS.items():
            assert problem_of(await exchange(server.port, sent)) == expected, name
        longest = b"x: " + b"y" * (MAX_HEAD_BYTES - 200) + b"\r\n"
        assert ok(await exchange(server.port, GET + longest + CLOSE)) == b"0"
        body = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n" + CLOSE + b"b" * 100_000
        assert ok(await exchange(server.port, body)) == b"100000"


async def drip(reader: Reader, writer: Writer, head: bytes, piece: bytes) -> bytes:
    """What is answered to a client that sends a piece now and then and never comes to an end."""
    writer.write(head)
    answer = asyncio.ensure_future(reader.read())
    while not answer.done():
        writer.write(piece)
        await asyncio.wait([answer], timeout=0.02)
    return answer.result()


@pytest.mark.parametrize("piece", [b"x: y\r\n", b"x"])
async def test_a_head_that_drips_is_ended(piece: bytes) -> None:
    async with serving(header_seconds=0.2) as server, raw_connection(server.port) as connection:
        assert problem_of(await drip(*connection, GET, piece)) == (408, "request_timeout")


async def test_a_body_that_drips_is_ended_and_one_that_flows_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n"
    async with serving(body_seconds=0.2) as server:
        async with raw_connection(server.port) as connection:
            assert problem_of(await drip(*connection, head, b"b")) == (408, "request_timeout")
        assert server.app.gone == 1
        monkeypatch.setattr(connections, "MIN_BYTES_PER_SECOND", 1)
        async with raw_connection(server.port) as (reader, writer):
            writer.write(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 30\r\nconnection: close\r\n\r\n")
            for _ in range(30):  # longer than body_seconds, and faster than the least
                writer.write(b"b")
                await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0.02))])
            assert ok(await reader.read()) == b"30"


async def test_a_silent_connection_is_closed_and_one_that_serves_is_not() -> None:
    async with serving(header_seconds=0.1, body_seconds=0.1) as server, AsyncExitStack() as stack:
        reader, writer = await stack.enter_async_context(raw_connection(server.port))
        silent, _ = await stack.enter_async_context(raw_connection(server.port))
        writer.write(b"GET /stream HTTP/1.1\r\nhost: a\r\n" + CLOSE)
        assert await silent.read() == b""
        server.app.end.set()
        assert b"ended" in await reader.read()


async def test_a_client_that_does_not_read_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_SEND_SECONDS", 0.2)
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(b"GET /huge HTTP/1.1\r\nhost: a\r\n\r\n")
        await server.app.over.wait()
        assert len(await drained(reader)) < 65_536_000
        writer.close()


async def drained(reader: Reader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_the_connection_idle_for_the_longest_time_makes_room() -> None:
    async with serving(max_connections=3) as server, AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(raw_connection(server.port)) for _ in range(20)]
        for _ in range(3):
            assert ok(await exchange(server.port, GET + CLOSE)) == b"0"
        for reader, _ in idle[:17]:
            assert await drained(reader) == b""


async def test_connections_that_are_served_are_not_closed_for_others() -> None:
    async with serving(max_connections=2) as server, AsyncExitStack() as stack:
        served = [await stack.enter_async_context(raw_connection(server.port)) for _ in range(2)]
        for reader, writer in served:
            writer.write(b"GET /stream HTTP/1.1\r\nhost: a\r\n" + CLOSE)
            assert b"begun" in await reader.readuntil(b"begun")
        assert problem_of(await exchange(server.port, b"")) == (503, "unavailable")
        server.app.end.set()
        for reader, _ in served:
            assert b"ended" in await reader.read()
        assert ok(await exchange(server.port, GET + CLOSE)) == b"0"


async def test_one_address_has_only_so_many_connections() -> None:
    async with serving(max_connections_per_address=2) as server, AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(raw_connection(server.port))
        assert problem_of(await exchange(server.port, b"")) == (503, "unavailable")
    async with serving(max_connections_per_address=2, trusted_proxy_hops=1) as server, AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(raw_connection(server.port))
        assert ok(await exchange(server.port, GET + CLOSE)) == b"0"  # all of them are a proxy's


async def test_a_connection_serves_one_request_after_another() -> None:
    async with serving(header_seconds=5) as server:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
            for size in (0, 1, 70_000):
                assert (await client.post("/", content=b"b" * size)).text == str(size)
        two = await exchange(server.port, GET + b"\r\n" + GET + CLOSE)
        assert two.count(b"HTTP/1.1 200 ") == 2
