"""A real HTTP server that misbehaves on demand: the other end of our transport, never a stand-in for our own code."""

import asyncio
import json
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. Header names are lower case; `connection` numbers the connections from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Exchange:
    """One request to answer, on a connection that the script may also break."""

    request: Seen
    writer: asyncio.StreamWriter
    hung_up: asyncio.Event

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; keyword arguments are headers, with _ for -."""
        await self.raw(head(status, {"content-length": str(len(body)), **_named(headers)}) + body)

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def stall(self) -> None:
        """Says nothing more, until the client hangs up or the server closes."""
        await self.hung_up.wait()

    def reset(self) -> None:
        """Breaks the connection with a TCP reset."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.writer.transport.abort()


Script = Callable[[Exchange], Awaitable[None]]


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The head of an HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def says(document: object, status: int = 200, **headers: str) -> Script:
    """Answers with this JSON."""
    body = json.dumps(document).encode()

    async def script(exchange: Exchange) -> None:
        await exchange.answer(status, body, content_type="application/json", **headers)

    return script


def in_turn(*scripts: Script) -> Script:
    """The first request gets the first script, and so on; the last script answers all that follow."""
    waiting = list(scripts)

    async def script(exchange: Exchange) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(exchange)

    return script


async def stalls(exchange: Exchange) -> None:
    await exchange.stall()


async def resets(exchange: Exchange) -> None:
    exchange.reset()


class _Reader(asyncio.StreamReader):
    """Knows when the client has hung up, without reading."""

    def __init__(self) -> None:
        super().__init__()
        self.hung_up = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.hung_up.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.hung_up.set()


@dataclass
class ScriptedServer:
    """Listens on a free port of 127.0.0.1, records what arrives and answers as `script` says."""

    script: Script
    port: int = 0
    resets_on_connect: bool = False
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    _open: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str) -> int:
        """How many requests of this method have arrived."""
        return Counter(request.method for request in self.seen)[method]

    async def serve(self, reader: "_Reader", writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._converse(reader, writer, self.connections)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client hung up, or the test is over: both end a conversation
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: "_Reader", writer: asyncio.StreamWriter, number: int) -> None:
        if self.resets_on_connect:
            Exchange(Seen("", "", {}, b"", number), writer, reader.hung_up).reset()
            return
        while not writer.is_closing() and (request := await _read(reader, number)):
            self.seen.append(request)
            await self.script(Exchange(request, writer, reader.hung_up))

    async def close(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


async def _read(reader: asyncio.StreamReader, connection: int) -> Seen | None:
    try:
        start = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = start.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, target, headers, body, connection)


@asynccontextmanager
async def scripted(script: Script, *, resets_on_connect: bool = False) -> AsyncIterator[ScriptedServer]:
    """A scripted server for the length of a block."""
    server = ScriptedServer(script, resets_on_connect=resets_on_connect)

    def protocol() -> asyncio.StreamReaderProtocol:
        reader = _Reader()

        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server.serve(reader, writer)

        return asyncio.StreamReaderProtocol(reader, serve)

    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.close()
        await listener.wait_closed()
