"""The way to PostgREST: the only file that knows /rest/v1, postgrest-py and what PostgREST says when it fails.

postgrest-py writes the query; we send it ourselves through the one pooled client, because its own sending costs five
times the CPU, repeats requests on its own terms and loses the HTTP status (docs/decisions/0003-transport.md).
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol, cast
from uuid import uuid4

import httpx
from cachetools import LRUCache
from postgrest import AsyncPostgrestClient, AsyncRequestBuilder

from src.core.auth import Principal
from src.core.config import Settings
from src.core.documents import Document, parse_document
from src.core.errors import BadUpstream, NotFound, PreconditionFailed
from src.core.etags import to_timestamps
from src.core.http_client import Answer
from src.core.pagination import Row, Rows, RowsJson
from src.core.rest import RestClient, decode_json
from src.core.trace import Trace

__all__ = ["OWNER", "Query", "Row", "Rows", "RowsJson", "UserGateway", "first_or_404", "object_or_404", "row_of"]

_RANGE_NOT_SATISFIABLE = 416
_MAX_ROWS = 1000


class _UnusedTransport(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"{request.method} {request.url.path}: queries are sent by the gateway, not executed")


# postgrest-py wants an httpx client to hold on to; this one never sends. One for all: it has no state.
_NEVER_SENDS = httpx.AsyncClient(transport=_UnusedTransport())


OWNER = str(uuid4())
"""Stands for the person's id in a query that is written once for everybody."""


class _Written(NamedTuple):
    """A query that postgrest-py has written, without anything of one person."""

    url: str
    headers: Mapping[str, str]


# By the address of PostgREST and what the query depends on.
_written: LRUCache[Hashable, _Written] = LRUCache(1024)


class _PreparedRequest(Protocol):
    """What postgrest-py's builders know about the request they describe."""

    path: Any
    http_method: str
    headers: httpx.Headers
    params: httpx.QueryParams
    json: Any


class Query(Protocol):
    """Any postgrest-py query: `table(…).select(…)`, `.insert(…)`, `rpc(…)` and so on."""

    request: Any


class _CreateResult(Document):
    answer: Row
    replayed: bool


