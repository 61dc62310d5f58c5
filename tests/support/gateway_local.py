"""A gateway in the test's own process, before an upstream that does as it is told, and a client that sends bytes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import httpx

from dev.auth.keys import KeyRing
from dev.gateway.config import GatewayConfig
from dev.gateway.server import server_for

PUBLISHABLE = "sb_publishable_for_tests"
SECRET = "sb_secret_for_tests"

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Request:
    """What arrived: the request line, the headers (lower-case names), the body as it was on the wire."""

    line: bytes
    headers: dict[str, str]
    body: bytes


Script = Callable[[Request, Reader, Writer], Awaitable[None]]


async def answer_ok(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
    """200 `ok`."""
    writer.write(OK)


def answering(content: bytes) -> Script:
    """A script that sends these bytes."""

    async def script(request: Request, reader: Reader, writer: Writer) -> None:  # a Script
        writer.write(content)

    return script


@dataclass
class FakeUpstream:
    """Keeps what arrives and runs the script for each request. The events: once it has happened at all."""

    script: Script = answer_ok
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    reads_bodies: bool = True
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        self.connected.set()
        try:
            while True:
                self.requests.append(request := await _read_request(reader, self.reads_bodies))
                self.arrived.set()
                await self.script(request, reader, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.closed.set()


async def _read_request(reader: Reader, with_body: bool) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    line, *rest = head.split(b"\r\n")
    headers = dict(entry.decode("latin-1").split(": ", 1) for entry in rest)
    if not with_body:
        return Request(line, headers, b"")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    if headers.get("transfer-encoding") == "chunked":
        body = await reader.readuntil(b"0\r\n\r\n")
    return Request(line, headers, body)


@dataclass(frozen=True)
class LocalGateway:
    """A gateway that serves, and its upstream."""

    port: int
    url: str
    upstream: FakeUpstream
    ring: KeyRing


@asynccontextmanager
async def local_gateway(folder: Path, script: Script | None = answer_ok) -> AsyncIterator[LocalGateway]:
    """The gateway on a free port. There is no database behind it, and without a script no upstream either."""
    upstream = FakeUpstream(script or answer_ok)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, limit=1 << 24)
    upstream.port = server.sockets[0].getsockname()[1]
    if script is None:
        server.close()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    ring = KeyRing.load_or_create(folder / "keys.json", folder / "jwks.json")
    config = GatewayConfig.from_environment(_environment(folder, port, upstream.port))
    gateway = server_for(config, ring)
    task = asyncio.create_task(gateway.serve([listener]))
    try:
        yield LocalGateway(port, f"http://127.0.0.1:{port}", upstream, ring)
    finally:
        gateway.should_exit = True
        await task
        server.close()


def _environment(folder: Path, port: int, upstream_port: int) -> dict[str, str]:
    return {
        "SUPABASE_URL": f"http://127.0.0.1:{port}",
        "AUTH_DATABASE_URL": f"postgresql://nobody:nothing@127.0.0.1:{unused_port()}/postgres",
        "POSTGREST_URL": f"http://127.0.0.1:{upstream_port}",
        "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE,
        "SUPABASE_SECRET_KEY": SECRET,
        "KEYS_FILE": str(folder / "keys.json"),
        "JWKS_FILE": str(folder / "jwks.json"),
    }


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def raw_connection(port: int) -> AsyncIterator[tuple[Reader, Writer]]:
    """A client that sends exactly the bytes it is given."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        yield reader, writer
    finally:
        writer.close()


async def exchange(port: int, request: bytes) -> bytes:
    """All that is answered to these bytes until the connection ends (ask for `connection: close`)."""
    async with raw_connection(port) as (reader, writer):
        writer.write(request)
        return await reader.read()


def get(target: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    """The bytes of a request that ends its connection, with the publishable key."""
    lines = [f"{method} {target} HTTP/1.1", "host: gateway", f"apikey: {PUBLISHABLE}", "connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def client_of(gateway: LocalGateway) -> httpx.AsyncClient:
    """A client of the gateway with the publishable key."""
    return httpx.AsyncClient(base_url=gateway.url, headers={"apikey": PUBLISHABLE}, timeout=30)
