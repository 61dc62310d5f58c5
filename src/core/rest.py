"""Requests to PostgREST, for both gateways: an answer that is an error is raised as an AppError."""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from src.core.errors import BadUpstream
from src.core.http_client import Answer, HttpClient
from src.core.rest_errors import Constraints, translate_error_answer
from src.core.trace import Trace

# The code of private.check_request for a person with too many requests at once (too_many_connections). It did nothing.
_TOO_MANY_AT_ONCE = b'"53300"'
_LAST_TRY_BEFORE_DEADLINE = 1.0


class RestClient:
    """Shared by all requests. `constraints`: what to tell a person who violates one."""

    def __init__(self, http: HttpClient, constraints: Constraints) -> None:
        self.http = http
        self._constraints = constraints

    def new_deadline(self) -> float:
        """The deadline of a request that begins now, on the clock of perf_counter."""
        return time.perf_counter() + self.http.timeout

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: Any = None,
        deadline: float | None = None,
        accept: int | None = None,
        trace: Trace,
    ) -> Answer:
        """Returns an answer with a status of success, or with the status `accept`. Raises AppError for any other."""
        body = None if json is None else to_json(json)
        if body is not None:
            headers = {**headers, "content-type": "application/json"}
        started = time.perf_counter()
        try:
            answer = await self._send(method, url, headers, body, deadline or self.new_deadline())
        finally:
            trace.add("db", started)
        # Redirects count as failures too: following one would carry the token somewhere else.
        if not 200 <= answer.status < 300 and answer.status != accept:
            raise translate_error_answer(answer, self._constraints)
        return answer

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: float
    ) -> Answer:
        # The database runs a few requests of one person at once; an app may well send more. The others wait here, where
        # they hold none of PostgREST's connections.
        while True:
            answer = await self.http.send(method, url, headers=headers, body=body, deadline=deadline)
            is_busy = answer.status == 429 and _TOO_MANY_AT_ONCE in answer.body
            if not is_busy or time.perf_counter() > deadline - _LAST_TRY_BEFORE_DEADLINE:
                return answer
            await asyncio.sleep(random.uniform(0.02, 0.1))  # noqa: S311  # spreads the load, guards nothing


def decode_json(answer: Answer) -> Any:
    """The document of an answer; None for an empty body. Raises BadUpstream for anything but JSON."""
    try:
        return from_json(answer.body) if answer.body else None
    except ValueError as error:
        raise BadUpstream from error