class UserGateway:
    """PostgREST as one person: their token goes along, so that row-level security decides. Made per request."""

    def __init__(self, rest: RestClient, settings: Settings, principal: Principal, trace: Trace) -> None:
        self._rest = rest
        self._trace = trace
        # One deadline for the whole request, however many questions it asks. From here, not from the first byte of the
        # request: how long a phone takes to send its body is not the database's time.
        self._deadline = rest.new_deadline()
        self.user_id = str(principal.id)
        self._url = settings.rest_url
        self._credentials = {
            "apikey": settings.supabase_publishable_key,
            "authorization": f"Bearer {principal.token}",
        }

    @cached_property
    def _client(self) -> AsyncPostgrestClient:
        return _client(self._url, self._credentials)

    def renew_deadline(self) -> None:
        """Starts the time over: for what outlasts a request, because it streams, is uploaded or asks a model."""
        self._deadline = self._rest.new_deadline()

    def table(self, name: str) -> AsyncRequestBuilder:
        return self._client.from_(name)

    async def rows(self, query: Query) -> list[Row]:
        return _rows(await self._send(query))

    async def one(self, query: Query) -> Row:
        """Returns the one row of a query. Raises NotFound."""
        return first_or_404(await self.rows(query))

    async def fetch_all(self, ordered: Callable[[], Any]) -> list[Row]:
        """Returns all rows of an ordered query, in several requests: one answers 1,000 rows at most."""
        rows: list[Row] = []
        while len(rows) % _MAX_ROWS == 0:
            more = await self.rows(ordered().range(len(rows), len(rows) + _MAX_ROWS - 1))
            if not more:
                break
            rows += more
        return rows

    async def change(
        self,
        query: Any,
        columns: str,
        unchanged_since: Sequence[datetime] | None,
        check_exists: Callable[[], Awaitable[object]],
    ) -> Row:
        """Returns the one row that an update or a deletion changed, if it was in one of the expected states.

        Raises what `check_exists` raises for a row that is not there, and PreconditionFailed for one in another state.
        """
        if unchanged_since is not None:
            query = query.in_("updated_at", to_timestamps(unchanged_since))
        rows = await self.rows(query.select(columns))
        if not rows and unchanged_since is not None:
            # Nothing matched: because of the condition, or because there is no such row?
            await check_exists()
            raise PreconditionFailed
        return first_or_404(rows)

    async def page(self, query: Query) -> Rows:
        """Returns a page of a query built with count="exact". Past the end it is empty, with the true total."""
        answer = await self._send(query, accept=_RANGE_NOT_SATISFIABLE)
        items = [] if answer.status == _RANGE_NOT_SATISFIABLE else _rows(answer)
        return Rows(items, _total(answer))

    async def page_json(self, key: Hashable, write: Callable[[AsyncPostgrestClient], Query]) -> RowsJson:
        """Like page(), for a query that is written once for everybody: `write` puts OWNER for the person's id.

        `key` must hold everything else that the query depends on.
        """
        known = (self._url, key)
        written = _written.get(known)
        if written is None:
            prepared = cast("_PreparedRequest", write(_client(self._url, {})).request)
            written = _written[known] = _Written(_url_of(prepared), dict(prepared.headers.items()))
        answer = await self._rest.send(
            "GET",
            written.url.replace(OWNER, self.user_id),
            headers={**written.headers, **self._credentials},
            deadline=self._deadline,
            accept=_RANGE_NOT_SATISFIABLE,
            trace=self._trace,
        )
        return RowsJson(b"[]" if answer.status == _RANGE_NOT_SATISFIABLE else answer.body, _total(answer))

    async def call(self, function: str, params: Mapping[str, Any], *, columns: str = "*") -> Any:
        """Calls a SQL function that changes something, so it is never sent twice.

        `columns`: of the rows that it returns, computed ones too.
        """
        query = self._client.rpc(function, dict(params))
        return decode_json(await self._send(query if columns == "*" else query.select(columns)))

    async def call_or_404(self, function: str, params: Mapping[str, Any]) -> None:
        """Calls a SQL function that answers whether there was something to change. Raises NotFound when not."""
        if not await self.call(function, params):
            raise NotFound

    async def read(self, function: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls a SQL function that only reads, so it may be sent twice. Parameters that are None are left out."""
        given = {name: str(value) for name, value in (params or {}).items() if value is not None}
        return decode_json(await self._send(self._client.rpc(function, given, get=True)))

    async def create(self, function: str, payload: Row, idempotency_key: str | None) -> tuple[Row, bool]:
        """Calls a function that creates a row. Returns the row, and whether this key had created it before."""
        answer = await self.call(function, {"payload": payload, "idempotency_key": idempotency_key})
        made = parse_document(_CreateResult.model_validate, answer)
        return made.answer, made.replayed

    async def _send(self, query: Query, *, accept: int | None = None) -> Answer:
        prepared = cast("_PreparedRequest", query.request)
        return await self._rest.send(
            prepared.http_method,
            _url_of(prepared),
            headers=dict(prepared.headers.items()),
            json=prepared.json,
            deadline=self._deadline,
            accept=accept,
            trace=self._trace,
        )


def _client(url: str, headers: dict[str, str]) -> AsyncPostgrestClient:
    return AsyncPostgrestClient(url, headers=headers, http_client=_NEVER_SENDS, retry_enabled=False)


def _url_of(prepared: _PreparedRequest) -> str:
    return f"{prepared.path}?{prepared.params}" if prepared.params else str(prepared.path)


def _total(answer: Answer) -> int:
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    if not total.isdecimal():
        raise BadUpstream
    return int(total)


def _rows(answer: Answer) -> list[Row]:
    rows = decode_json(answer)
    if not isinstance(rows, list):
        raise BadUpstream
    return rows


def row_of(value: Any) -> Row:
    """The answer of a function, which must be an object. Raises BadUpstream."""
    if not isinstance(value, dict):
        raise BadUpstream
    return value


def first_or_404(rows: list[Row]) -> Row:
    """The first row. Raises NotFound when there is none."""
    if not rows:
        raise NotFound
    return rows[0]


def object_or_404(document: Any) -> Row:
    """The answer of a function, which is null for a row that does not exist. Raises NotFound."""
    if document is None:
        raise NotFound
    return row_of(document)
