"""The one pooled HTTP client: how this server asks anything of another one (docs/decisions/0003-transport.md)."""

import asyncio
import random
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError

from src.core.errors import Unavailable, UpstreamTimeout

# PostgREST and the platform's edge close idle connections after 30 s or more; we let go first.
_IDLE = timedelta(seconds=20)
_CONNECT = timedelta(seconds=2)
_CONNECTIONS = 100
# A read is asked once more when the connection failed or the other side said "not now".
_ASK_AGAIN = frozenset({502, 503})


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
        .max_connections(_CONNECTIONS)
        .connect_timeout(_CONNECT)
        .pool_idle_timeout(_IDLE)
        .user_agent("slow-burn")
        .build()
    )


class Upstream:
    """Sends requests within a budget and names what went wrong: Unavailable or UpstreamTimeout.

    Reads may be asked twice. A write never is: pyreqwest reports a connection lost after sending and one never made
    alike, so we cannot prove that the first try did nothing. (Below us, hyper does repeat a request that it could not
    even begin to write to a closed pooled connection; that one is proven.)
    """

    def __init__(self, client: Client, *, budget: float) -> None:
        self._client = client
        self._budget = budget

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        budget: float | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status.

        Raises UpstreamTimeout when the budget (seconds) is spent and Unavailable when no answer can be had.
        """
        deadline = time.monotonic() + (budget or self._budget)
        if method != "GET":
            return await self._send_once(method, url, headers, body, deadline)
        try:
            answer = await self._send_once(method, url, headers, body, deadline)
            if answer.status not in _ASK_AGAIN:
                return answer
        except Unavailable:
            pass
        await asyncio.sleep(random.uniform(0.02, 0.12))  # noqa: S311  # spreads the load, guards nothing
        return await self._send_once(method, url, headers, body, deadline)

    async def _send_once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: float
    ) -> Answer:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise UpstreamTimeout
        request = self._client.request(method, url).headers(headers).timeout(timedelta(seconds=remaining))
        if body is not None:
            request = request.body_bytes(body)
        try:
            response = await request.build().send()
            content = await response.bytes()
        except RequestTimeoutError as error:
            raise UpstreamTimeout from error
        except PyreqwestError as error:
            raise Unavailable from error
        return Answer(response.status, response.headers, content.to_bytes())
