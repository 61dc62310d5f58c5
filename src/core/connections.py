"""uvicorn's HTTP/1.1 protocol with what it leaves open (docs/decisions/0034-http.md): how large the head of a request
may be, how long head and body may take, and how many connections there are.

`uvicorn --http src.core.connections:GuardedProtocol`. Its own limit of concurrency counts idle connections too, and
then answers 503 to everybody: a thousand idle sockets would be an outage.
"""

import asyncio
import json
import time
from collections import Counter, OrderedDict
from math import inf
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from src.core.client_address import network_of
from src.core.config import Settings
from src.core.errors import (
    AppError,
    HeadTooLarge,
    MalformedRequest,
    RequestTimeout,
    TooManyConnections,
    UriTooLong,
)
from src.core.open_files import free_files
from src.core.problems import MEDIA_TYPE, problem_document
from src.core.trace import Trace

MAX_HEAD_BYTES: Final = 32 * 1024
MAX_HEADERS: Final = 100
MAX_TARGET_BYTES: Final = 8 * 1024
MIN_BYTES_PER_SECOND: Final = 4096
"""A body may take `body_seconds`, and a second more for so many bytes that have come."""
MAX_SEND_SECONDS: Final = 60.0
"""How long a client may read nothing of its answer."""
_LINGER_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 1.0


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `deadline` is when the sweeper ends it: inf while the server is what is waited for."""

    def __init__(
        self,
        config: Any,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._table = ConnectionTable.of(server_state, app_state["settings"], self.loop)
        self._settings = self._table.settings
        self._refusal: AppError | None = None
        self._head_is_open = self._is_ended = False
        self._fed = self._piece = 0
        self.deadline = self.send_deadline = inf
        self.peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.peer = (network_of(self.client[0]) or self.client[0]) if self.client else ""
        # A proxy opens connections before it needs them; nobody else has a reason to say nothing.
        patience = self.timeout_keep_alive if self._settings.trusted_proxy_hops else 0
        self.deadline = time.monotonic() + patience + self._settings.header_seconds
        if not self._table.add(self):
            # Without the time to read it that others get: there are too many already.
            self._is_ended = True
            transport.write(_answer(TooManyConnections()))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._table.remove(self)
        super().connection_lost(exc)

    # Called by the transport.

    def data_received(self, data: bytes) -> None:
        if self._is_ended:
            return
        self._piece = len(data)
        self._fed += self._piece
        super().data_received(data)
        if self._head_is_open and self._fed > MAX_HEAD_BYTES:
            self._end_with(HeadTooLarge())

    def pause_writing(self) -> None:
        self.send_deadline = time.monotonic() + MAX_SEND_SECONDS
        super().pause_writing()

    def resume_writing(self) -> None:
        self.send_deadline = inf
        super().resume_writing()

    # Called by the parser.

    def on_message_begin(self) -> None:
        self._head_is_open = True
        self._fed = self._piece
        self.deadline = time.monotonic() + self._settings.header_seconds
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_is_open = False
        self._refusal = self._judge_head()
        if self._refusal is not None:
            raise self._refusal  # httptools makes a parser's error of it, and uvicorn calls send_400_response
        self._table.idle.pop(self, None)
        self.deadline = time.monotonic() + self._settings.body_seconds
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        latest = time.monotonic() + self._settings.body_seconds
        self.deadline = min(self.deadline + len(body) / MIN_BYTES_PER_SECOND, latest)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.deadline = inf
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            self._table.idle[self] = None
            self.deadline = time.monotonic() + self.timeout_keep_alive + self._settings.header_seconds
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's own words
        self._end_with(self._refusal or MalformedRequest())

    # Called by the table.

    def expire(self) -> None:
        """Its time is up: says so where something had begun."""
        if self._is_ended:
            self.transport.abort()
        elif self.flow.read_paused and self.send_deadline == inf:
            # It is we who do not read: the request waits for its turn.
            self.deadline = time.monotonic() + self._settings.body_seconds
        elif self._head_is_open or self._under_way is not None:
            self._end_with(RequestTimeout())
        else:
            self.transport.close()

    @property
    def _under_way(self) -> RequestResponseCycle | None:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first
        return None if cycle is None or cycle.response_complete else cycle

    def _judge_head(self) -> AppError | None:
        if len(self.url) > MAX_TARGET_BYTES:
            return UriTooLong()
        # What has come in all is more than the head: only where that is too much are headers worth counting.
        if len(self.headers) > MAX_HEADERS or (self._fed > MAX_HEAD_BYTES and self._head_bytes() > MAX_HEAD_BYTES):
            return HeadTooLarge()
        return None

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _end_with(self, error: AppError) -> None:
        """Answers, unless an answer has begun, and closes once the client has had time to read it.

        At once, the system would reset the connection for what has not been read, and the answer would be lost.
        """
        cycle = self._under_way
        self._head_is_open, self._is_ended = False, True
        if self.transport.is_closing():
            return
        if self.send_deadline < inf or (cycle is not None and cycle.response_started):
            self.transport.abort()
            return
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self._table.idle.pop(self, None)
        self.deadline = time.monotonic() + _LINGER_SECONDS
        self.flow.resume_reading()
        self.transport.write(_answer(error))
        self.transport.write_eof()


class ConnectionTable:
    """The connections of one server: how many there are of each address, which are idle, and when each must end."""

    _tables: WeakKeyDictionary[ServerState, "ConnectionTable"] = WeakKeyDictionary()

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self.idle: OrderedDict[GuardedProtocol, None] = OrderedDict()
        self._connections: set[GuardedProtocol] = set()
        self._by_peer: Counter[str] = Counter()
        self._loop = loop
        self._sweep: asyncio.TimerHandle | None = None
        self._max = min(settings.max_connections, free_files())
        # Behind proxies all connections are theirs; requests are counted by address then (src/core/limits.py).
        self._max_per_peer = self._max if settings.trusted_proxy_hops else settings.max_connections_per_address

    @classmethod
    def of(cls, server_state: ServerState, settings: Settings, loop: asyncio.AbstractEventLoop) -> "ConnectionTable":
        table = cls._tables.get(server_state)
        if table is None:
            table = cls._tables[server_state] = cls(settings, loop)
        return table

    def add(self, connection: GuardedProtocol) -> bool:
        """Whether there is room: where there is none, the connection that is idle for the longest time makes it."""
        self._connections.add(connection)
        self._by_peer[connection.peer] += 1
        if self._sweep is None:
            self._sweep = self._loop.call_later(_SWEEP_SECONDS, self._end_late_ones)
        if self._by_peer[connection.peer] > self._max_per_peer:
            return False
        if len(self._connections) > self._max:
            if not self.idle:
                return False
            oldest, _ = self.idle.popitem(last=False)
            oldest.transport.abort()
        self.idle[connection] = None
        return True

    def remove(self, connection: GuardedProtocol) -> None:
        self._connections.discard(connection)
        self.idle.pop(connection, None)
        self._by_peer[connection.peer] -= 1
        if not self._by_peer[connection.peer]:
            del self._by_peer[connection.peer]

    def _end_late_ones(self) -> None:
        """One look at all connections a second costs less than a timer for each request."""
        now = time.monotonic()
        for connection in list(self._connections):
            if min(connection.deadline, connection.send_deadline) < now:
                connection.expire()
        self._sweep = self._loop.call_later(_SWEEP_SECONDS, self._end_late_ones) if self._connections else None


def _answer(error: AppError) -> bytes:
    trace = Trace(None)
    body = json.dumps(problem_document(error, path="", trace=trace)).encode()
    headers = {
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-request-id": trace.request_id,
        "connection": "close",
        **error.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[error.status] + f"{lines}\r\n".encode() + body
