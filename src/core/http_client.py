"""The one pooled HTTP client: how this server asks anything of another one (docs/decisions/0003-transport.md)."""

import asyncio
import random
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.response import ResponseBodyReader

from src.core.errors import BadUpstream, Unavailable, UpstreamTimeout

# PostgREST and the platform's edge close idle connections after 30 s or more; we let go first.
_IDLE_TIMEOUT = timedelta(seconds=20)
_CONNECT = timedelta(seconds=2)
_MAX_CONNECTIONS = 100
MAX_ANSWER_BYTES = 16 * 1024 * 1024
# A read is sent once more after these, and after a connection that failed.
_RETRYABLE_STATUSES = frozenset({502, 503})


class Answer(NamedTuple):
    """An upstream's answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def build_client() -> Client:
    """The pooled client. No cookies and no redirects: both would carry one person's answer into another's request."""
    return (
        ClientBuilder()
        .default_cookie_store(False)
        .follow_redirects(False)
        .referer(False)
        .http2(False)
        .max_connections(_MAX_CONNECTIONS)
        .connect_timeout(_CONNECT)
        .pool_idle_timeout(_IDLE_TIMEOUT)
        .user_agent("slow-burn")
        .build()
    )


class HttpClient:
    """Sends requests, each within its deadline, and says what went wrong: Unavailable or UpstreamTimeout.

    Reads may be asked twice. A write never is: pyreqwest reports a connection lost after sending and one never made
    alike, so we cannot prove that the first try did nothing. (Below us, hyper does repeat a request that it could not
    even begin to write to a closed pooled connection; that one is proven.)
    """

    def __init__(self, client: Client, *, timeout: float) -> None:
        self._client = client
        self.timeout = timeout

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        deadline: float | None = None,
    ) -> Answer:
        """Sends a request and reads its whole answer, whatever its status.

        `deadline` is on the clock of perf_counter; by default `timeout` seconds from now.
        Raises UpstreamTimeout when the time is up, Unavailable when no answer can be had, BadUpstream when it is larger
        than anything we ask for.
        """
        deadline = deadline or time.perf_counter() + self.timeout
        if method != "GET":
            return await self._send_once(method, url, headers, body, deadline)
        try:
            answer = await self._send_once(method, url, headers, body, deadline)
            if answer.status not in _RETRYABLE_STATUSES:
                return answer
        except Unavailable:
            pass
        await asyncio.sleep(random.uniform(0.02, 0.12))  # noqa: S311  # spreads the load, guards nothing
        return await self._send_once(method, url, headers, body, deadline)

    async def _send_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: float
    ) -> Answer:
        remaining = deadline - time.perf_counter()
        if remaining <= 0:
            raise UpstreamTimeout
        request = self._client.request(method, url).headers(headers).timeout(timedelta(seconds=remaining))
        if body is not None:
            request = request.body_bytes(body)
        try:
            async with request.build_streamed() as response:
                return Answer(response.status, response.headers, await _whole(response.body_reader))
        except RequestTimeoutError as error:
            raise UpstreamTimeout from error
        except PyreqwestError as error:
            raise Unavailable from error


async def _whole(reader: ResponseBodyReader) -> bytes:
    # In one step, since each goes through another thread; one byte more than may come.
    content = await reader.read(MAX_ANSWER_BYTES + 1)
    if content is None:
        return b""
    if len(content) > MAX_ANSWER_BYTES:
        raise BadUpstream
    return content.to_bytes()
